"""Flask-Login's side of a session: the cookie carries the session's token, never a user id."""

from flask_login import LoginManager, UserMixin

from auth.actors import actor_of
from auth.sessions import find_session
from clock import real_now
from models import User


class SignedIn(UserMixin):  # type: ignore[misc]
    """A user with the session through which the request came.

    is_unusual: something about the vendor may have to be told on every page.
    """

    def __init__(self, user: User, token: str, *, is_unusual: bool) -> None:
        self.user = user
        self.token = token
        self.is_unusual = is_unusual
        self.actor = actor_of(user)

    def get_id(self) -> str:
        """What the cookie carries: the session's token."""
        return self.token


def find_signed_in(token: str) -> SignedIn | None:
    """Who is signed in by that token; None where the session has ended or the user is not active."""
    session = find_session(token, now=real_now())
    return None if session is None else SignedIn(session.user, token, is_unusual=bool(session.is_unusual))


def login_manager() -> LoginManager:
    """Flask-Login reading our sessions. Its own protection compares addresses, which change on a phone: off."""
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(find_signed_in)
    return manager
