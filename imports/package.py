"""Look into an XLSX package before anything unpacks or parses it whole.

openpyxl builds a row as wide as its last cell and fills every gap between rows, so one cell at XFD1048576 would be
enough to exhaust the machine. The parts are therefore read through once with expat, which keeps nothing.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO
from xml.parsers import expat

from imports.limits import (
    LARGEST_RATIO,
    LARGEST_SIDE_PART,
    LARGEST_UNPACKED,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
)
from imports.refusals import SheetRefused
from licensing.wording import translatable

_WORKBOOK = "xl/workbook.xml"
_CHUNK = 64 * 1024
_SMALL = 1024 * 1024
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_BROKEN = translatable("The file is damaged: open it in Excel, save it anew as .xlsx and upload that.")
_TOO_LARGE = translatable("Unpacked, the file is larger than %(limit)s MB. Save only the sheet that is needed.")
_HOSTILE = translatable("The file holds an XML declaration that no spreadsheet needs. Save it anew with Excel.")
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe \t\r\n"  # byte order marks and blanks
_STARTS_OF_XML = (b"<", "<?xm".encode("cp037"))
_UNENDING = (NotImplementedError, RuntimeError, EOFError, zipfile.BadZipFile, OSError, ValueError)


def check_package(content: bytes) -> None:
    """Raise SheetRefused unless the bytes are an XLSX package within the limits, of plain XML in UTF-8."""
    with _opened(content) as package:
        _check_directory(package.infolist())
        for part in package.infolist():
            if part.filename.lower().endswith((".xml", ".rels", ".vml")) or _begins_as_xml(package, part):
                _check_part(package, part)


def stated_size(content: bytes) -> int:
    """How many bytes the package says that it unpacks to. Raises SheetRefused where that is no workbook or too much.

    Nothing is unpacked, so that it takes no time however large the file is.
    """
    with _opened(content) as package:
        _check_directory(package.infolist())
        return sum(part.file_size for part in package.infolist())


@contextmanager
def _opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    """The package; whatever is wrong with it is said in words."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            yield package
    except SheetRefused:
        raise
    except (expat.ExpatError, *_UNENDING) as error:
        raise SheetRefused(_BROKEN) from error


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if _WORKBOOK not in names or len(names) != len(parts) or len(parts) > MOST_PARTS:
        raise SheetRefused("This is no Excel workbook. Upload an .xlsx or a .csv file.")
    if any(part.flag_bits & 1 for part in parts):
        raise SheetRefused("The file is protected with a password. Save it without one.")
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED or any(_is_bomb(part) for part in parts):
        raise SheetRefused(_TOO_LARGE, limit=str(LARGEST_UNPACKED // _SMALL))


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    if part.file_size > _SMALL and part.file_size > LARGEST_RATIO * max(part.compress_size, 1):
        return True
    return part.file_size > LARGEST_SIDE_PART and part.filename.endswith(".xml") and not _holds_cells(part.filename)


def _holds_cells(name: str) -> bool:
    return name.startswith("xl/worksheets/") or name.lower() == "xl/sharedstrings.xml"


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with package.open(part) as stream:
        _Reader().read(stream)


def _begins_as_xml(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """The library that reads the cells finds a sheet by what points to it, whatever the part is called."""
    with package.open(part) as stream:
        for chunk in _chunks(stream):
            begun = chunk.replace(b"\0", b"").lstrip(_BEFORE_XML)  # a zero is half a letter of UTF-16
            if begun:
                return begun.startswith(_STARTS_OF_XML)
    return False


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


class _Reader:
    """Reads one part through. Rows and cells are told by their names, wherever they stand."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate("utf-8", " ")
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.XmlDeclHandler = self._declared
        self._row = self._column = 0

    def read(self, stream: IO[bytes]) -> None:
        for chunk in _chunks(stream):
            self._parser.Parse(chunk, False)
        self._parser.Parse(b"", True)

    def _refuse(self, *_declaration: object) -> None:
        raise SheetRefused(_HOSTILE)

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        # The encoding given to ParserCreate counts here, but the library that reads the cells obeys the declaration.
        if (encoding or "utf-8").lower() not in {"utf-8", "us-ascii"}:
            raise SheetRefused(_HOSTILE)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
                self._column = 0
                _check_place(self._row, 1)
            case "c":
                self._cell(attributes.get("r"))
            case "dimension":
                for corner in attributes.get("ref", "").split(":"):
                    _check_place(*_place(corner))

    def _cell(self, reference: str | None) -> None:
        row, self._column = (self._row, self._column + 1) if reference is None else _place(reference)
        _check_place(row, self._column)


def _place(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return 1, 1
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _check_place(row: int, column: int) -> None:
    if row > MOST_ROWS + 1:
        raise SheetRefused(
            "The sheet reaches down to row %(row)s; at most %(limit)s rows below the header are read. "
            "Delete what is not needed, empty rows too, or upload it in parts.",
            row=f"{row:,}",
            limit=f"{MOST_ROWS:,}",
        )
    if column > MOST_COLUMNS:
        raise SheetRefused(
            "The sheet is %(columns)s columns wide; at most %(limit)s are read. Delete the others, empty ones too.",
            columns=str(column),
            limit=str(MOST_COLUMNS),
        )
