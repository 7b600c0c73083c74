"""Filters of a list: GET parameters with readable names, shown as chips. A wrong value is said beside its filter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext as _

from admin_views.figures import said
from admin_views.typed_values import WrongValue, shown
from licensing.terms import Month
from licensing.wording import date_text
from operations.text_rules import text_problem

LONGEST = 200
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Filter:
    """A text that is looked for anywhere in a value. name is the GET parameter."""

    name: str
    label: Any
    help: Any = ""
    is_offered = True
    default = ""
    cleared = ""

    def read(self, text: str) -> Any:
        """The value that the query takes. Raises WrongValue."""
        problem = text_problem(text, limit=LONGEST)
        if problem is not None:
            raise WrongValue(said(problem))
        return text

    def words(self, text: str) -> str:
        """What the chip shows for the text in the address."""
        return text

    def choices(self) -> Choices:
        """What a select offers."""
        return ()


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """One of a list. offers is asked once a request; take turns the key into what the query takes.

    default is the key that stands when the address says nothing; cleared the one that × puts into the address.
    """

    offers: Callable[[], Choices] = tuple
    take: Callable[[str], Any] = str
    default: str = ""
    cleared: str = ""

    def read(self, text: str) -> Any:
        if text not in dict(self.choices()):
            raise WrongValue(_("“%(value)s” is not in the list.", value=shown(text)))
        return self.take(text)

    def words(self, text: str) -> str:
        return dict(self.choices()).get(text, text)

    def choices(self) -> Choices:
        offered: dict[str, Choices] = g.setdefault("filter_choices", {})
        if self.name not in offered:
            offered[self.name] = self.offers()
        return offered[self.name]


@dataclass(frozen=True)
class MonthFilter(Filter):
    """A month as 2018-12, or a word such as unlimited."""

    word: str = ""

    def read(self, text: str) -> Any:
        if self.word and text.casefold() == self.word:
            return None
        try:
            return Month.parse(text)
        except ValueError:
            template = _("“%(value)s” is not a month such as 2018-12, nor %(word)s.", value=shown(text), word=self.word)
            raise WrongValue(template) from None


@dataclass(frozen=True)
class DateFilter(Filter):
    """A date as 2018-12-31; comes only with links of other screens, and is shown where it does."""

    is_offered = False

    def read(self, text: str) -> Any:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise WrongValue(_("“%(value)s” is not a date such as 2018-12-31.", value=shown(text))) from None

    def words(self, text: str) -> str:
        try:
            return date_text(date.fromisoformat(text))
        except ValueError:
            return text


@dataclass(frozen=True)
class Chip:
    """One filter as it stands: what is in the address, what is shown, what is wrong, and the address without it."""

    filter: Filter
    text: str
    words: str
    problem: str
    without: str
    choices: Choices = ()

    @property
    def name(self) -> str:
        """The GET parameter."""
        return self.filter.name

    @property
    def id(self) -> str:
        """The id of its control on the page."""
        return f"filter-{self.filter.name}"

    @property
    def label(self) -> Any:
        """The product's word."""
        return self.filter.label

    @property
    def help(self) -> Any:
        """What can be typed."""
        return self.filter.help

    @property
    def is_set(self) -> bool:
        """Whether it narrows the list."""
        return bool(self.words)

    @property
    def has_any(self) -> bool:
        """Whether "any" can be chosen: a filter with a default names that choice itself."""
        return not self.filter.default


@dataclass(frozen=True)
class Filtering:
    """All filters as they stand in an address. values holds what the query takes, by name; problems the wrong ones."""

    values: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def read_filters(filters: Sequence[Filter], arguments: Mapping[str, str]) -> Filtering:
    """Read the filters out of an address; what is not a filter's name is not looked at."""
    values, texts, problems = {}, {}, {}
    for entry in filters:
        text = arguments.get(entry.name, "").strip(" ") or entry.default
        if not text:
            continue
        texts[entry.name] = text
        try:
            values[entry.name] = entry.read(text)
        except WrongValue as wrong:
            problems[entry.name] = str(wrong)
    return Filtering(values, texts, problems)


def chips(filters: Sequence[Filter], state: Filtering, *, address: Callable[..., str]) -> list[Chip]:
    """The filters to show. address(name=text) gives the list's address with that filter changed."""
    return [_chip(entry, state, address=address) for entry in filters if _is_shown(entry, state)]


def _is_shown(entry: Filter, state: Filtering) -> bool:
    return entry.is_offered or entry.name in state.texts


def _chip(entry: Filter, state: Filtering, *, address: Callable[..., str]) -> Chip:
    text = state.texts.get(entry.name, "")
    problem = state.problems.get(entry.name, "")
    is_set = bool(text) and text != entry.cleared
    return Chip(
        filter=entry,
        text=text,
        words=(shown(text) if problem else entry.words(text)) if is_set else "",
        problem=problem,
        without=address(**{entry.name: entry.cleared}),
        choices=entry.choices(),
    )
