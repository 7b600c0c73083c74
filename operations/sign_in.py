"""Sign in, sign out, change one's own password. A wrong password and an unknown user cost the same work and words."""

from collections.abc import Callable
from dataclasses import dataclass, field

from access import SYSTEM, Actor
from auth.actors import actor_of
from auth.attempts import begin_attempt, forget_failures
from auth.passwords import check_password, hash_password, password_refusal
from auth.sessions import end_session, end_sessions_of, open_session
from database import write_transaction
from licensing.moment import Moment
from licensing.search_key import search_key
from licensing.wording import Sentence
from models import User
from operations.audit import AuditAction, record
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound


class SignInRefused(Exception):
    """User name or password is wrong, or the user is not active; which of them is not told."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was typed and where it came from; secret keys what is kept of failures."""

    username: str
    password: str = field(repr=False)
    address: str
    secret: str = field(repr=False)

    @property
    def key(self) -> str:
        """The user name as it is found."""
        return search_key(self.username)


def sign_in(attempt: Attempt, *, moment: Moment, pause: Callable[[float], object]) -> str:
    """Check the password and open a session; gives its token.

    pause is called with the seconds to wait before the password is looked at, no transaction being open. Raises
    SignInRefused and TooManyFailures.
    """
    pause(begin_attempt(attempt.key, attempt.address, secret=attempt.secret, now=moment.real_now))
    user = _find(attempt.key)
    check = check_password(attempt.password, stored=None if user is None else user.password_hash)
    if user is None or not user.is_active or not check.is_right:
        _audit(AuditAction.USER_SIGN_IN_FAILED, user, actor=SYSTEM, moment=moment)
        raise SignInRefused
    with write_transaction():
        forget_failures(attempt.key, attempt.address, secret=attempt.secret)
        if check.needs_rehash:
            User.update(password_hash=hash_password(attempt.password)).where(User.id == user.id).execute()
        _audit(AuditAction.USER_SIGNED_IN, user, actor=actor_of(user), moment=moment)
        return open_session(user.id, now=moment.real_now)


def sign_out(token: str, *, actor: Actor, moment: Moment) -> None:
    """End that session."""
    with write_transaction():
        user = _own(actor)
        end_session(token)
        _audit(AuditAction.USER_SIGNED_OUT, user, actor=actor, moment=moment)


def change_password(
    new: str, *, current: Attempt, actor: Actor, moment: Moment, pause: Callable[[float], object]
) -> str:
    """Change one's own password: every session of the user ends, and the token of a new one is given.

    current carries the present password, whose failures count like those of a sign-in. Raises FieldsRefused with the
    fields current_password and new_password, and TooManyFailures.
    """
    pause(begin_attempt(current.key, current.address, secret=current.secret, now=moment.real_now))
    user = _own(actor)
    if not check_password(current.password, stored=user.password_hash).is_right:
        raise FieldsRefused({"current_password": Sentence("This is not your current password.")})
    forget_failures(current.key, current.address, secret=current.secret)
    _refuse_password(user, current.password, new)
    columns = {"password_hash": hash_password(new), "must_change_password": False}
    with write_transaction():
        User.update(**columns).where(User.id == user.id).execute()
        end_sessions_of(user.id)
        _audit(AuditAction.USER_PASSWORD_CHANGED, user, actor=actor, moment=moment)
        return open_session(user.id, now=moment.real_now)


def _find(key: str) -> User | None:
    # A database refuses to look for some of what can be typed, NUL for one; nobody has such a name.
    return User.get_or_none(User.username_key == key) if key.isprintable() else None


def _own(actor: Actor) -> User:
    user = User.select().where(User.id == actor.user_id, User.is_active).first()
    if user is None:
        raise NotFound(actor.user_id)
    return user  # type: ignore[no-any-return]


def _refuse_password(user: User, current: str, new: str) -> None:
    words = (user.name, user.surname, user.reseller.name if user.reseller else "")
    reason = password_refusal(new, username=user.username, words=words)
    if reason is not None:
        raise FieldsRefused({"new_password": Sentence("%(reason)s", {"reason": reason})})
    if new == current:
        raise FieldsRefused({"new_password": Sentence("The new password is the current one.")})


def _audit(action: AuditAction, user: User | None, *, actor: Actor, moment: Moment) -> None:
    record(
        action,
        actor=actor,
        now=moment.now,
        subject="user",
        subject_id=None if user is None else user.id,
        reseller_id=None if user is None else user.reseller_id,
    )
