"""What a report is asked for: the criteria as they stand in the address, read strictly.

A wrong value is said beside its field. A reseller or product that does not exist for the actor is 404, like any
foreign row.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import abort
from flask_babel import gettext as _

from access import Actor
from admin_views.figures import said
from admin_views.shell import current_actor, moment
from admin_views.typed_values import WrongValue, shown, typed_month
from licensing.billing import MonthNotBegun, require_begun
from licensing.terms import FIRST_YEAR, LAST_YEAR, Month, month_of, month_start, months_between
from operations.text_rules import text_problem
from queries.charged_licences import ReportFilter
from queries.listing import as_id
from queries.resellers import reseller_names
from queries.subscriptions import product_names
from reports.tables import minute

MOST_MONTHS = 60
LONGEST_TEXT = 200
Choices = Sequence[tuple[int, str]]
_TYPED_INSTANT = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4}) ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)")
_ADDRESS_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


@dataclass(frozen=True)
class Criteria:
    """Criteria that were read. months are none where something is wrong; problems then say what, by field.

    asked_as_of is the instant that was asked for, None for now. arguments are those of the same report's address.
    """

    arguments: Mapping[str, str]
    problems: Mapping[str, str]
    months: tuple[Month, ...]
    wanted: ReportFilter
    asked_as_of: datetime | None = None
    resellers: Choices = ()
    products: Choices = ()
    reseller_name: str = ""
    product_name: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether there is nothing to show but what is wrong."""
        return bool(self.problems)

    @property
    def is_running(self) -> bool:
        """Whether the last month had not ended at the as of instant, so that more may come."""
        return month_start(self.months[-1].next(), moment().zone) > self.wanted.as_of


@dataclass
class Reading:
    """The address as it is read: texts as typed, and what is wrong with them."""

    typed: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of an argument, empty where it is missing."""
        return self.typed.get(name, "").strip(" ")

    def value(self, name: str, read: Callable[[str], Any]) -> Any:
        """What read makes of the text, None where it is blank or wrong; a wrong one is noted."""
        try:
            return read(self.text(name)) if self.text(name) else None
        except WrongValue as wrong:
            self.problems[name] = str(wrong)
            return None


def read_criteria(typed: Mapping[str, str], names: Sequence[str], months: "MonthsOf") -> Criteria:
    """Read the arguments of those names. Aborts with 404 for a reseller or product that the actor has not."""
    reading = Reading({name: typed[name] for name in names if name in typed})
    asked_as_of = reading.value("as_of", read_instant)
    as_of = asked_as_of or moment().now
    actor = current_actor()
    resellers, products = reseller_names(actor=actor), product_names(actor=actor)
    wanted = ReportFilter(
        as_of,
        reseller_id=_choice(reading.text("reseller"), resellers),
        product_id=_choice(reading.text("product"), products),
        customer=reading.value("customer", _read_text) or "",
        sku=reading.value("sku", _read_text) or "",
    )
    asked = months(reading, as_of)
    return Criteria(
        arguments=_arguments(reading, asked_as_of),
        problems=reading.problems,
        months=() if reading.problems else asked,
        wanted=wanted,
        asked_as_of=asked_as_of,
        resellers=resellers,
        products=products,
        reseller_name=_own_name(actor, resellers) or dict(resellers).get(wanted.reseller_id or 0, ""),
        product_name=dict(products).get(wanted.product_id or 0, ""),
    )


MonthsOf = Callable[[Reading, datetime], tuple[Month, ...]]


def one_month(reading: Reading, as_of: datetime) -> tuple[Month, ...]:
    """The month of the Reseller Report: the running one where none is given."""
    month = reading.value("month", typed_month) or month_of(as_of, moment().zone)
    _refuse_not_begun(reading, "month", month, as_of)
    return (month,)


def span_of_months(reading: Reading, as_of: datetime) -> tuple[Month, ...]:
    """The months of the Summary Report, from and to included; what is not given is the running month."""
    running = month_of(as_of, moment().zone)
    first = reading.value("from", typed_month)
    last = reading.value("to", typed_month)
    first, last = first or last or running, last or max(first or running, running)
    for name, month in (("from", first), ("to", last)):
        _refuse_not_begun(reading, name, month, as_of)
    months = months_between(first, last)
    if not reading.problems and not months:
        reading.problems["from"] = _("%(first)s is after %(last)s.", first=str(first), last=str(last))
    if not reading.problems and len(months) > MOST_MONTHS:
        sentence = _(
            "These are %(months)d months; a report has at most %(most)d.", months=len(months), most=MOST_MONTHS
        )
        reading.problems["to"] = sentence
    return months


def read_instant(text: str) -> datetime:
    """An instant as 2017-07-22T12:00 or 22.07.2017 12:00, in the distributor's zone. Raises WrongValue.

    Where clocks are set back a time is shown twice; the second one is meant, so that all that it names counts.
    """
    typed = _TYPED_INSTANT.fullmatch(text)
    written = f"{typed[3]}-{typed[2]}-{typed[1]}T{typed[4]}" if typed else text
    wrong = WrongValue(_("“%(value)s” is not a time such as 22.07.2017 12:00.", value=shown(text)))
    if not _ADDRESS_INSTANT.fullmatch(written):
        raise wrong
    try:
        local = datetime.fromisoformat(written)
    except ValueError:
        raise wrong from None
    if not FIRST_YEAR < local.year < LAST_YEAR:
        raise wrong
    return local.replace(tzinfo=moment().zone, fold=1).astimezone(UTC)


def as_argument(instant: datetime) -> str:
    """The instant as it stands in an address: 2017-07-22T12:00, with seconds where it has some."""
    return instant.astimezone(moment().zone).strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")


def shown_instant(criteria: Criteria) -> str:
    """The as of instant as people read it, or as they typed it where it is wrong; empty for now."""
    if criteria.asked_as_of is None:
        return criteria.arguments.get("as_of", "")
    return minute(criteria.asked_as_of, zone=moment().zone)


def _refuse_not_begun(reading: Reading, name: str, month: Month, as_of: datetime) -> None:
    try:
        require_begun(month, now=as_of, zone=moment().zone)
    except MonthNotBegun:
        sentence = _("%(month)s has not begun.", month=str(month))
        if reading.text("as_of"):
            instant = minute(as_of, zone=moment().zone)
            sentence = _("%(month)s had not begun on %(instant)s.", month=str(month), instant=instant)
        reading.problems.setdefault(name, sentence)


def _read_text(text: str) -> str:
    problem = text_problem(text, limit=LONGEST_TEXT)
    if problem is not None:
        raise WrongValue(said(problem))
    return text


def _choice(text: str, choices: Choices) -> int | None:
    """The key that is asked for, None for all. Aborts with 404 for one that is not among the choices."""
    if not text:
        return None
    key = as_id(text)
    return key if key in dict(choices) else abort(404)


def _arguments(reading: Reading, asked_as_of: datetime | None) -> dict[str, str]:
    arguments = {name: reading.text(name) for name in reading.typed if reading.text(name)}
    if asked_as_of is not None:
        arguments["as_of"] = as_argument(asked_as_of)
    return arguments


def _own_name(actor: Actor, resellers: Choices) -> str:
    return "" if actor.reseller_id is None else dict(resellers).get(actor.reseller_id, "")
