"""A report as a file to keep: Word to print, CSV and XLSX to count with. The formats are in exports/."""

from collections.abc import Sequence
from dataclasses import replace
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from flask import Response, stream_with_context

from admin_views.exports import attached
from admin_views.report_criteria import Criteria, as_argument
from admin_views.shell import require_signed_in
from exports.columns import Column, Kind
from exports.csv import Dialect, csv_chunks
from exports.docx import write_docx
from exports.names import file_name
from exports.xlsx import write_xlsx
from reports.tables import Cell, Table

FILE_TYPES = ("docx", "csv", "xlsx")
MOST_IN_WORD = 20_000  # lines; Word needs minutes to open more
_NARROWEST, _WIDEST = 10, 60  # characters of a text column in a sheet
_OFFICE = "application/vnd.openxmlformats-officedocument"
_MIMETYPES = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}


def report_file(file_type: str, table: Table, *, sheet: str, name: str) -> Response:
    """The table as an attachment of that name; CSV in the dialect of the account. Raises exports.xlsx.TooManyRows."""
    if file_type == "csv":
        return _csv(table, name=name)
    file = TemporaryFile()  # noqa: SIM115 - the response closes it when it was sent
    try:
        _write(cast(BinaryIO, file), file_type, table, sheet=sheet)
    except BaseException:
        file.close()
        raise
    return attached(file, mimetype=_MIMETYPES[file_type], name=name)


def report_file_name(criteria: Criteria, *words: str, file_type: str) -> str:
    """A name that tells what the file holds: reseller-report-2017-07-bluth-company.docx."""
    instant = criteria.asked_as_of
    narrowed = (criteria.reseller_name, criteria.wanted.customer, criteria.product_name, criteria.wanted.sku)
    as_of = "" if instant is None else f"as of {as_argument(instant).replace(':', '')}".replace("T", " ")
    return file_name(*words, *narrowed, as_of, extension=file_type)


def _csv(table: Table, *, name: str) -> Response:
    dialect = Dialect(require_signed_in().user.csv_format)
    chunks = csv_chunks(_columns(table), table.rows, dialect=dialect, total=table.total)
    response = Response(stream_with_context(chunks), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _write(file: BinaryIO, file_type: str, table: Table, *, sheet: str) -> None:
    columns = _columns(table)
    if file_type == "docx":
        write_docx(file, title=table.title, columns=columns, rows=table.rows, total=table.total)
    else:
        fitting = [_fitted(column, [row[place] for row in table.rows]) for place, column in enumerate(columns)]
        write_xlsx(file, title=sheet, columns=fitting, rows=table.rows, total=table.total)


def _columns(table: Table) -> list[Column]:
    return [Column(str(heading.title), Kind(heading.kind), heading.width) for heading in table.headings]


def _fitted(column: Column, values: Sequence[Cell]) -> Column:
    """The column wide enough for its texts: a sheet has no page to fit into, and cuts what is longer."""
    if column.kind is not Kind.TEXT:
        return column
    longest = max((len(str(value)) for value in values), default=0)
    return replace(column, width=max(_NARROWEST, min(longest + 2, _WIDEST)))
