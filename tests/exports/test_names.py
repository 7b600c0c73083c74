"""File names are those that product.md shows, in plain letters whatever the reseller is called."""

from datetime import date

import pytest

from exports.names import file_name, slug


def test_file_names_tell_what_they_hold():
    assert file_name("subscriptions", date(2017, 7, 23), extension="xlsx") == "subscriptions-2017-07-23.xlsx"
    assert (
        file_name("reseller-report", "2017-07", "Bluth Company", extension="docx")
        == "reseller-report-2017-07-bluth-company.docx"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prerada voća d.o.o.", "prerada-voca-d-o-o"),
        ("Đorđe Ljubojević", "djordje-ljubojevic"),
        ("Прерада воћа Ђаково", "prerada-voca-djakovo"),
        ("Straße & Søn", "strasse-son"),
        ("../../etc/passwd", "etc-passwd"),
        ('a"\r\nSet-Cookie: b', "a-set-cookie-b"),
        ("株式会社", ""),
        ("x" * 200, "x" * 60),
    ],
)
def test_slugs_are_plain_letters(text, expected):
    assert slug(text) == expected


def test_a_part_that_cannot_be_written_is_left_out():
    assert file_name("reseller-report", "株式会社", "2017-07", extension="csv") == "reseller-report-2017-07.csv"
