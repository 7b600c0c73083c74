"""One house per database for the tests of jobs; each test orders licences of its own there."""

from collections.abc import Iterator

import pytest

from models import Command
from tests.jobs.house import House
from tests.jobs.scenes import Scene, start_scenes
from tests.services import schema


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def running_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    copies = request.getfixturevalue(f"{request.param}_copies")
    with copies.fresh() as url, schema.bound(url):
        house = House(tmp_path_factory.mktemp("house"), database_url=url)
        yield house
        house.stop()


@pytest.fixture
def house(running_house: House) -> House:
    running_house.keep_worker()
    return running_house


@pytest.fixture(scope="module")
def scenes(running_house: House) -> dict[Scene, Command]:
    return start_scenes(running_house)
