"""Spreadsheets that people sent: kept with what was found in them, and thrown away after two days."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from access import Actor
from database import write_transaction
from imports.refusals import Problem
from licensing.moment import Moment
from licensing.wording import Sentence
from models import Upload

KEPT = timedelta(days=2)


def keep_upload(
    content: bytes, *, purpose: str, file_name: str, result: Mapping[str, Any], actor: Actor, moment: Moment
) -> Upload:
    """Write the upload of the actor; older ones than two days, of anybody, go with that."""
    with write_transaction():
        Upload.delete().where(Upload.created_at < moment.now - KEPT).execute()
        upload: Upload = Upload.create(
            owner=actor.user_id,
            reseller=actor.reseller_id,
            purpose=purpose,
            file_name=_tidy_name(file_name),
            content=content,
            result=dict(result),
            created_at=moment.now,
        )
    return upload


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


def _tidy_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in last if letter.isprintable()).strip()
    return visible[-Upload.file_name.max_length :] or "sheet"
