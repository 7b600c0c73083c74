"""docs/security.md answers each requirement of the standard once, and what it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.structure import source

PAGES = sorted((source.ROOT / "docs/security").glob("v*.md"))
REQUIREMENTS = (source.ROOT / "tests/structure/asvs_5_0_level_2.txt").read_text().split()
WORDS = ("met", "in part", "not met", "no use")
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| \*\*([a-z ]+)\*\*(.*) \|$", re.MULTILINE)
_NAMED = re.compile(r"`([\w./-]+\.(?:py|md|txt|toml|html|js|csv))(?:::(\w+))?`")


def _answers() -> list[tuple[str, str, str]]:
    return [(row[1], row[3], row[4]) for page in PAGES for row in _ROW.finditer(page.read_text())]


@cache
def _functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_each_requirement_of_levels_one_and_two_is_answered_once():
    assert len(REQUIREMENTS) == 253
    assert sorted(number for number, _word, _reason in _answers()) == sorted(REQUIREMENTS)


def test_each_answer_is_one_of_four_and_says_more():
    bare = [number for number, word, reason in _answers() if word not in WORDS or len(reason) < len(": none")]
    assert not bare


@pytest.mark.parametrize("page", [source.ROOT / "docs/security.md", *PAGES], ids=lambda page: page.name)
def test_every_test_and_file_that_is_named_is_there(page):
    missing = [
        f"{path}::{function}" if function else path
        for path, function in _NAMED.findall(page.read_text())
        if not (source.ROOT / path).exists() or (function and function not in _functions(source.ROOT / path))
    ]
    assert not missing


def test_the_page_counts_its_answers_right_and_names_what_is_not_met():
    text = (source.ROOT / "docs/security.md").read_text()
    for word in WORDS:
        count = sum(answer == word for _number, answer, _reason in _answers())
        assert f"| {word} | {count} |" in text
    told = text.partition("## What is not met")[2].partition("\n## ")[0]
    assert {number for number, word, _reason in _answers() if word == "not met"} == set(
        re.findall(r"\d+\.\d+\.\d+", told)
    )


def test_every_section_that_is_linked_exists():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in (source.ROOT / "docs/security.md").read_text().splitlines()
        if line.startswith("## ")
    }
    linked = {name for page in PAGES for name in re.findall(r"\.\./security\.md#([\w-]+)", page.read_text())}
    assert linked <= headings
