"""Random commands for properties, legal or not, and a second way to say what was held when."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from licensing.commands import Licence, TermSpan
from licensing.lifecycle import apply_command, check_parameters, refusal
from licensing.states import CommandKind
from licensing.terms import Month, month_start, use_ends_at
from tests.licensing.demo_book import PENDING, bands

BASIC = bands("4864")
STARTS_AT = datetime(2017, 3, 1, tzinfo=UTC)
ZONES = [ZoneInfo(name) for name in ("Europe/Belgrade", "America/St_Johns", "Africa/Cairo", "America/Havana")]


@dataclass(frozen=True)
class Drawn:
    kind: CommandKind
    executed_at: datetime
    quantity: int
    expires_on: date | None


@dataclass(frozen=True)
class Step:
    """One executed command and the licence and terms after it."""

    command: Drawn
    licence: Licence
    terms: tuple[TermSpan, ...]


_seconds = st.one_of(st.just(0), st.integers(1, 5), st.integers(60, 86400 * 40))


@st.composite
def drawn_commands(draw: st.DrawFn, *, edge_zone: ZoneInfo | None = None) -> list[Drawn]:
    """A Create and up to fifteen commands; some of them at the very instant at which a month begins."""
    executed_at = STARTS_AT
    commands = []
    for number in range(draw(st.integers(1, 16))):
        executed_at += timedelta(seconds=draw(_seconds))
        if edge_zone is not None and draw(st.integers(0, 3)) == 0:
            local = executed_at.astimezone(edge_zone)
            executed_at = month_start(Month(local.year, local.month).next(), edge_zone)
        months_ahead = draw(st.none() | st.integers(-2 if number else 2, 6))
        kinds = st.sampled_from([kind for kind in CommandKind if kind is not CommandKind.CREATE])
        commands.append(
            Drawn(
                kind=draw(kinds) if number else CommandKind.CREATE,
                executed_at=executed_at,
                quantity=draw(st.sampled_from([5, 8, 10, 12, 24, 25, 60])),
                expires_on=None if months_ahead is None else _first(executed_at, months_ahead),
            )
        )
    return commands


def _first(executed_at: datetime, months_ahead: int) -> date:
    return Month(executed_at.year, executed_at.month).plus(months_ahead).first_day


def is_legal(licence: Licence, command: Drawn, zone: ZoneInfo) -> bool:
    kind, now = command.kind, command.executed_at
    values = {"quantity": command.quantity, "expires_on": command.expires_on}
    return (
        refusal(kind, licence, now=now, zone=zone) is None
        and check_parameters(kind, licence, now=now, zone=zone, bands=BASIC, **values) is None
    )


def run(commands: list[Drawn], zone: ZoneInfo, *, only_legal: bool = True) -> list[Step]:
    """What becomes of a licence, step by step; illegal commands are left out unless they are wanted."""
    licence, terms, steps = PENDING, (), []
    for command in commands:
        if only_legal and not is_legal(licence, command, zone):
            continue
        licence, terms = apply_command(
            command.kind,
            licence,
            terms,
            executed_at=command.executed_at,
            zone=zone,
            quantity=command.quantity,
            expires_on=command.expires_on,
        )
        steps.append(Step(command, licence, terms))
    return steps


def held_spans(steps: list[Step], zone: ZoneInfo) -> list[tuple[datetime, datetime | None, int]]:
    """From when to when which quantity was usable, read from the licence after each command and not from its terms."""
    spans = []
    following = [step.command.executed_at for step in steps[1:]] + [None]
    for step, replaced_at in zip(steps, following, strict=True):
        ends = [end for end in (replaced_at, use_ends_at(step.licence, zone)) if end is not None]
        spans.append((step.command.executed_at, min(ends, default=None), step.licence.quantity))
    return [span for span in spans if span[1] is None or span[0] < span[1]]
