"""One desk per test, on both databases; what the test wrote is rolled back."""

import pytest

from tests.desk import Desk


@pytest.fixture
def desk(rolled_back: str) -> Desk:
    return Desk()
