"""The plan of a bulk command for one licence: eligible or why not, and what both months cost without and with it.

The rules are those of the dialog of one command (impact.py); here stands only what many rows need besides.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from licensing.billing import MonthCharge, month_charge
from licensing.bulk import BulkCommand
from licensing.bulk_reasons import BulkReason
from licensing.commands import CustomerDetails
from licensing.impact import CheaperHint, Holding, Impact, Proposal, Standing, plan_command, standing
from licensing.refusals import Refusal, RefusalCode
from licensing.states import CommandKind
from licensing.terms import month_of
from licensing.wording import Sentence, clock_text, translatable


@dataclass(frozen=True, slots=True)
class RowReason:
    """Why a row is left out: a code of RefusalCode or BulkReason, and the sentence."""

    code: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class MonthPair:
    """What one month charges without the command and with it; note says why it costs that, empty for a row left out."""

    old: MonthCharge
    new: MonthCharge
    note: str = ""


@dataclass(frozen=True, slots=True)
class RowPlan:
    """The plan's answer for one licence; left_out None means eligible, after is None for a row left out."""

    proposal: Proposal
    left_out: RowReason | None
    before: Standing
    after: Standing | None
    this_month: MonthPair
    next_month: MonthPair
    cheaper: CheaperHint | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """A customer's record and what the vendor confirmed for one licence of it."""

    wanted: CustomerDetails
    confirmed: CustomerDetails | None


@dataclass(frozen=True, slots=True)
class Subject:
    """One licence of a plan. details are needed for ModifyAttributes alone; is_unknown: its open command is."""

    holding: Holding
    is_unknown: bool = False
    details: Details | None = None


def plan_row(
    command: BulkCommand, subject: Subject, *, now: datetime, zone: ZoneInfo, quantity: int | None = None
) -> RowPlan:
    """The plan for one licence; quantity replaces what the command computes, as when a cheaper one is taken."""
    holding = subject.holding
    proposal = command.proposal(holding.licence, quantity=quantity)
    found = plan_command(proposal, holding, now=now, zone=zone)
    if isinstance(found, Impact) and (same := _same_details(command, subject.details)) is not None:
        return _left_out(proposal, holding, same, now=now, zone=zone)
    if isinstance(found, Refusal):
        return _left_out(proposal, holding, _reason(found, subject, now=now, zone=zone), now=now, zone=zone)
    return _eligible(proposal, holding, found, now=now, zone=zone)


def _eligible(proposal: Proposal, holding: Holding, impact: Impact, *, now: datetime, zone: ZoneInfo) -> RowPlan:
    this, following = impact.this_month, impact.next_month
    return RowPlan(
        proposal=proposal,
        left_out=None,
        before=impact.before or standing(holding.licence, tariff=holding.tariff, now=now, zone=zone),
        after=impact.after,
        this_month=MonthPair(this.before, this.after, this.note),
        next_month=MonthPair(following.before, following.after, following.note),
        cheaper=impact.cheaper,
    )


def _left_out(proposal: Proposal, holding: Holding, reason: RowReason, *, now: datetime, zone: ZoneInfo) -> RowPlan:
    month = month_of(now, zone)
    this, following = (
        month_charge(holding.terms, each, tariff=holding.tariff, zone=zone) for each in (month, month.next())
    )
    return RowPlan(
        proposal=proposal,
        left_out=reason,
        before=standing(holding.licence, tariff=holding.tariff, now=now, zone=zone),
        after=None,
        this_month=MonthPair(this, this),
        next_month=MonthPair(following, following),
    )


def _same_details(command: BulkCommand, details: Details | None) -> RowReason | None:
    if command.kind is not CommandKind.MODIFY_ATTRIBUTES or details is None:
        return None
    wanted = command.details(details.wanted)
    if details.wanted == wanted == details.confirmed:
        return RowReason(BulkReason.SAME_DETAILS, Sentence("The customer's details are these already."))
    return None


def _reason(refused: Refusal, subject: Subject, *, now: datetime, zone: ZoneInfo) -> RowReason:
    open_command = subject.holding.open_command
    if refused.code is RefusalCode.OPEN_COMMAND and subject.is_unknown and open_command is not None:
        template = translatable("The outcome of %(command)s of %(time)s is unknown; it is settled under Requests.")
        time = clock_text(open_command.requested_at, now=now, zone=zone)
        return RowReason(
            BulkReason.OUTCOME_UNKNOWN, Sentence(template, {"command": str(open_command.kind), "time": time})
        )
    return RowReason(refused.code, refused.reason)
