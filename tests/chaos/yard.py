"""Where processes are killed: a database, a vendor that loses and delays by a plan, and people who click."""

import json
import os
import random
import shutil
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from config import read_config
from database import connect_to, db
from jobs.dispatch import wake
from licensing.commands import CustomerDetails
from licensing.states import CommandKind, CommandState, OrderState
from models import Attempt, Command, GatewayContact, Subscription
from operations.order_subscription import order_subscription
from operations.refusals import CommandRefused, VersionConflict
from operations.request_command import CommandRequest, request_command
from tests.chaos.checker import Accepted, effects_of, violations
from tests.chaos.forks import Fork
from tests.chaos.report import summary_cents
from tests.chaos.web import Web
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


# The subscription service states no time of execution: what is found out by reading counts from the reading.
SLACK = timedelta(seconds=90)
PAGE_KINDS = (CommandKind.MODIFY_QUANTITY, CommandKind.RENEW, CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL)
PAGE_FIELDS = {CommandKind.MODIFY_QUANTITY: ("quantity",), CommandKind.RENEW: ("expiration",)}


@dataclass(frozen=True, slots=True)
class Click:
    """What somebody asks for by one form. send is a click; send_unheard the same where the queue never answers."""

    key: str
    send: Callable[[], object]
    send_unheard: Callable[[], object]


class Yard:
    """The vendor recognises no repeated request here: what is sent twice is executed twice."""

    def __init__(self, folder: Path, url: str, *, redis_url: str, seed: int, kills: int, wire: str = "rest") -> None:
        self.folder, self.wanted, self.wire = folder, kills, wire
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
            SEATDESK_VENDOR_KIND="subscription" if wire == "soap" else "order",
            SEATDESK_VENDOR_URL=f"{self.vendor.address}/soap/upi" if wire == "soap" else self.vendor.vendor_url,
            SEATDESK_VENDOR_USER="seatdesk",
            SEATDESK_VENDOR_PASSWORD="a password of the tests",
            SEATDESK_VENDOR_DEADLINE=str(DEADLINE_SECONDS),
            SEATDESK_LATENESS=str(LATENESS_SECONDS),
        )
        self.config = read_config(os.environ)
        self.killed: Counter[str] = Counter()
        self.accepted: list[Accepted] = []
        with db.connection_context():
            self.desk = HouseDesk()
            self.web = Web(self.config, self.desk.user)

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
        """Somebody orders or asks for a command. The web process may be killed, and then the same form may come again.

        Gives the command that somebody must wake, None where there is none or nobody could.
        """
        with db.connection_context():
            licence = self._idle_licence()
            is_order = licence is None or self.chance.random() < 0.4
            click = self._order() if is_order else self._request(licence)
        if self.is_wild and self.chance.random() < 0.25:
            self.vendor.fault(**self.chance.choice(RULES))
        is_left = self.is_wild and self.chance.random() < 0.2 and self._kill_web(click)
        if not is_left:
            with suppress(CommandRefused, VersionConflict):
                click.send()
        with db.connection_context():
            command: Command | None = Command.get_or_none(Command.request_key == click.key)
        if command is not None:
            self.accepted.append(Accepted(click.key, command.id))
        return None if is_left else command

    def _kill_web(self, click: Click) -> bool:
        """Kill the process that serves the click; gives whether the person goes away without another try."""
        point = self.chance.choice(("web at random", "web committed, not woken"))
        fork = self.fork(click.send_unheard)
        if point == "web at random":
            time.sleep(self.chance.uniform(0, 0.08))
        elif not self._is_committed(click.key, fork):
            return False
        self.killed[point] += fork.kill()
        return self.chance.random() < 0.5

    def _is_committed(self, key: str, fork: Fork) -> bool:
        """Wait until the command stands in the table; the process then waits for a queue that never answers."""
        while not fork.is_over():
            with db.connection_context():
                if Command.select().where(Command.request_key == key).exists():
                    return True
            time.sleep(0.002)
        return False

    def _order(self) -> Click:
        desk = self.desk
        order = desk.order_of(quantity=self.chance.randint(5, 24))
        return self._click_of(
            order.request_key, lambda: order_subscription(order, actor=desk.actor, moment=desk.moment)
        )

    def _request(self, licence: Subscription) -> Click:
        desk = self.desk
        quantity = self.chance.randint(5, 24)
        expires_on = date(desk.moment.month.year + 1, self.chance.randint(1, 12), 1)
        if self.chance.random() < 0.4:
            return self._page_click(licence, quantity=quantity, expires_on=expires_on)
        request = CommandRequest(
            kind=self.chance.choice([kind for kind in CommandKind if kind is not CommandKind.CREATE]),
            subscription_pk=licence.id,
            version=licence.version,
            request_key=str(uuid.uuid4()),
            quantity=quantity,
            expires_on=expires_on,
            details=CustomerDetails(company_name=f"Company {self.chance.randint(1, 99)}", country="RS"),
        )
        return self._click_of(
            request.request_key, lambda: request_command(request, actor=desk.actor, moment=desk.moment)
        )

    def _click_of(self, key: str, ask: Callable[[], Command]) -> Click:
        def connected() -> Command:
            with db.connection_context():
                return ask()

        return Click(key, connected, lambda: wake(connected().id, redis_url=self.web.deaf_queue))

    def _page_click(self, licence: Subscription, *, quantity: int, expires_on: date) -> Click:
        """By the product's own dialog, as a browser sends it."""
        kind = self.chance.choice(PAGE_KINDS)
        typed = {"quantity": str(quantity), "expiration": f"{expires_on:%Y-%m}"}
        web = self.web
        form = web.form(licence, kind, **{name: typed[name] for name in PAGE_FIELDS.get(kind, ())})
        if form is None:
            return self._order()
        return Click(web.key_of(form), lambda: web.send(form), lambda: web.send_unheard(form))

    def _idle_licence(self) -> Subscription | None:
        busy = Command.select(Command.subscription).where(Command.state.in_(OPEN))
        idle = Subscription.select().where(Subscription.order_state == OrderState.LIVE, Subscription.id.not_in(busy))
        found = list(idle.order_by(Subscription.id).limit(20))
        return self.chance.choice(found) if found else None

    def hurry(self) -> None:
        """Nobody waits minutes for the next try here; what proves absence, and who holds a lease, stays as it is."""
        now = self.desk.moment.real_now
        soon = now + timedelta(seconds=2)
        with db.connection_context():
            far = Command.state.in_((CommandState.QUEUED, CommandState.UNKNOWN)), Command.due_at > soon
            Command.update(due_at=now).where(*far).execute()
            GatewayContact.update(probe_due_at=now).where(GatewayContact.probe_due_at > soon).execute()

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
            return violations(
                db.connection(),
                effects=effects,
                accepted=self.accepted,
                zone=ZONE,
                report=summary_cents,
                slack=SLACK if self.wire == "soap" else timedelta(0),
            )

    def keep_evidence(self) -> Path:
        """The vendor's ledger, the logs, and our commands with their attempts, where they outlive this process.

        Processes are killed at instants that no seed brings back, so that a violation cannot be played again.
        """
        kept = Path(tempfile.mkdtemp(prefix="seatdesk-violation-"))
        shutil.copytree(self.folder, kept, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        for model in (Command, Attempt):
            with db.connection_context():
                rows = list(model.select().order_by(model.id).dicts())
            lines = (json.dumps(row, default=str) for row in rows)
            (kept / f"{model.__name__.lower()}.jsonl").write_text("\n".join(lines))
        return kept

    def parked(self) -> int:
        with db.connection_context():
            return Command.select().where(Command.state == CommandState.PARKED).count()
