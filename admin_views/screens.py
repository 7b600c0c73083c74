"""Every Flask-Admin view of the product, in one list: a screen that is not here does not exist."""

from flask_admin import BaseView


def all_screens() -> list[BaseView]:
    """The views to register; each says itself where it stands in the menu and who may open it."""
    return []
