"""Signed-in browsers, kept by us: only the hash of a token is stored, and a row deleted is a session ended.

All instants here are real time, never the business clock.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from peewee import JOIN, SQL, fn

from database import literals
from licensing.states import OPEN_STATES, CommandKind
from models import Command, GatewayContact, GatewayHold, Reseller, Session, User

IDLE = timedelta(hours=1)
ABSOLUTE = timedelta(hours=12)
# A picture can have a megabyte, which a page view does not need.
_USER = [column for column in User._meta.sorted_fields if column is not User.picture]  # noqa: SLF001 - peewee's way
_CANCELS = (CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL)
# Asked with the session, as every page needs both: a statement of its own would be one more for each page.
_IS_UNUSUAL = (
    fn.EXISTS(GatewayHold.select(SQL("1")))
    | fn.EXISTS(GatewayContact.select(SQL("1")).where(GatewayContact.down_since.is_null(is_null=False)))
    | fn.EXISTS(Command.select(SQL("1")).where(Command.kind.in_(_CANCELS), Command.state.in_(literals(OPEN_STATES))))
)
# A page view within this time of the last one writes nothing.
_TOUCH = timedelta(minutes=1)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def open_session(user_id: int, *, now: datetime) -> str:
    """Begin a session and give its token, which is stored nowhere; sessions that are over are cleared away."""
    Session.delete().where((Session.expires_at <= now) | (Session.seen_at <= now - IDLE)).execute()
    token = secrets.token_urlsafe(32)
    Session.create(token_hash=_hash(token), user=user_id, created_at=now, seen_at=now, expires_at=now + ABSOLUTE)
    return token


def _find(token: str, *, now: datetime) -> Session | None:
    found: Session | None = (
        Session.select(Session, *_USER, Reseller, _IS_UNUSUAL.alias("is_unusual"))
        .join(User)
        .join(Reseller, JOIN.LEFT_OUTER)
        .where(
            (Session.token_hash == _hash(token))
            & (Session.expires_at > now)
            & (Session.seen_at > now - IDLE)
            & User.is_active
        )
        .first()
    )
    return found


def find_session(token: str, *, now: datetime) -> Session | None:
    """The session of an active user that is neither idle too long nor over, with user and reseller; notes it as seen.

    Its is_unusual says that something about the vendor may have to be told on every page.
    """
    session = _find(token, now=now)
    if session is None:
        return None
    if now - session.seen_at >= _TOUCH:
        Session.update(seen_at=now).where(Session.token_hash == session.token_hash).execute()
    return session


def end_session(token: str) -> None:
    """End one session (logout)."""
    Session.delete().where(Session.token_hash == _hash(token)).execute()


def end_sessions_of(user_id: int) -> None:
    """End every session of a user: after a change of password or role, and after deactivation."""
    Session.delete().where(Session.user == user_id).execute()
