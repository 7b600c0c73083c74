"""One's own account as its page shows it."""

from access import Actor
from models import User


def own_picture(*, actor: Actor) -> tuple[bytes, str] | None:
    """The actor's picture and its media type; None where there is none."""
    row = User.select(User.picture, User.picture_type).where(User.id == actor.user_id).tuples().first()
    return None if row is None or row[0] is None else (bytes(row[0]), row[1])
