"""Home: what stands now, what ends soon and what needs a person."""

from flask_admin import BaseView, expose

from admin_views.shell import Screen


class HomeView(Screen, BaseView):
    """The first page after signing in."""

    @expose("/")
    def index(self) -> str:
        return self.render("home.html")
