import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.search_key import search_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Prerada voća d.o.o.", "prerada voca d.o.o."),
        ("Đorđević", "djordjevic"),
        ("ĐORĐEVIĆ", "djordjevic"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("ČŠŽ", "csz"),
        ("Łódź Ørsted Æsir Œuvre", "lodz orsted aesir oeuvre"),
        ("İstanbul ılıca", "istanbul ilica"),
        ("  Big \t Big\u00a0d.o.o.\n", "big big d.o.o."),
        ("\u200fvoća\u200b", "voca"),
        ("voc\u0301a", "voca"),
        ("ﬁrma", "firma"),
        ("Ћирилица Ђ", "ћирилица ђ"),
        ("", ""),
    ],
)
def test_key_knows_neither_case_nor_accents(text, key):
    assert search_key(text) == key


def test_voca_finds_voca_with_its_accent():
    assert search_key("VOCA") in search_key("Prerada voća d.o.o.")


@given(st.text())
def test_the_key_of_a_key_is_the_key(text):
    assert search_key(search_key(text)) == search_key(text)


@given(st.text(alphabet="abcčćdđefšžßéöőÜÇñŁ  "))
def test_case_never_tells_two_names_apart(text):
    assert search_key(text.upper()) == search_key(text.lower())
