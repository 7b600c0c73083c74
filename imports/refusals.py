"""Why an uploaded sheet, or one of its cells, was not taken."""

from dataclasses import dataclass

from licensing.wording import Sentence


class SheetRefused(ValueError):
    """The file as a whole cannot be read; the reason says what to do about it."""

    def __init__(self, template: str, **values: str) -> None:
        self.reason = Sentence(template, values)
        super().__init__(str(self.reason))


class CellRefused(ValueError):
    """A value cannot be read; the reason names it."""

    def __init__(self, template: str, **values: str) -> None:
        self.reason = Sentence(template, values)
        super().__init__(str(self.reason))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell: the row as Excel numbers it, the column's title, the value as text, the reason."""

    row: int
    column: str
    value: str
    reason: Sentence
