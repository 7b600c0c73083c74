"""One process, a virtual clock, faults by seed: `python -m tests.chaos.simulation --seed N` plays one schedule again.

A schedule is a few people who order licences and ask for commands, workers that are paused and killed, and a vendor
that loses, delays and repeats. It ends when nothing moves any more; then the checker looks.
"""

import argparse
import gc
import random
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from database import db
from jobs.room import GATEWAY, Room
from jobs.sending import send, settle
from licensing.commands import Outcome, VendorRequest
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState, OrderState
from models import Attempt, Command, Subscription, Term
from operations.claim_command import Claim
from operations.record_outcome import record_outcome
from operations.settle_command import expire_leases
from queries.due_commands import commands_to_send, commands_to_settle
from tests.chaos.book import Book, small_book
from tests.chaos.checker import Accepted, violations
from tests.chaos.hub import Hub, Killed
from tests.chaos.people import People
from tests.chaos.report import summary_cents
from tests.chaos.standing_vendor import SLACK, StandingVendor, is_for
from tests.chaos.vendor import DEADLINE_SECONDS, LATENESS_SECONDS, Vendor
from tests.small_book import ZONE

# Until then people ask and things go wrong; after it all must come to rest by itself.
CALM_AT, GIVEN_UP_AT = 400.0, 4000.0
REAL_START = datetime(2031, 3, 5, 9, 0, tzinfo=UTC)
# The middle of a month, its last minutes, the night in which clocks change.
BUSINESS_STARTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
    for text in ("2017-07-23T12:46", "2017-07-31T23:57", "2017-12-31T23:58", "2018-03-25T01:58", "2018-10-28T02:58")
)
CHANGED = ("adoption", "attempt", "term", "command", "audit_entry", "subscription", "gateway_contact", "gateway_hold")


@dataclass(slots=True)
class Tally:
    """What a number of schedules came to."""

    schedules: int = 0
    commands: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.schedules += other.schedules
        self.commands += other.commands
        self.faults.update(other.faults)
        self.violations.extend(other.violations)


class _Clock:
    """Where the product asks for the time a worker may be paused or killed."""

    def __init__(self, schedule: "Schedule") -> None:
        self._schedule = schedule

    def moment(self, _zone: ZoneInfo) -> Moment:
        self._schedule.interrupt()
        return self._schedule.moment


class Schedule(People):
    """One run of one seed."""

    def __init__(self, book: Book, seed: int) -> None:
        self.book = book
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.hub = Hub(self.chance, starts_at=REAL_START)
        self._business_start = self.chance.choice(BUSINESS_STARTS)
        self._slack = SLACK if is_for(seed) else timedelta(0)
        self.vendor = (StandingVendor if is_for(seed) else Vendor)(
            self.hub,
            business=lambda: self.moment.now,
            zone=ZONE,
            is_composed=self.chance.random() < 0.4,
            calm_at=CALM_AT,
        )
        self.vendor.answered_twice = self._answer_again
        settings = SimpleNamespace(
            clock=_Clock(self),
            zone=ZONE,
            vendor=SimpleNamespace(deadline_seconds=DEADLINE_SECONDS),
            lateness_seconds=LATENESS_SECONDS,
        )
        self.room = Room(config=settings, gateway=self.vendor)
        self.accepted: list[Accepted] = []

    @property
    def moment(self) -> Moment:
        return Moment(now=self._business_start + timedelta(seconds=self.hub.seconds), real_now=self.hub.now, zone=ZONE)

    def run(self) -> Tally:
        """Play it to the end and look."""
        for table in CHANGED:
            db.execute_sql(f"DELETE FROM {table}")  # noqa: S608 - our own names
        people = self.chance.choice((1, 1, 1, 2))
        for _ in range(people):
            self._begin_with_a_licence()
            self.hub.start(self.person)
        self.hub.start(self.attend)
        self._play()
        found = violations(
            db.connection(),
            effects=self.vendor.effects,
            accepted=self.accepted,
            zone=ZONE,
            report=summary_cents,
            slack=self._slack,
        )
        return Tally(
            1, len({promise.command_id for promise in self.accepted}), self.hub.faults, [*self.hub.wrong, *found]
        )

    def _play(self) -> None:
        ticks_at = 0.0
        while self.hub.seconds < GIVEN_UP_AT:
            next_at = self.hub.next_at
            if next_at is not None and next_at < ticks_at:
                self.vendor.catch_up(next_at)
                self.hub.step()
                continue
            if next_at is None and not self.is_anything_open() and not self.decide_parked():
                return
            self.vendor.catch_up(ticks_at)
            self.hub.seconds = max(self.hub.seconds, ticks_at)
            self._tick()
            ticks_at = self.hub.seconds + self.chance.uniform(1, 15)

    def is_anything_open(self) -> bool:
        query = "SELECT 1 FROM command WHERE state IN ('queued', 'sending', 'unknown') LIMIT 1"
        return db.connection().execute(query).fetchone() is not None

    def _tick(self) -> None:
        """What the clock process does, with wakes that are lost and wakes that come twice."""
        due_states = self._due_states()
        moment = self.moment
        now = moment.real_now
        if "sending" in due_states:
            expire_leases(moment=moment)
        if "queued" in due_states:
            for due in commands_to_send(now=now, grace=timedelta(seconds=3), limit=50):
                self._wake(send, due.command_id)
        if "unknown" in due_states:
            for due in commands_to_settle(now=now, limit=50):
                self._wake(settle, due.command_id)

    def _due_states(self) -> set[str]:
        """Asked in plain SQL, so that nothing is built for a round in which nothing is due."""
        now = self.hub.now.replace(tzinfo=None).isoformat(" ")
        query = (
            "SELECT DISTINCT state FROM command WHERE state IN ('queued', 'unknown') AND due_at <= ?"
            " OR state = 'sending'"
        )
        return {state for (state,) in db.connection().execute(query, (now,))}

    def _wake(self, job: Callable[[Room, int], object], command_id: int) -> None:
        times = 1 if self.hub.seconds > CALM_AT else self.chance.choice((0, 1, 1, 1, 1, 2))
        self.count("wake lost" if times == 0 else "duplicate job", is_so=times != 1)
        for _ in range(times):
            self.hub.start(lambda: job(self.room, command_id), after=self.chance.uniform(0, 1))

    def count(self, fault: str, *, is_so: bool = True) -> None:
        self.hub.faults[fault] += is_so

    def interrupt(self) -> None:
        """Where a worker asks for the time: it is paused, held back until it does most harm, or killed."""
        drawn = self.chance.random()
        if self.hub.seconds > CALM_AT or drawn < 0.8:
            self.hub.wait(self.chance.uniform(0, 0.2))
        elif drawn < 0.88:
            self.hub.wait(self.chance.uniform(0, 6))
        elif drawn < 0.94:
            self.count("paused beyond the lease")
            self.hub.wait(self.chance.uniform(20, 120))
        elif drawn < 0.97:
            self.count("paused until the next attempt")
            self._wait_for_another()
        else:
            self.hub.wait(0)
            raise Killed

    def _wait_for_another(self) -> None:
        for _ in range(40):
            self.hub.wait(4)
            if any(self.vendor.in_flight.values()):
                return

    def _begin_with_a_licence(self) -> None:
        """One that the vendor made without any trouble, so that the trouble is with what follows."""
        made_at = self.moment.now - timedelta(days=3)
        quantity = self.chance.randint(5, 24)
        columns = {"reseller": self.book.reseller_id, "quantity": quantity}
        made = self.vendor.make_licence(self.key(), quantity=quantity, made_at=made_at)
        licence = Subscription.create(
            customer=self.book.customer_id,
            product=self.book.product_id,
            sku=self.book.sku_id,
            order_state=OrderState.LIVE,
            subscription_id=made.subscription_id,
            activation_code=self.key(),
            activated_at=made_at,
            ordered_at=made_at,
            confirmed_details={"company_name": made.company_name, "country": "RS"},
            **columns,
        )
        command = Command.create(
            reference=made.reference,
            request_key=self.key(),
            kind=CommandKind.CREATE,
            state=CommandState.CONFIRMED,
            subscription=licence,
            requested_at=made_at,
            executed_at=made_at,
            settled_at=made_at,
            **columns,
        )
        Term.create(subscription=licence, quantity=quantity, starts_at=made_at.replace(microsecond=0), command=command)

    def key(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128)))

    def accept(self, key: str, command: Command) -> None:
        self.accepted.append(Accepted(key, command.id))
        self._wake(send, command.id)

    def _answer_again(self, request: VendorRequest, outcome: Outcome) -> None:
        """The same answer is written down a second time, later, by whoever had it in hand."""
        command = Command.get(Command.reference == request.reference)
        if command.lease is None:
            return
        attempt = Attempt.select().where(Attempt.command == command.id).order_by(Attempt.id.desc()).get()
        claim = Claim(
            command_id=command.id,
            lease=command.lease,
            lease_until=command.lease_until,
            deadline_at=command.deadline_at,
            attempt_id=attempt.id,
            request=request,
        )
        later = self.chance.uniform(0, 90)
        self.hub.start(
            lambda: record_outcome(claim, outcome, moment=self.moment, gateway=GATEWAY),
            after=later,
        )


def run_schedules(seeds: range, *, stops: bool = False) -> Tally:
    """Run these seeds on one database; each violation names its seed, and the first can stop it."""
    tally = Tally()
    with small_book() as book:
        gc.freeze()
        for seed in seeds:
            one = Schedule(book, seed).run()
            one.violations = [f"seed {seed}: {said}" for said in one.violations]
            tally.add(one)
            if stops and tally.violations:
                break
    return tally


def main() -> int:
    """Run one seed, or count of them from it on, and print what happened."""
    parser = argparse.ArgumentParser(description="Play schedules of faults by seed.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--stop", action="store_true", help="at the first violation")
    asked = parser.parse_args()
    tally = run_schedules(range(asked.seed, asked.seed + asked.count), stops=asked.stop)
    for said in tally.violations:
        sys.stdout.write(f"{said}\n")
    fired = ", ".join(f"{name} {times}" for name, times in sorted(tally.faults.items()))
    sys.stdout.write(f"{tally.schedules} schedules, {tally.commands} commands accepted; {fired}\n")
    sys.stdout.write(f"{len(tally.violations)} violations\n")
    return min(len(tally.violations), 1)


if __name__ == "__main__":
    sys.exit(main())
