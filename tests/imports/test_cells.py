"""Quantities and expirations are read strictly."""

from datetime import date, datetime, time

import pytest

from imports.cells import cell_text, read_expiration, read_quantity
from imports.refusals import CellRefused


@pytest.mark.parametrize("cell", [12, 12.0, "12", " 12 ", "0012"])
def test_a_whole_number_is_a_quantity(cell):
    assert read_quantity(cell) == 12


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "12.0",
        "12,0",
        12.5,
        "١٢",
        "-12",
        -12,
        0,
        "0",
        True,
        "1e3",
        1e9,
        "9" * 900,
        "=12",
        "1 200",
        date(2018, 1, 1),
    ],
)
def test_anything_else_is_no_quantity_and_the_value_is_named(cell):
    with pytest.raises(CellRefused) as refused:
        read_quantity(cell)
    assert str(refused.value)


@pytest.mark.parametrize(
    "cell",
    [date(2018, 12, 1), datetime(2018, 12, 1), "01.12.2018", "1.12.2018", "01.12.2018.", "2018-12-01"],  # noqa: DTZ001
)
def test_a_date_of_excel_and_a_written_one_are_the_same(cell):
    assert read_expiration(cell) == date(2018, 12, 1)


@pytest.mark.parametrize("cell", [None, "unlimited", "Unlimited "])
def test_blank_and_unlimited_mean_unlimited(cell):
    assert read_expiration(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "12/1/2018",
        "2018-13",
        "2018-13-01",
        "2018-12-02",
        "31.02.2018",
        "15.12.2018",
        "01.13.2018",
        "never",
        43435,
        datetime(2018, 12, 1, 8),  # noqa: DTZ001
        time(8),
        "01.01.0001",
        "٠١.١٢.٢٠١٨",
    ],
)
def test_what_could_be_another_date_or_none_is_refused(cell):
    with pytest.raises(CellRefused):
        read_expiration(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (12.0, "12"), (12.5, "12.5"), (" a ", "a"), (datetime(2018, 12, 1), "01.12.2018")],  # noqa: DTZ001
)
def test_a_cell_as_people_read_it(cell, text):
    assert cell_text(cell) == text
