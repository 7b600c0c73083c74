"""Whether the vendor can be reached and used, as every page and the clock process need to know it."""

from dataclasses import dataclass
from datetime import datetime

from peewee import SQL, Select, fn

from access import Actor
from database import db, literals
from licensing.moment import Moment
from licensing.states import OPEN_STATES, CommandKind
from licensing.terms import is_in_last_half_hour, month_start
from models import Command, GatewayContact, GatewayHold
from queries.scope import visible

_CANCELS = (CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL)
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class VendorState:
    """held is the reason of a hold, empty without one. unconfirmed_cancels are those that a month's end endangers."""

    held: str
    is_down: bool
    unconfirmed_cancels: int


def vendor_state(*, actor: Actor, moment: Moment) -> VendorState:
    """What stands in every page's frame, by one statement."""
    holds = GatewayHold.select(GatewayHold.reason).order_by(GatewayHold.held_at).limit(1)
    silent = GatewayContact.select(fn.COUNT(GatewayContact.gateway)).where(
        GatewayContact.down_since.is_null(is_null=False)
    )
    columns = (holds, silent, _unconfirmed_cancels(actor=actor, moment=moment))
    ((held, down, cancels),) = Select(columns=columns).bind(db).tuples()
    return VendorState(held=held or "", is_down=bool(down), unconfirmed_cancels=cancels)


def _unconfirmed_cancels(*, actor: Actor, moment: Moment) -> Select:
    """Open cancels in the last half hour of a month, and those that a month's end has overtaken (domain.md, Dates)."""
    is_open = Command.state.in_(literals(OPEN_STATES))
    query = visible(Command, Command.id, actor=actor).where(Command.kind.in_(_CANCELS), is_open)
    if not is_in_last_half_hour(moment.now, moment.zone):
        query = query.where(Command.requested_at < month_start(moment.month, moment.zone))
    return Select((query.limit(COUNTED + 1).alias("cancels"),), (fn.COUNT(SQL("1")),))


@dataclass(frozen=True, slots=True)
class Hold:
    """A gateway that a person must release."""

    gateway: str
    reason: str
    held_at: datetime
    needs_reconciliation: bool


def holds() -> list[Hold]:
    """Every gateway on hold."""
    columns = (GatewayHold.gateway, GatewayHold.reason, GatewayHold.held_at, GatewayHold.needs_reconciliation)
    return [Hold(*row) for row in GatewayHold.select(*columns).order_by(GatewayHold.held_at).tuples()]


def is_up() -> bool:
    """Whether no gateway is down or on hold."""
    down = GatewayContact.select().where(GatewayContact.down_since.is_null(is_null=False))
    return not (down.exists() or GatewayHold.select().exists())


def may_be_tried(gateway: str, *, now: datetime) -> bool:
    """Whether a command could be claimed at that real instant: no hold, and up, or a probe is due."""
    if GatewayHold.select().where(GatewayHold.gateway == gateway).exists():
        return False
    waits = GatewayContact.select().where(
        GatewayContact.gateway == gateway,
        GatewayContact.down_since.is_null(is_null=False),
        GatewayContact.probe_due_at > now,
    )
    return not waits.exists()
