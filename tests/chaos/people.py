"""The people of a schedule: they order, ask, click twice, cancel what is being sent, decide what is left to them."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from jobs.room import Room
from jobs.sending import adopt
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState
from models import Command, Subscription
from operations.cancel_command import cancel_command
from operations.decision_refusals import AlreadyDecided, DecisionRefused
from operations.order_subscription import Order, order_subscription
from operations.parked_commands import close_parked, confirm_absent
from operations.refusals import CommandRefused, VersionConflict
from operations.request_command import CommandRequest, request_command
from operations.state_adoption import Statement, state_adoption
from tests.chaos.book import Book
from tests.chaos.checker import Effect
from tests.chaos.hub import Hub
from tests.chaos.vendor import LATENESS_SECONDS, Vendor
from tests.small_book import ZONE


class People:
    """What Schedule adds: the clocks, the keys, and that a job is woken for what was accepted."""

    book: Book
    hub: Hub
    chance: random.Random
    vendor: Vendor
    room: Room
    moment: Moment
    key: Callable[[], str]
    accept: Callable[[str, Command], None]
    count: Callable[..., None]
    is_anything_open: Callable[[], bool]

    def person(self) -> None:
        """Orders a licence or has one, and asks for a few commands, mostly once the last one is settled."""
        who = self.chance.choice(self.book.actors)
        self.hub.wait(self.chance.uniform(0, 3))
        if self.chance.random() < 0.3:
            self._order(who)
        for _ in range(self.chance.randint(1, 2)):
            self.hub.wait(self.chance.uniform(1, 20))
            if self.chance.random() < 0.8:
                self._wait_until_settled()
            self._act(self.chance.choice(self.book.actors))

    def _wait_until_settled(self) -> None:
        for _ in range(12):
            if not self.is_anything_open():
                return
            self.hub.wait(12)

    def _order(self, who: object) -> None:
        order = Order(
            request_key=self.key(),
            reseller_id=self.book.reseller_id,
            product_id=self.book.product_id,
            quantity=self.chance.randint(5, 24),
            customer_id=self.book.customer_id,
        )
        for _ in range(self._clicks()):
            self.accept(order.request_key, order_subscription(order, actor=who, moment=self.moment))

    def _clicks(self) -> int:
        clicks = self.chance.choice((1, 1, 1, 2))
        self.count("double submit", is_so=clicks > 1)
        return clicks

    def _act(self, who: object) -> None:
        licences = list(Subscription.select())
        if not licences:
            return
        licence = self.chance.choice(licences)
        drawn = self.chance.random()
        if drawn < 0.2:
            self._cancel(licence, who)
        elif drawn < 0.35:
            for command in self._open(licence):
                if command.state == CommandState.PARKED:
                    self._decide(command)
        else:
            self._ask(licence, who)
            if self.chance.random() < 0.3:
                self.count("two operators at once")
                self._ask(licence, self.chance.choice(self.book.actors))

    def _open(self, licence: Subscription) -> list[Command]:
        return list(Command.select().where(Command.subscription == licence.id).order_by(Command.id.desc()).limit(1))

    def _cancel(self, licence: Subscription, who: object) -> None:
        for command in self._open(licence):
            self.count("cancel")
            self.count("cancel while sending", is_so=command.state == CommandState.SENDING)
            try:
                cancel_command(command.id, actor=who, moment=self.moment)
            except (AlreadyDecided, DecisionRefused):
                return

    def decide_parked(self) -> bool:
        """Whoever comes in the morning decides all that is left; gives whether there was anything."""
        left = list(Command.select().where(Command.state == CommandState.PARKED))
        for command in left:
            self._decide(command)
        return bool(left)

    def attend(self) -> None:
        """Somebody who decides as soon as something is left to people, too soon where nothing stops them."""
        for _ in range(self.chance.randint(0, 8)):
            self.hub.wait(self.chance.uniform(3, 40))
            self.decide_parked()

    def _decide(self, command: Command) -> None:
        """A person looks at the vendor's own screen, which shows the truth, and says what it shows."""
        made, code = self.vendor.outcome_for_a_person(command.reference)
        try:
            if made and not command.error_code:
                self._state(command, made, code)
            elif not made and self.chance.random() < 0.2:
                self._close(command)
            else:
                self._confirm_absent(command)
        except (AlreadyDecided, DecisionRefused):
            return

    def _state(self, command: Command, made: list[Effect], code: str) -> None:
        is_new = command.kind == CommandKind.CREATE
        calls = self.vendor.capabilities.support(CommandKind(command.kind)).calls
        if len(made) < len(calls):
            self._decide_half_done(command, done=len(made))
            return
        statement = Statement(
            command_id=command.id,
            attempt=command.attempt,
            executed_at=made[0].executed_at,
            subscription_id=made[0].subscription_id if is_new else "",
            activation_code=code if is_new else "",
        )
        state_adoption(statement, actor=self.book.actors[-1], moment=self.moment)
        self.count("adopted by a person")
        self.hub.start(lambda: adopt(self.room, command.id), after=self.chance.uniform(0, 1))

    def _decide_half_done(self, command: Command, *, done: int) -> None:
        """The rest is sent where we know how far it came. Nobody can tell us so: else it is neither absent nor done."""
        if command.completed_steps == done:
            self._confirm_absent(command)
        else:
            self._close(command)

    def _close(self, command: Command) -> None:
        """Only once nothing can come any more: what is closed is never looked at again."""
        lateness = timedelta(seconds=LATENESS_SECONDS)
        if command.deadline_at is not None and command.deadline_at + lateness > self.moment.real_now:
            return
        close_parked(
            command.id, attempt=command.attempt, reason="Given up", actor=self.book.actors[-1], moment=self.moment
        )
        self.count("closed by a person")

    def _confirm_absent(self, command: Command) -> None:
        lateness = timedelta(seconds=LATENESS_SECONDS)
        who = self.book.actors[-1]
        confirm_absent(command.id, attempt=command.attempt, actor=who, moment=self.moment, lateness=lateness)
        self.count("confirmed absent by a person")

    def _ask(self, licence: Subscription, who: object) -> None:
        kind = self.chance.choice([kind for kind in CommandKind if kind is not CommandKind.CREATE])
        first = self.moment.now.astimezone(ZONE).date().replace(day=1)
        request = CommandRequest(
            kind=kind,
            subscription_pk=licence.id,
            version=licence.version,
            request_key=self.key(),
            quantity=self.chance.randint(5, 24),
            expires_on=_months_later(first, self.chance.randint(1, 23)),
            details=CustomerDetails(company_name=f"Company {self.chance.randint(1, 99)}", country="RS"),
        )
        for _ in range(self._clicks()):
            self.hub.wait(self.chance.choice((0, 0, 1)))
            try:
                command = request_command(request, actor=who, moment=self.moment)
            except (CommandRefused, VersionConflict):
                return
            self.accept(request.request_key, command)


def _months_later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
