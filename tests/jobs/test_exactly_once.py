"""Commands take effect exactly once: real worker and clock processes against a vendor that misbehaves on request."""

from datetime import datetime

import pytest

from licensing.states import CommandState
from models import Command, Subscription
from tests.desk import again
from tests.jobs.house import House, results
from tests.jobs.scenes import Scene
from tests.small_book import ZONE

pytestmark = pytest.mark.valkey
# What the first exchange comes to, and how often the command is sent in all.
EXPECTED = {
    Scene.NEVER_ARRIVED: ("execute Unknown", 2),
    Scene.EXECUTED_LATE: ("execute Unknown", 1),
    Scene.THROTTLED: ("execute NotExecuted", 2),
    Scene.CUT_SHORT: ("execute Unknown", 1),
    Scene.ANSWER_LOST: ("execute Unknown", 1),
    Scene.HALF_DONE: ("execute Unknown", 2),
    Scene.JOB_KILLED: ("execute ", 1),
    Scene.WORKER_KILLED: ("execute ", 1),
}


@pytest.mark.parametrize("scene", list(Scene))
def test_whatever_happens_it_is_confirmed_here_and_executed_once_there(
    house: House, scenes: dict[Scene, Command], scene: Scene
) -> None:
    command = house.settled(scenes[scene])
    assert command.state == CommandState.CONFIRMED, house.story(command)
    assert house.vendor.effects(command.reference) == 1
    assert (results(command)[0], command.attempt) == EXPECTED[scene], house.story(command)


def test_absence_is_read_twice_before_anything_is_sent_again(house: House, scenes: dict[Scene, Command]) -> None:
    for scene in (Scene.NEVER_ARRIVED, Scene.HALF_DONE):
        command = house.settled(scenes[scene])
        assert results(command).count("read NotFound") >= 2


def test_the_second_call_alone_is_sent_again_and_the_renew_counts_from_the_first(
    house: House, scenes: dict[Scene, Command]
) -> None:
    command = house.settled(scenes[Scene.HALF_DONE])
    assert house.vendor.effects(f"{command.reference}.2") == 1
    (first_call,) = house.vendor.ledger(command.reference)
    assert first_call["executed_at"] == command.executed_at.isoformat(timespec="microseconds")


def test_in_the_end_every_licence_stands_here_as_it_stands_there(house: House, scenes: dict[Scene, Command]) -> None:
    for command in scenes.values():
        house.settled(command)
    theirs = house.vendor.licences()
    for licence in Subscription.select():
        kept = theirs[licence.subscription_id]
        assert (kept["quantity"], kept["sku"]) == (licence.quantity, licence.sku.code)
        assert (day(kept["expires_at"]), day(kept["cancelled_at"])) == (licence.expires_on, licence.cancelled_on)
        assert kept["customer"]["Contacts"]["CompanyName"] == licence.confirmed_details["company_name"]


def day(text: str | None) -> object:
    return None if text is None else datetime.fromisoformat(text).astimezone(ZONE).date()


def test_the_times_are_those_that_the_vendor_states(house: House, scenes: dict[Scene, Command]) -> None:
    command = house.settled(scenes[Scene.ANSWER_LOST])
    executed = [row["executed_at"] for row in house.vendor.ledger(command.reference) if row["effect_id"] is not None]
    assert executed == [again(command).executed_at.isoformat(timespec="microseconds")]
