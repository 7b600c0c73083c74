import re

import pytest

from tests.structure import source

FILES = ("requirements", "requirements-dev")


def _pinned(name: str) -> dict[str, list[str]]:
    """Project names to their hashes, read from the joined lines of a requirements file."""
    joined = source.text(source.Path(f"{name}.txt")).replace("\\\n", " ")
    lines = (line for line in joined.splitlines() if line.strip() and not line.strip().startswith("#"))
    return {line.split("==")[0].strip(): re.findall(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_with_hashes(name):
    pinned = _pinned(name)
    assert pinned
    assert [
        project for project, hashes in pinned.items() if not hashes or not re.fullmatch(r"[\w.-]+(\[.*\])?", project)
    ] == []


@pytest.mark.parametrize("name", FILES)
def test_what_is_asked_for_is_pinned(name):
    asked = re.findall(r"^[A-Za-z][\w.-]*", source.text(source.Path(f"{name}.in")), re.MULTILINE)
    pinned = {_canonical(project.split("[")[0]) for project in _pinned(name)}
    assert [project for project in asked if _canonical(project) not in pinned] == []


def test_the_tests_use_the_versions_that_the_product_runs_on():
    def versions(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==([\w.]+)", source.text(source.Path(f"{name}.txt")), re.MULTILINE))

    product, tests = versions("requirements"), versions("requirements-dev")
    assert {name: tests[name] for name in product.keys() & tests.keys() if tests[name] != product[name]} == {}
