"""A list as a file: everything the filter finds, with the rights of the screen. The formats are in exports/."""

from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import Any

from flask import Response, send_file, stream_with_context

from admin_views.list_columns import ExportColumn
from admin_views.shell import moment, require_signed_in
from exports.columns import Batch, Column, columns_of
from exports.csv import Dialect, csv_of_batches
from exports.names import file_name
from exports.xlsx import write_xlsx
from licensing.terms import local_date
from queries.listing import Listing, PageRequest

TYPES = ("csv", "xlsx")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    if not listing.fields:
        rows = listing.everything(wanted)
        return export_response(export_type, title=title, name=name, columns=columns, rows=rows)
    batches = cell_batches(columns, listing, wanted)
    return _response(export_type, title=title, name=name, columns=columns, batches=batches)


def cell_batches(columns: Sequence[ExportColumn], listing: Listing[Any], wanted: PageRequest) -> Iterator[Batch]:
    """The cells of the whole list, in batches, column by column."""
    readers = [column.of_columns(listing.fields) for column in columns]
    return ([read(batch) for read in readers] for batch in listing.columns(wanted))


def _response(
    export_type: str, *, title: str, name: str, columns: Sequence[ExportColumn], batches: Iterable[Batch]
) -> Response:
    shown = [Column(str(column.label), column.kind, column.width) for column in columns]
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
    file.seek(0)
    return send_file(file, mimetype=_XLSX, as_attachment=True, download_name=download)
