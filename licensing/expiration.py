"""Which expiration months a command may set, and which one its dialog proposes (domain.md, Life cycle)."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from licensing.commands import Licence
from licensing.states import CommandKind
from licensing.terms import Month, month_of

# Far beyond any contract, and still a month whose neighbours can be computed.
LAST_EXPIRATION = Month(2199, 12)
_DATED_KINDS = frozenset({CommandKind.CREATE, CommandKind.RENEW, CommandKind.RECREATE, CommandKind.REDUCE})


@dataclass(frozen=True, slots=True)
class LegalMonths:
    """The months a date field accepts, both ends included; use ends on the 1st of the chosen month."""

    earliest: Month
    latest: Month
    allows_unlimited: bool

    @property
    def has_any(self) -> bool:
        """Whether anything at all may be chosen, a month or blank."""
        return self.allows_unlimited or self.earliest <= self.latest


def legal_months(kind: CommandKind, licence: Licence, *, now: datetime, zone: ZoneInfo) -> LegalMonths | None:
    """The months the command may set on the licence at that instant; None for a command without a date."""
    if kind not in _DATED_KINDS:
        return None
    next_month = month_of(now, zone).next()
    if kind is CommandKind.REDUCE:
        return LegalMonths(next_month, _last_before(licence.expires_on), allows_unlimited=False)
    earliest = next_month
    is_extension = kind is CommandKind.RENEW and licence.cancelled_on is None and licence.expires_on is not None
    if is_extension and licence.expires_on is not None:
        earliest = max(earliest, Month.of(licence.expires_on).next())
    return LegalMonths(earliest, LAST_EXPIRATION, allows_unlimited=True)


def _last_before(expires_on: date | None) -> Month:
    return LAST_EXPIRATION if expires_on is None else Month.of(expires_on).previous()


def proposed_expiration(licence: Licence, *, now: datetime, zone: ZoneInfo) -> Month | None:
    """The former expiration that Renew and Recreate propose after a cancel; None leaves the field blank (unlimited).

    A former expiration that is not after today cannot be set again, so it is not proposed.
    """
    if licence.cancelled_on is None or licence.expires_on is None:
        return None
    former = Month.of(licence.expires_on)
    return former if former > month_of(now, zone) else None
