"""A desk for bulk commands: many licences written straight into the tables, the steps from choosing to the batch."""

from collections.abc import Sequence
from datetime import date, datetime

from access import Actor
from database import insert_rows
from licensing.bulk import BulkCommand, QuantityChange
from licensing.commands import Confirmed, Outcome
from licensing.states import CommandKind, OrderState
from models import Batch, Command, Customer, Selection, Subscription, Term, User
from operations.plan_selection import plan_selection
from operations.select_rows import select_ticked
from operations.start_batch import start_batch
from queries.selection import PlanRow, all_plan_rows
from tests.desk import Desk, again, local
from tests.small_book import actor, add_subscription

CREATED_AT = local("2017-03-06T10:00:00")
PLUS_2 = BulkCommand(CommandKind.MODIFY_QUANTITY, change=QuantityChange.INCREASE_BY, amount=2)
SOFT_CANCEL = BulkCommand(CommandKind.SOFT_CANCEL)


def set_to(quantity: int) -> BulkCommand:
    return BulkCommand(CommandKind.MODIFY_QUANTITY, change=QuantityChange.SET_TO, amount=quantity)


def city(value: str) -> BulkCommand:
    return BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="city", value=value)


class BulkDesk(Desk):
    """A desk whose licences were made months ago."""

    def licence(
        self,
        quantity: int = 12,
        *,
        customer: Customer | None = None,
        expires_on: date | None = None,
        cancelled_on: date | None = None,
        **columns: object,
    ) -> Subscription:
        """A live licence of so many seats since March, ended where a date says so."""
        ends_on = min((day for day in (expires_on, cancelled_on) if day is not None), default=None)
        subscription = add_subscription(
            customer or self.customer,
            product=self.product,
            quantity=quantity,
            expires_on=expires_on,
            cancelled_on=cancelled_on,
            activated_at=CREATED_AT,
            **columns,
        )
        if subscription.order_state == OrderState.LIVE:
            ends_at = None if ends_on is None else local(f"{ends_on}T00:00:00")
            Term.create(subscription=subscription, quantity=quantity, starts_at=CREATED_AT, ends_at=ends_at)
        return subscription

    def licences(self, *quantities: int) -> list[Subscription]:
        return [self.licence(quantity) for quantity in quantities]

    def select(self, licences: Sequence[Subscription], *, by: Actor | None = None) -> Selection:
        return select_ticked([licence.id for licence in licences], actor=by or self.actor, moment=self.moment)

    def plan(
        self, licences: Sequence[Subscription], command: BulkCommand = PLUS_2, *, by: Actor | None = None
    ) -> Selection:
        return self.plan_again(self.select(licences, by=by), command, by=by)

    def plan_again(self, selection: Selection, command: BulkCommand, *, by: Actor | None = None) -> Selection:
        return plan_selection(selection.id, command, actor=by or self.actor, moment=self.moment)

    def start(self, selection: Selection, *, by: Actor | None = None, **values: object) -> Batch:
        arguments = {"version": selection.version, "actor": by or self.actor, "moment": self.moment, **values}
        return start_batch(selection.id, **arguments)

    def batch(self, licences: Sequence[Subscription], command: BulkCommand = PLUS_2) -> Batch:
        return self.start(self.plan(licences, command))

    def answer_all(self, batch: Batch, outcome: Outcome | None = None) -> None:
        """Claim every command of the batch that is queued, and answer it."""
        for command in commands_of(batch):
            claim = self.claim(command)
            if claim is not None:
                self.answer(claim, outcome or Confirmed())

    def colleague(self, username: str = "blanche") -> Actor:
        """Another user of the same reseller."""
        user = User.create(
            username=username,
            username_key=username,
            password_hash="never used",
            name=username,
            name_key=username,
            role=self.actor.role,
            reseller=self.reseller,
        )
        return actor(self.actor.role, reseller=self.reseller, user=user)


def plan_of(selection: Selection) -> list[PlanRow]:
    """Every row of the plan in order."""
    return list(all_plan_rows(again(selection)))


def reasons_of(selection: Selection) -> list[str]:
    """For each row its reason code, empty where it is eligible."""
    return [row.reason_code for row in plan_of(selection)]


def commands_of(batch: Batch) -> list[Command]:
    return list(Command.select().where(Command.batch == batch.id).order_by(Command.id))


def many_licences(desk: Desk, count: int, *, at: datetime = CREATED_AT) -> list[int]:
    """So many licences of the desk's customer by a few statements; gives their ids."""
    first = (Subscription.select(Subscription.id).order_by(Subscription.id.desc()).scalar() or 0) + 1
    sku = desk.product.skus.first().id
    columns = (
        *("reseller", "customer", "product", "sku", "quantity", "order_state", "subscription_id"),
        *("activated_at", "ordered_at", "last_request", "version"),
    )
    shared = (desk.reseller.id, desk.customer.id, desk.product.id, sku)
    rows = ((*shared, 10 + number % 5, "live", f"many-{number}", at, at, "", 1) for number in range(count))
    insert_rows(Subscription, columns, rows)
    ids = [pk for (pk,) in Subscription.select(Subscription.id).where(Subscription.id >= first).tuples()]
    insert_rows(Term, ("subscription", "quantity", "starts_at"), ((pk, 12, at) for pk in ids))
    return sorted(ids)
