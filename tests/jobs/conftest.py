"""One house per database for the tests of jobs; each test orders licences of its own there."""

from collections.abc import Iterator

import pytest

from models import Command
from tests.jobs.house import House
from tests.jobs.scenes import Scene, start_scenes
from tests.services import schema


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def running_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    copies = request.getfixturevalue(f"{request.param}_copies")
    with copies.fresh() as url:
        with schema.bound(url):
            house = House(tmp_path_factory.mktemp("house"), database_url=url)
        yield house
        house.stop()


@pytest.fixture(scope="session")
def started_scenes(running_house: House) -> dict[Scene, Command]:
    with schema.bound(running_house.database_url):
        return start_scenes(running_house)


@pytest.fixture
def house(running_house: House) -> Iterator[House]:
    with schema.bound(running_house.database_url):
        running_house.keep_worker()
        yield running_house


@pytest.fixture
def scenes(started_scenes: dict[Scene, Command], house: House) -> dict[Scene, Command]:
    return started_scenes
