"""A desk for tests of the path of a command: one reseller, its customer and product, and two clocks to move.

The real clock stands in another year than the business clock, so that mixing them up is noticed.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from threading import Barrier

from access import Actor, Role
from database import db
from licensing.commands import Confirmed, CustomerDetails, Finding, Outcome
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState
from models import AuditEntry, Command, Subscription, Term
from operations.claim_command import Claim, claim_command
from operations.order_subscription import Order, order_subscription
from operations.record_outcome import record_outcome
from operations.request_command import CommandRequest, request_command
from operations.settle_command import OpenQuestion, open_question, settle_command
from tests import small_book
from tests.small_book import ZONE, actor, add_customer, add_product, add_reseller, add_user

GATEWAY = "order service"
DEADLINE = timedelta(seconds=30)
LATENESS = timedelta(seconds=900)
REAL_START = datetime(2031, 3, 5, 9, 0, tzinfo=UTC)
DETAILS = CustomerDetails(company_name="Prerada voća d.o.o.", country="RS", city="Beograd")
BANDS = ((5, 9, 1000), (10, 14, 770), (15, 24, 354))
_numbers = count(1)


def local(text: str) -> datetime:
    """An instant as a clock in Belgrade shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


class Desk:
    """Asks, claims, answers and settles at the time that the test has set."""

    def __init__(self) -> None:
        self.now = small_book.NOW
        self.real_now = REAL_START
        self.reseller = add_reseller("Bluth Company")
        self.user = add_user("blake", reseller=self.reseller)
        self.actor = actor(Role.RESELLER_USER, reseller=self.reseller, user=self.user)
        self.product = add_product(bands=BANDS)
        self.customer = add_customer("Tunel d.o.o.", reseller=self.reseller, city="Sarajevo", country="BA")

    @property
    def moment(self) -> Moment:
        return Moment(now=self.now, real_now=self.real_now, zone=ZONE)

    def at(self, text: str) -> None:
        """Move the business clock to a local time."""
        self.now = local(text)

    def wait(self, span: timedelta | float) -> None:
        """Let the same time pass on both clocks."""
        span = span if isinstance(span, timedelta) else timedelta(seconds=span)
        self.now += span
        self.real_now += span

    def order_of(self, **values: object) -> Order:
        return Order(
            **{
                "request_key": str(uuid.uuid4()),
                "reseller_id": self.reseller.id,
                "product_id": self.product.id,
                "quantity": 12,
                "customer_id": self.customer.id,
                **values,
            }
        )

    def order(self, **values: object) -> Command:
        return order_subscription(self.order_of(**values), actor=self.actor, moment=self.moment)

    def request_of(self, kind: CommandKind, subscription: Subscription, **values: object) -> CommandRequest:
        return CommandRequest(
            **{
                "kind": kind,
                "subscription_pk": subscription.id,
                "version": again(subscription).version,
                "request_key": str(uuid.uuid4()),
                **values,
            }
        )

    def ask(self, kind: CommandKind, subscription: Subscription, *, by: Actor | None = None, **values) -> Command:
        request = self.request_of(kind, subscription, **values)
        return request_command(request, actor=by or self.actor, moment=self.moment)

    def claim(self, command: Command) -> Claim | None:
        return claim_command(command.id, moment=self.moment, deadline=DEADLINE, gateway=GATEWAY)

    def answer(self, claim: Claim, outcome: Outcome) -> bool:
        return record_outcome(claim, outcome, moment=self.moment, gateway=GATEWAY)

    def send(self, command: Command, outcome: Outcome) -> Command:
        """Claim and answer; gives the command as it then stands."""
        claim = self.claim(command)
        assert claim is not None
        assert self.answer(claim, outcome)
        return again(command)

    def question(self, command: Command) -> OpenQuestion | None:
        return open_question(command.id, moment=self.moment)

    def read(self, command: Command, finding: Finding) -> bool:
        """Ask the vendor, who shows this finding; gives whether that settled the command."""
        question = self.question(command)
        assert question is not None
        return settle_command(question, finding, moment=self.moment, lateness=LATENESS)

    def live(self, *, at: str | None = None, expires_on: date | None = None, **values: object) -> Subscription:
        """A licence that the vendor has confirmed, ordered at that local time."""
        kept = self.now
        if at is not None:
            self.at(at)
        subscription = self.send(self.order(**values), created()).subscription
        if expires_on is not None:
            self.done(CommandKind.REDUCE, subscription, expires_on=expires_on)
        self.now = kept
        return again(subscription)

    def done(self, kind: CommandKind, subscription: Subscription, *, at: str | None = None, **values) -> Command:
        """Ask for a command and have the vendor confirm it, both at that local time."""
        if at is not None:
            self.at(at)
        return self.send(self.ask(kind, subscription, **values), Confirmed())


def created(**values: object) -> Confirmed:
    """The vendor's answer to a Create."""
    number = next(_numbers)
    return Confirmed(
        **{
            "subscription_id": f"{number:08x}-aaaa-4d6e-8ecc-39de0e709b02",
            "activation_code": f"{number:08X}-BBBB-4C58-9346-85FE2B77F269",
            **values,
        }
    )


def again(row):
    """The row as it stands in the database now."""
    return type(row).get_by_id(row.id)


def state_of(command: Command) -> CommandState:
    return CommandState(again(command).state)


def spans(subscription: Subscription) -> list[tuple[int, str, str | None]]:
    """The terms as quantity, local start and local end."""
    rows = Term.select().where(Term.subscription == subscription.id).order_by(Term.starts_at)
    return [(term.quantity, _local_text(term.starts_at), _local_text(term.ends_at)) for term in rows]


def _local_text(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def audited(subject: str, subject_id: int) -> list[str]:
    """The actions in the audit trail about that row, oldest first."""
    rows = AuditEntry.select(AuditEntry.action).where(
        AuditEntry.subject == subject, AuditEntry.subject_id == subject_id
    )
    return [action for (action,) in rows.order_by(AuditEntry.id).tuples()]


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run each in a thread with a connection of its own, all starting together; gives results or exceptions."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        with db.connection_context():
            start.wait()
            return work()

    with ThreadPoolExecutor(len(works)) as threads:
        futures = [threads.submit(run, work) for work in works]
    return [future.exception() or future.result() for future in futures]
