"""The Content-Security-Policy forbids inline code; a template that holds some would be broken in the browser."""

import re

import pytest

from tests.structure import source

INLINE = {
    "a script without src": r"<script(?![^>]*\b(?:src=|type=\"application/json\"))",
    "a style element": r"<style\b",
    "a style attribute": r"<[a-z][^>]*\sstyle\s*=",
    "an event handler": r"<[a-z][^>]*\son[a-z]+\s*=",
    "a javascript: address": r"javascript:",
    "an asset of another host": r"<(?:script|link|img)[^>]*(?:src|href)=\"(?:https?:)?//",
}


@pytest.mark.parametrize("what", INLINE)
def test_templates_hold_no_inline_code_and_no_foreign_asset(what):
    found = [
        f"{path}: {match.group(0)[:80]}"
        for path in source.files("*.html", under="templates")
        for match in re.finditer(INLINE[what], source.text(path), re.IGNORECASE)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "markup"),
    [
        ("a script without src", "<script>go()</script>"),
        ("a style attribute", '<p class="a" style="color:red">'),
        ("an event handler", '<a href="#" onclick="go()">'),
        ("an asset of another host", '<link rel="stylesheet" href="//elsewhere.example/a.css">'),
    ],
)
def test_inline_code_would_be_seen(what, markup):
    assert re.search(INLINE[what], markup, re.IGNORECASE)
