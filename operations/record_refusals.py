"""Why a record of the registers was not written. Each leaves everything as it was."""

from collections.abc import Mapping

from peewee import Model

from licensing.wording import Sentence


class FieldsRefused(ValueError):
    """Values cannot be taken: problems maps the form's field names to the reasons, several at once."""

    def __init__(self, problems: Mapping[str, Sentence]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in problems.items()))
        self.problems = dict(problems)


class RecordChanged(Exception):
    """Somebody else changed the record since the form was shown; current is how it stands now."""

    def __init__(self, current: Model) -> None:
        super().__init__("changed by somebody else meanwhile")
        self.current = current


class RecordInUse(Exception):
    """The record cannot be deleted or archived; reason says what stands in the way."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason
