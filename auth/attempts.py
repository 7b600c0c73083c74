"""What is remembered of sign-ins that failed and of human checks that were used. Real time throughout."""

from datetime import datetime

from peewee import IntegrityError, fn

from auth.throttle import WINDOW, Tally, Verdict, address_hash, judge, username_hash
from database import db, write_transaction
from models import LoginFailure, UsedChallenge


class TooManyFailures(Exception):
    """The sign-in is not looked at; it may be tried again after wait_seconds."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"wait {wait_seconds} s")
        self.wait_seconds = wait_seconds


def begin_attempt(username_key: str, address: str, *, secret: str, now: datetime) -> float:
    """Count the attempt as a failure until forget_failures says otherwise; gives the seconds to pause before it.

    It is counted first so that many at the same time cannot all see the same few failures. Raises TooManyFailures.
    """
    username, source = username_hash(username_key, secret=secret), address_hash(address, secret=secret)
    with write_transaction():
        LoginFailure.delete().where(LoginFailure.failed_at <= now - WINDOW).execute()
        verdict = _verdict(username, source, now=now)
        if not verdict.is_allowed:
            raise TooManyFailures(verdict.wait_seconds)
        LoginFailure.create(username_hash=username, address_hash=source, failed_at=now)
    return verdict.delay_seconds


def forget_failures(username_key: str, address: str, *, secret: str) -> None:
    """Forget the failures of that user from that address: the right password has come from there."""
    username, source = username_hash(username_key, secret=secret), address_hash(address, secret=secret)
    query = LoginFailure.delete()
    query.where(LoginFailure.username_hash == username, LoginFailure.address_hash == source).execute()


def remember_challenge(token: str, expires_at: datetime) -> bool:
    """Note that a human check was used; False where it was used before."""
    try:
        with db.atomic():
            UsedChallenge.insert(token=token, expires_at=expires_at).execute()
    except IntegrityError:
        return False
    return True


def forget_old_challenges(*, now: datetime) -> None:
    """Remove the used challenges that have expired and would be refused anyway."""
    UsedChallenge.delete().where(UsedChallenge.expires_at <= now).execute()


def _verdict(username: str, source: str, *, now: datetime) -> Verdict:
    by_username, by_address = LoginFailure.username_hash == username, LoginFailure.address_hash == source
    return judge(
        together=_tally(by_username, by_address, now=now),
        by_address=_tally(by_address, now=now),
        by_username=_tally(by_username, now=now),
        now=now,
    )


def _tally(*conditions: object, now: datetime) -> Tally:
    query = LoginFailure.select(fn.COUNT(LoginFailure.id), fn.MAX(LoginFailure.failed_at))
    count, latest = query.where(*conditions, LoginFailure.failed_at > now - WINDOW).tuples()[0]
    return Tally(count=count, latest=latest)
