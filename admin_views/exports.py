"""A list as a file: everything the filter finds, with the rights of the screen. The formats are in exports/."""

from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Response, send_file, stream_with_context

from admin_views.list_columns import ExportColumn
from admin_views.shell import moment, require_signed_in
from exports.columns import Batch, Column, Sheet, columns_of
from exports.csv import Dialect, csv_of_batches
from exports.names import file_name
from exports.xlsx import write_xlsx
from licensing.terms import local_date
from queries.listing import Listing, PageRequest

TYPES = ("csv", "xlsx")
LARGEST_AT_ONCE = 5_000  # rows of a workbook; the CSV streams, however long it is
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_response(
    export_type: str, *, title: str, name: str, columns: Sequence[ExportColumn], rows: Iterable[Any]
) -> Response:
    """The file as an attachment named for its content and the day. CSV is streamed in the account's dialect.

    Raises TooManyRows where a sheet cannot hold them.
    """
    readers = [column.reader() for column in columns]
    cells = (tuple(read(row) for read in readers) for row in rows)
    batches = columns_of(cells, width=len(columns))
    return _response(export_type, title=title, name=name, columns=columns, batches=batches)


def list_response(
    export_type: str,
    *,
    title: str,
    name: str,
    columns: Sequence[ExportColumn],
    listing: Listing[Any],
    wanted: PageRequest,
) -> Response:
    """A list as a file, whole and in the order wanted."""
    _rows, batches = _batches_of(columns, listing, wanted)
    return _response(export_type, title=title, name=name, columns=columns, batches=batches)


def list_sheet(*, title: str, columns: Sequence[ExportColumn], listing: Listing[Any], wanted: PageRequest) -> Sheet:
    """A list as a sheet to be written by a job."""
    rows, batches = _batches_of(columns, listing, wanted)
    return Sheet(title, _shown(columns), listing.exact_count() if rows is None else rows, batches)


def is_large(page_total: int) -> bool:
    """Whether a workbook of so many rows takes longer than somebody should wait for a page."""
    return page_total > LARGEST_AT_ONCE


def _batches_of(
    columns: Sequence[ExportColumn], listing: Listing[Any], wanted: PageRequest
) -> tuple[int | None, Iterator[Batch]]:
    """How many rows the whole list has, where that comes with it, and their cells in batches, column by column."""
    if listing.fields:
        of_columns = [column.of_columns(listing.fields) for column in columns]
        answer = listing.columns(wanted)
        return answer.rows, ([read(batch) for read in of_columns] for batch in answer.batches)
    of_rows = [column.reader() for column in columns]
    cells = (tuple(read(row) for read in of_rows) for row in listing.everything(wanted))
    return None, columns_of(cells, width=len(columns))


def attached(file: IO[bytes], *, mimetype: str, name: str) -> Response:
    """The file from its beginning as a download that no browser keeps beside the one that was saved."""
    file.seek(0)
    response = send_file(file, mimetype=mimetype, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"  # the library's own is no-cache
    return response


def _shown(columns: Sequence[ExportColumn]) -> list[Column]:
    return [Column(str(column.label), column.kind, column.width) for column in columns]


def _response(
    export_type: str, *, title: str, name: str, columns: Sequence[ExportColumn], batches: Iterable[Batch]
) -> Response:
    shown = _shown(columns)
    download = file_name(name, local_date(moment().now, moment().zone), extension=export_type)
    if export_type == "csv":
        return _csv(shown, batches, download=download)
    return _xlsx(shown, batches, title=title, download=download)


def _csv(columns: Sequence[Column], batches: Iterable[Batch], *, download: str) -> Response:
    dialect = Dialect(require_signed_in().user.csv_format)
    response = Response(stream_with_context(csv_of_batches(columns, batches, dialect=dialect)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=download)
    return response


def _xlsx(columns: Sequence[Column], batches: Iterable[Batch], *, title: str, download: str) -> Response:
    file = TemporaryFile()  # noqa: SIM115 - the response closes it when it was sent
    try:
        write_xlsx(file, title=title, columns=columns, batches=batches)
    except BaseException:
        file.close()
        raise
    return attached(file, mimetype=XLSX, name=download)
