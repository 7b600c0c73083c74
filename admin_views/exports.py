"""A list as a file: everything the filter finds, with the rights of the screen. The formats are in exports/."""

from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import Any

from flask import Response, send_file, stream_with_context

from admin_views.list_columns import ExportColumn
from admin_views.shell import moment, require_signed_in
from exports.columns import Column
from exports.columns import Row as ExportRow
from exports.csv import Dialect, csv_chunks
from exports.names import file_name
from exports.xlsx import write_xlsx
from licensing.terms import local_date

TYPES = ("csv", "xlsx")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_response(
    export_type: str, *, title: str, name: str, columns: Sequence[ExportColumn], rows: Iterable[Any]
) -> Response:
    """The file as an attachment named for its content and the day. CSV is streamed in the account's dialect.

    Raises TooManyRows where a sheet cannot hold them.
    """
    shown = [Column(str(column.label), column.kind, column.width) for column in columns]
    cells = _cells(columns, rows)
    download = file_name(name, local_date(moment().now, moment().zone), extension=export_type)
    if export_type == "csv":
        return _csv(shown, cells, download=download)
    return _xlsx(shown, cells, title=title, download=download)


def _cells(columns: Sequence[ExportColumn], rows: Iterable[Any]) -> Iterator[ExportRow]:
    readers = [column.reader() for column in columns]
    return (tuple(read(row) for read in readers) for row in rows)


def _csv(columns: Sequence[Column], rows: Iterator[ExportRow], *, download: str) -> Response:
    dialect = Dialect(require_signed_in().user.csv_format)
    response = Response(stream_with_context(csv_chunks(columns, rows, dialect=dialect)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=download)
    return response


def _xlsx(columns: Sequence[Column], rows: Iterator[ExportRow], *, title: str, download: str) -> Response:
    file = TemporaryFile()  # noqa: SIM115 - the response closes it when it was sent
    try:
        write_xlsx(file, title=title, columns=columns, rows=rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return send_file(file, mimetype=_XLSX, as_attachment=True, download_name=download)
