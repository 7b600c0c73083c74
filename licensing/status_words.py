"""The status of a licence in words (product.md, Status texts): decided here, translated by a presenter."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from licensing.commands import Licence
from licensing.lifecycle import licence_state
from licensing.states import CommandState, LicenceState
from licensing.terms import use_ends_on
from licensing.wording import Sentence, date_text


def status_sentence(licence: Licence, open_state: str | None, *, now: datetime, zone: ZoneInfo) -> Sentence:
    """The status at that instant; a command on its way, whose state open_state is, hides what is behind it."""
    if open_state == CommandState.PARKED:
        return Sentence("Outcome unknown, a person must decide")
    if open_state == CommandState.UNKNOWN:
        return Sentence("Outcome unknown, being checked")
    state = licence_state(licence, now, zone)
    if open_state is not None or state is LicenceState.PENDING:
        return Sentence("Pending")
    return _settled(state, use_ends_on(licence))


def _settled(state: LicenceState, ends_on: date | None) -> Sentence:
    day = {"day": "" if ends_on is None else date_text(ends_on)}
    match state:
        case LicenceState.FAILED:
            return Sentence("Failed")
        case LicenceState.SOFT_CANCELLED | LicenceState.HARD_CANCELLED:
            return Sentence("Active until the date of cancellation: %(day)s", day)
        case LicenceState.CANCELLED_ENDED:
            return Sentence("Expired - Cancellation Date: %(day)s", day)
        case LicenceState.EXPIRED:
            return Sentence("Expired: %(day)s", day)
        case _:
            return Sentence("Active")
