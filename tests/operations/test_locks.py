"""Two people, or a person and the vendor's answer, at once: both get an answer in words, and nothing is lost."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from licensing.commands import Confirmed, CustomerDetails
from licensing.states import OPEN_STATES, CommandKind, CommandState
from models import Command, Subscription
from operations.customer_details import modify_attributes
from operations.customers import change_customer
from operations.record_outcome import record_outcome
from operations.record_refusals import RecordChanged
from operations.refusals import CommandRefused
from operations.request_command import request_command
from queries.licences import details_of
from tests.desk import GATEWAY, Desk, again, at_once, state_of

# Enough for the two to meet in the middle on a busy machine.
ROUNDS = range(4)
Work = Callable[[], object]


class Meeting(Desk):
    """A customer with two licences, and what people do to it at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = self.live(), self.live()

    def new_details(self, city: str) -> CustomerDetails:
        return replace(details_of(again(self.customer)), city=city)

    def change_record(self, city: str) -> Work:
        version = again(self.customer).version
        return partial(
            change_customer,
            self.customer.id,
            self.new_details(city),
            version=version,
            actor=self.actor,
            moment=self.moment,
        )

    def change_attributes(self, city: str) -> Work:
        return partial(
            modify_attributes,
            self.request_of(CommandKind.MODIFY_ATTRIBUTES, self.second),
            self.new_details(city),
            customer_version=again(self.customer).version,
            actor=self.actor,
            moment=self.moment,
        )

    def change_quantity(self) -> Work:
        request = self.request_of(CommandKind.MODIFY_QUANTITY, self.second, quantity=8)
        return partial(request_command, request, actor=self.actor, moment=self.moment)


@pytest.fixture
def meeting(database: str) -> Meeting:
    return Meeting()


def failures(found: list[object]) -> list[object]:
    """What is neither a result nor a refusal in words."""
    in_words = (CommandRefused, RecordChanged)
    return [answer for answer in found if isinstance(answer, Exception) and not isinstance(answer, in_words)]


def has_one_open_command(subscription: Subscription) -> bool:
    query = Command.select().where(Command.subscription == subscription.id, Command.state.in_(OPEN_STATES))
    return query.count() == 1


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_changed_record_and_a_command_on_one_of_its_licences(meeting: Meeting, _round: int) -> None:
    found = at_once(meeting.change_record("Novi Sad"), meeting.change_quantity())
    assert failures(found) == []
    assert has_one_open_command(meeting.second)
    assert has_one_open_command(meeting.first)


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_changed_record_and_modify_attributes_of_one_of_its_licences(meeting: Meeting, _round: int) -> None:
    found = at_once(meeting.change_record("Novi Sad"), meeting.change_attributes("Subotica"))
    assert failures(found) == []
    assert len([answer for answer in found if isinstance(answer, Exception)]) == 1
    assert has_one_open_command(meeting.second)


def test_a_double_click_on_modify_attributes_is_one(meeting: Meeting) -> None:
    click = meeting.change_attributes("Subotica")
    found = at_once(click, click)
    assert failures(found) == []
    assert found[0][0] == found[1][0]
    assert again(meeting.customer).version == 2


@pytest.mark.parametrize("_round", ROUNDS)
def test_the_answer_to_a_recreate_is_written_down_whatever_people_do_meanwhile(meeting: Meeting, _round: int) -> None:
    meeting.done(CommandKind.SOFT_CANCEL, meeting.first)
    details = meeting.new_details("Novi Sad")
    command = meeting.ask(CommandKind.RECREATE, meeting.first, quantity=10, details=details)
    claim = meeting.claim(command)
    answer = partial(record_outcome, claim, Confirmed(), moment=meeting.moment, gateway=GATEWAY)
    found = at_once(answer, meeting.change_quantity(), meeting.change_record("Subotica"))
    assert failures(found) == []
    assert state_of(command) == CommandState.CONFIRMED
    assert has_one_open_command(meeting.second)
