"""The demo book, loaded once a module and engine: these tests only read."""

from collections.abc import Iterator

import pytest

from tests.demo_book_stored import load_book
from tests.services import schema


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def book(request: pytest.FixtureRequest) -> Iterator[str]:
    copies = request.getfixturevalue(f"{request.param}_copies")
    with copies.fresh() as url, schema.bound(url):
        load_book()
        yield url
