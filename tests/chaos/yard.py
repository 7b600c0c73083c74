"""Where processes are killed: a database, a vendor that loses and delays by a plan, and people who click."""

import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

from config import read_config
from database import connect_to, db
from licensing.commands import CustomerDetails
from licensing.states import CommandKind, CommandState, OrderState
from models import Command, Subscription
from operations.order_subscription import order_subscription
from operations.refusals import CommandRefused, VersionConflict
from operations.request_command import CommandRequest, request_command
from tests.chaos.checker import Accepted, effects_of, violations
from tests.chaos.forks import Fork
from tests.jobs.house import HouseDesk
from tests.simulator.process import SimulatorProcess
from tests.small_book import ZONE

DEADLINE_SECONDS, LATENESS_SECONDS, LATE_SECONDS = 1.0, 1.5, 0.8
# Drawn for reads as well, so none of these lets the vendor deny for ever what it has executed.
WEIGHTS = {"none": 80, "dropped": 4, "throttled": 4, "busy": 2, "slow": 3, "twice": 3, "truncated": 2, "failed": 2}
RULES = (
    {"kind": "drop", "executes": "at_once"},
    {"kind": "drop", "executes": "late", "seconds": LATE_SECONDS},
    {"kind": "hang", "executes": "late", "seconds": LATE_SECONDS},
    {"kind": "hide", "seconds": LATE_SECONDS},
    {"kind": "refuse"},
    {"kind": "hostile", "executes": "at_once"},
)
EXTENSIONS = ("softcancel", "recreate", "reduce", "effective_at", "details", "find")
OPEN = (CommandState.QUEUED, CommandState.SENDING, CommandState.UNKNOWN, CommandState.PARKED)
ON_ITS_WAY = OPEN[:3]


class Yard:
    """The vendor recognises no repeated request here: what is sent twice is executed twice."""

    def __init__(self, folder: Path, url: str, *, redis_url: str, seed: int, kills: int) -> None:
        self.folder, self.wanted = folder, kills
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.vendor = SimulatorProcess(folder, SIMULATOR_HISTORY_UNTIL="2000-01-01T00:00+01:00")
        self.vendor.settings(latency_ms=15, extensions={**dict.fromkeys(EXTENSIONS, True), "deduplication": False})
        self.vendor._ask("POST", "/control/faults", {"seed": seed, "weights": WEIGHTS, "seconds": LATE_SECONDS})
        os.environ.update(
            SEATDESK_ENV="test",
            SECRET_KEY="k" * 32,
            SEATDESK_INSTANCE=str(folder),
            DATABASE_URL=url,
            REDIS_URL=redis_url,
            SEATDESK_VENDOR_URL=self.vendor.vendor_url,
            SEATDESK_VENDOR_DEADLINE=str(DEADLINE_SECONDS),
            SEATDESK_LATENESS=str(LATENESS_SECONDS),
        )
        self.config = read_config(os.environ)
        self.killed: Counter[str] = Counter()
        self.accepted: list[Accepted] = []
        with db.connection_context():
            self.desk = HouseDesk()

    @property
    def kills(self) -> int:
        return self.killed.total()

    @property
    def is_wild(self) -> bool:
        """Whether there is still somebody to kill."""
        return self.kills < self.wanted

    def fork(self, work: Callable[[], object]) -> Fork:
        """A process with a database connection of its own, as if it had been started."""

        def connected() -> None:
            connect_to(self.config.database_url)
            work()

        return Fork(connected, log=self.folder / "forks.log")

    def calm(self) -> None:
        """The vendor answers as it should from now on."""
        self.vendor._ask("DELETE", "/control/faults")

    def click(self) -> Command | None:
        """Somebody orders or asks for a command; the web process may be killed, and then the same form comes again."""
        with db.connection_context():
            click, key = self._form()
        if self.is_wild and self.chance.random() < 0.25:
            self.vendor.fault(**self.chance.choice(RULES))
        if self.is_wild and self.chance.random() < 0.15:
            web = self.fork(lambda: self._in_the_web(click))
            time.sleep(self.chance.uniform(0, 0.04))
            self.killed["web"] += web.kill()
        with db.connection_context():
            try:
                command = click()
            except (CommandRefused, VersionConflict):
                return None
        self.accepted.append(Accepted(key, command.id))
        return command

    @staticmethod
    def _in_the_web(click: Callable[[], object]) -> None:
        with db.connection_context():
            click()

    def _form(self) -> tuple[Callable[[], Command], str]:
        desk = self.desk
        licence = self._idle_licence()
        if licence is None or self.chance.random() < 0.4:
            order = desk.order_of(quantity=self.chance.randint(5, 24))
            return lambda: order_subscription(order, actor=desk.actor, moment=desk.moment), order.request_key
        request = CommandRequest(
            kind=self.chance.choice([kind for kind in CommandKind if kind is not CommandKind.CREATE]),
            subscription_pk=licence.id,
            version=licence.version,
            request_key=str(uuid.uuid4()),
            quantity=self.chance.randint(5, 24),
            expires_on=date(desk.moment.month.year + 1, self.chance.randint(1, 12), 1),
            details=CustomerDetails(company_name=f"Company {self.chance.randint(1, 99)}", country="RS"),
        )
        return lambda: request_command(request, actor=desk.actor, moment=desk.moment), request.request_key

    def _idle_licence(self) -> Subscription | None:
        busy = Command.select(Command.subscription).where(Command.state.in_(OPEN))
        idle = Subscription.select().where(Subscription.order_state == OrderState.LIVE, Subscription.id.not_in(busy))
        found = list(idle.order_by(Subscription.id).limit(20))
        return self.chance.choice(found) if found else None

    def is_quiet(self) -> bool:
        """Whether every command is settled or parked."""
        with db.connection_context():
            return not Command.select().where(Command.state.in_(ON_ITS_WAY)).exists()

    def open_commands(self) -> int:
        with db.connection_context():
            return Command.select().where(Command.state.in_(ON_ITS_WAY)).count()

    def violations(self) -> list[str]:
        """What the checker says, once late executions are over."""
        time.sleep(LATE_SECONDS)
        effects = effects_of(self.folder / "vendor.db", zone=ZONE)
        with db.connection_context():
            return violations(db.connection(), effects=effects, accepted=self.accepted, zone=ZONE)

    def parked(self) -> int:
        with db.connection_context():
            return Command.select().where(Command.state == CommandState.PARKED).count()
