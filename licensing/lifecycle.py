"""What a licence is at an instant, and which commands it refuses and why (domain.md, Life cycle).

What a confirmed command does to a licence, apply_command, is written in effects.py and offered here; the words of the
refusals are in refusals.py, the legal dates in expiration.py.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from licensing.commands import Licence
from licensing.effects import apply_command
from licensing.expiration import LegalMonths, legal_months, proposed_expiration
from licensing.pricing import Band, quantity_limits
from licensing.refusals import FORBIDDEN, OpenCommand, Refusal, RefusalCode
from licensing.states import CommandKind, LicenceState
from licensing.terms import is_usable, use_ends_on
from licensing.wording import Sentence, clock_text, date_text, translatable

__all__ = [
    "BUTTONS",
    "QUANTITY_KINDS",
    "apply_command",
    "check_parameters",
    "legal_months",
    "licence_state",
    "proposed_expiration",
    "refusal",
    "refusals",
]

BUTTONS = (
    CommandKind.SOFT_CANCEL,
    CommandKind.HARD_CANCEL,
    CommandKind.MODIFY_ATTRIBUTES,
    CommandKind.MODIFY_QUANTITY,
    CommandKind.REDUCE,
    CommandKind.RECREATE,
    CommandKind.RENEW,
)
QUANTITY_KINDS = frozenset({CommandKind.CREATE, CommandKind.RECREATE, CommandKind.MODIFY_QUANTITY})


def licence_state(licence: Licence, now: datetime, zone: ZoneInfo) -> LicenceState:
    """The derived state at that instant. A cancelled licence that has ended stays told apart from an expired one."""
    if licence.is_failed:
        return LicenceState.FAILED
    if not licence.is_live:
        return LicenceState.PENDING
    is_cancelled = licence.cancelled_on is not None and licence.cancelled_on == use_ends_on(licence)
    if not is_usable(licence, now, zone):
        return LicenceState.CANCELLED_ENDED if is_cancelled else LicenceState.EXPIRED
    if licence.cancelled_on is None:
        return LicenceState.ACTIVE
    return LicenceState.HARD_CANCELLED if licence.is_hard_cancelled else LicenceState.SOFT_CANCELLED


def refusal(
    kind: CommandKind,
    licence: Licence,
    *,
    now: datetime,
    zone: ZoneInfo,
    quantity: int | None = None,
    expires_on: date | None = None,
    open_command: OpenCommand | None = None,
) -> Refusal | None:
    """Why the command cannot be sent at that instant; None where it can.

    Without values it is about the button. A quantity or date that is given is judged too, as at the claim of a command
    whose form was checked before; check_parameters() judges a form, where blank is an answer. open_command is another
    command of the licence that is not settled: at the claim a command's own row is not another one.
    """
    state = licence_state(licence, now, zone)
    return (
        _order_refusal(kind, state)
        or _open_refusal(open_command, now=now, zone=zone)
        or _state_refusal(kind, licence, state)
        or _no_date_refusal(kind, licence, now=now, zone=zone)
        or _same_quantity_refusal(kind, licence, quantity)
        or (None if expires_on is None else _date_refusal(kind, licence, expires_on, now=now, zone=zone))
    )


def refusals(
    licence: Licence, now: datetime, zone: ZoneInfo, *, open_command: OpenCommand | None = None
) -> dict[CommandKind, Refusal | None]:
    """For each of the seven buttons why it is disabled, None where it is enabled."""
    return {kind: refusal(kind, licence, now=now, zone=zone, open_command=open_command) for kind in BUTTONS}


def _order_refusal(kind: CommandKind, state: LicenceState) -> Refusal | None:
    if kind is CommandKind.CREATE:
        if state in {LicenceState.PENDING, LicenceState.FAILED}:
            return None
        return Refusal(RefusalCode.ORDERED_ALREADY, Sentence("Create is for a new subscription; this one exists."))
    if state is LicenceState.PENDING:
        return Refusal(RefusalCode.PENDING, Sentence("Pending: the order is not answered yet."))
    if state is LicenceState.FAILED:
        template = translatable("The order was refused and nothing exists at the vendor: use Order again.")
        return Refusal(RefusalCode.FAILED, Sentence(template))
    return None


def _open_refusal(open_command: OpenCommand | None, *, now: datetime, zone: ZoneInfo) -> Refusal | None:
    if open_command is None:
        return None
    values = {
        "command": str(open_command.kind),
        "time": clock_text(open_command.requested_at, now=now, zone=zone),
    }
    return Refusal(RefusalCode.OPEN_COMMAND, Sentence("%(command)s of %(time)s is on its way.", values))


def _state_refusal(kind: CommandKind, licence: Licence, state: LicenceState) -> Refusal | None:
    if (kind, state) == (CommandKind.RENEW, LicenceState.ACTIVE) and licence.expires_on is None:
        sentence = Sentence("%(command)s: nothing to renew, the licence is unlimited.", {"command": str(kind)})
        return Refusal(RefusalCode.UNLIMITED, sentence)
    cell = FORBIDDEN.get((kind, state))
    if cell is None:
        return None
    code, template = cell
    ends_on = use_ends_on(licence)
    values = {"command": str(kind), "ends_on": date_text(ends_on) if ends_on else ""}
    return Refusal(code, Sentence(template, values))


def _no_date_refusal(kind: CommandKind, licence: Licence, *, now: datetime, zone: ZoneInfo) -> Refusal | None:
    months = legal_months(kind, licence, now=now, zone=zone)
    if months is None or months.has_any or licence.expires_on is None:
        return None
    values = {"command": str(kind), "expires_on": date_text(licence.expires_on)}
    template = translatable("%(command)s: no earlier date is possible, the licence expires on %(expires_on)s.")
    return Refusal(RefusalCode.NO_LEGAL_DATE, Sentence(template, values))


def check_parameters(
    kind: CommandKind,
    licence: Licence,
    *,
    now: datetime,
    zone: ZoneInfo,
    bands: Sequence[Band],
    quantity: int | None = None,
    expires_on: date | None = None,
) -> Refusal | None:
    """Why the values of a form cannot be sent with a command that refusal() allows; None where they can.

    A blank date (None) means unlimited where the command allows it. bands are the product's volume bands of today,
    empty where it has no price list.
    """
    if kind in QUANTITY_KINDS:
        refused = _band_refusal(quantity, bands) or _same_quantity_refusal(kind, licence, quantity)
        if refused is not None:
            return refused
    return _date_refusal(kind, licence, expires_on, now=now, zone=zone)


def _band_refusal(quantity: int | None, bands: Sequence[Band]) -> Refusal | None:
    if not bands:
        return Refusal(RefusalCode.NO_PRICE, Sentence("The product has no prices this month."), "quantity")
    lowest, highest = quantity_limits(bands)
    if quantity is not None and any(band.min_quantity <= quantity <= band.max_quantity for band in bands):
        return None
    values = {"quantity": str(quantity), "min": str(lowest), "max": str(highest)}
    if quantity is None:
        code, template = RefusalCode.QUANTITY_MISSING, translatable("Enter a quantity from %(min)s to %(max)s.")
    else:
        code = RefusalCode.QUANTITY_OUTSIDE_BANDS
        template = translatable("%(quantity)s is outside the volume bands, which go from %(min)s to %(max)s.")
    return Refusal(code, Sentence(template, values), "quantity")


def _same_quantity_refusal(kind: CommandKind, licence: Licence, quantity: int | None) -> Refusal | None:
    if kind is not CommandKind.MODIFY_QUANTITY or quantity != licence.quantity:
        return None
    sentence = Sentence("The licence has %(quantity)s seats already.", {"quantity": str(quantity)})
    return Refusal(RefusalCode.SAME_QUANTITY, sentence, "quantity")


def _date_refusal(
    kind: CommandKind, licence: Licence, expires_on: date | None, *, now: datetime, zone: ZoneInfo
) -> Refusal | None:
    months = legal_months(kind, licence, now=now, zone=zone)
    if months is None or (expires_on is None and months.allows_unlimited):
        return None
    found = _date_fault(months, expires_on)
    if found is None:
        return None
    code, template = found
    values = {
        "command": str(kind),
        "chosen": _chosen_text(expires_on),
        "earliest": str(months.earliest),
        "latest": str(months.latest),
    }
    return Refusal(code, Sentence(template, values), "expires_on")


def _date_fault(months: LegalMonths, expires_on: date | None) -> tuple[RefusalCode, str] | None:
    if expires_on is None:
        return RefusalCode.DATE_MISSING, translatable("%(command)s needs a new expiration date.")
    if expires_on.day != 1:
        return RefusalCode.DATE_NOT_FIRST, translatable("%(chosen)s is not the first day of a month.")
    if expires_on < months.earliest.first_day:
        template = translatable("%(chosen)s is too early; the earliest new expiration date is %(earliest)s.")
        return RefusalCode.DATE_TOO_EARLY, template
    if expires_on > months.latest.first_day:
        template = translatable("%(chosen)s is too late; the latest new expiration date is %(latest)s.")
        return RefusalCode.DATE_TOO_LATE, template
    return None


def _chosen_text(expires_on: date | None) -> str:
    """A month as the dialog takes it, 2018-12; another day in full; nothing for blank."""
    if expires_on is None:
        return ""
    return f"{expires_on:%Y-%m}" if expires_on.day == 1 else date_text(expires_on)
