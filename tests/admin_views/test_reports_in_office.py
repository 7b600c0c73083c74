"""The files of a report as LibreOffice opens them, where it is installed: what Excel and Word users will see."""

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from models import User
from tests.admin_views.browser import Browser, config_for
from tests.demo_book_stored import load_book, reseller_id
from tests.services import schema

OFFICE = shutil.which("soffice")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(OFFICE is None, reason="NOT RUN: LibreOffice is not installed")]
AS_UTF8_TABLE = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"
READ_UTF8_TABLE = "--infilter=CSV:44,34,76,1,,0,false,true"


@pytest.fixture(scope="module")
def admin(sqlite_copies: schema.SqliteCopies) -> Iterator[Browser]:
    with sqlite_copies.fresh() as url, schema.bound(url):
        load_book()
        yield Browser(create_app(config_for(url))).enter(User.get(User.username == "admin"))


@pytest.fixture
def converted(admin: Browser, tmp_path: Path):
    """What LibreOffice makes of a file of the Summary Report of July, in a profile of its own."""

    def convert(file: str, wanted: str, *options: str) -> str:
        source = tmp_path / file
        july = f"from=2017-07&to=2017-07&as_of=2017-07-22T12:00&reseller={reseller_id()}"
        source.write_bytes(admin.get(f"/reports/summary/{file}?{july}").get_data())
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [
            OFFICE,
            profile,
            "--headless",
            *options,
            "--convert-to",
            wanted,
            "--outdir",
            tmp_path / "out",
            source,
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        (made,) = (tmp_path / "out").iterdir()
        return made.read_text("utf-8-sig")

    return convert


def lines(made: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made)))


def test_a_sheet_opens_with_its_names_and_sums(converted):
    rows = lines(converted("export.xlsx", AS_UTF8_TABLE))
    assert rows[2][1:4] == ["Bluth Company", "Prerada voća d.o.o.", "Kaspersky Endpoint Security for Business - Basic"]
    assert rows[-1] == ["", "TOTAL", "", "", "", "", "", "610.80", "", "476.42", "", "476.42"]


def test_a_csv_file_opens_with_its_names_and_sums(converted):
    rows = lines(converted("export.csv", AS_UTF8_TABLE, READ_UTF8_TABLE))
    assert rows[2][2] == "Prerada voća d.o.o."
    assert [float(row[11]) for row in rows[1:]] == [60.06, 72.07, 72.07, 84.08, 136.5, 15.6, 36.04, 476.42]


def test_a_word_file_opens_with_its_title_names_and_sums(converted):
    made = converted("print.docx", "txt:Text (encoded):UTF8")
    assert made.startswith("Summary Report from 2017-07 to 2017-07, as of 22.07.2017 12:00")
    assert "Prerada voća d.o.o." in made
    assert made.rstrip().endswith("476.42")
