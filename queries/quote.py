"""What an order would cost before it is placed: the tariff of a product and a reseller, and the order planned by it."""

from datetime import date

from access import Actor
from licensing.billing import MonthRule, MonthSetting, Tariff
from licensing.commands import Licence
from licensing.impact import Holding, Impact, Proposal, plan_command
from licensing.moment import Moment
from licensing.pricing import Band, Discount, PriceTable
from licensing.refusals import Refusal
from licensing.states import CommandKind
from licensing.terms import Month
from models import Price, PriceList, ResellerDiscount, Setting, Sku
from queries.scope import visible

_NOT_ORDERED_YET = Licence(is_live=False, is_failed=False, quantity=0)


def tariff_of(product_id: int, *, reseller_id: int, actor: Actor) -> Tariff:
    """Every price list of the product, discount of the reseller and month setting, whatever month it is valid from.

    A reseller that the actor cannot know of has no discount here.
    """
    return Tariff(
        price_tables=_price_tables(product_id),
        discounts=_discounts(reseller_id, actor=actor),
        first_month=_month_settings("first_month"),
        restart_month=_month_settings("restart_month"),
    )


def plan_order(
    product_id: int, *, reseller_id: int, quantity: int | None, actor: Actor, moment: Moment
) -> Impact | Refusal:
    """What ordering so many seats now would cost, or why it cannot be ordered."""
    tariff = tariff_of(product_id, reseller_id=reseller_id, actor=actor)
    return plan_known_order(tariff, quantity=quantity, moment=moment)


def plan_known_order(tariff: Tariff, *, quantity: int | None, moment: Moment) -> Impact | Refusal:
    """The same by a tariff that was read before, for many orders."""
    return plan_command(
        Proposal(CommandKind.CREATE, quantity=quantity),
        Holding(_NOT_ORDERED_YET, (), tariff),
        now=moment.now,
        zone=moment.zone,
    )


def _price_tables(product_id: int) -> tuple[PriceTable, ...]:
    rows = (
        Price.select(PriceList.valid_from, Sku.code, Price.min_quantity, Price.max_quantity, Price.price_cents)
        .join_from(Price, PriceList)
        .join_from(Price, Sku)
        .where(PriceList.product == product_id)
        .order_by(PriceList.valid_from, Price.min_quantity)
        .tuples()
    )
    bands: dict[date, list[Band]] = {}
    for valid_from, *band in rows:
        bands.setdefault(valid_from, []).append(Band(*band))
    return tuple(PriceTable(Month.of(day), tuple(listed)) for day, listed in bands.items())


def _discounts(reseller_id: int, *, actor: Actor) -> tuple[Discount, ...]:
    rows = visible(ResellerDiscount, ResellerDiscount.valid_from, ResellerDiscount.basis_points, actor=actor).where(
        ResellerDiscount.reseller == reseller_id
    )
    return tuple(Discount(Month.of(day), basis_points) for day, basis_points in rows.tuples())


def _month_settings(name: str) -> tuple[MonthSetting, ...]:
    rows = Setting.select(Setting.valid_from, Setting.value).where(Setting.name == name).tuples()
    return tuple(MonthSetting(Month.of(day), MonthRule(value)) for day, value in rows)
