"""Spreadsheets that people sent: kept with what was found in them, and thrown away after two days."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from access import Actor
from database import across_tenants, write_transaction
from imports.refusals import Problem
from imports.sheets import Sheet
from licensing.moment import Moment
from licensing.wording import Sentence
from models import Upload

KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SheetFound:
    """A sheet that was read. write gives the result, and is called in the transaction that keeps the sheet."""

    sheet: Sheet
    write: Callable[[], dict[str, Any]]


def keep_upload(content: bytes, *, purpose: str, file_name: str, actor: Actor, moment: Moment, **found: Any) -> Upload:
    """Write the upload of the actor into the open transaction, with what was found; older ones than two days go."""
    with across_tenants():  # who sends a sheet clears away everybody's old ones
        Upload.delete().where(Upload.created_at < moment.now - KEPT).execute()
    upload: Upload = Upload.create(
        owner=actor.user_id,
        reseller=actor.reseller_id,
        purpose=purpose,
        file_name=tidy_name(file_name),
        content=content,
        created_at=moment.now,
        **found,
    )
    return upload


def end_waiting(upload: Upload, **values: object) -> bool:
    """Write the values where it still waits: the guard by which of two jobs at the same time one has its way."""
    with write_transaction():
        return bool(Upload.update(**values).where(Upload.id == upload.id, Upload.state == "waiting").execute())


def stored_problems(problems: Iterable[Problem]) -> list[list[Any]]:
    """Problems as the result keeps them, row by row; problems_of reads them back."""
    return [
        [each.row, each.column, each.value, each.reason.template, dict(each.reason.values)]
        for each in sorted(problems, key=lambda problem: problem.row)
    ]


def problems_of(upload: Upload) -> list[Problem]:
    """What is wrong with the sheet, row by row."""
    return [
        Problem(row, column, value, Sentence(template, values))
        for row, column, value, template, values in upload.result["problems"]
    ]


def stored_reason(reason: Sentence) -> list[Any]:
    """A reason as the result keeps it."""
    return [reason.template, dict(reason.values)]


def refusal_of(upload: Upload) -> Sentence:
    """Why the sheet as a whole was not taken, or why a job stopped placing its orders."""
    template, values = upload.result["reason"]
    return Sentence(template, values)


def tidy_name(name: str) -> str:
    """The name of a file without its folders and without what cannot be seen, no longer than is kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in last if letter.isprintable()).strip()
    return visible[-Upload.file_name.max_length :] or "sheet"
