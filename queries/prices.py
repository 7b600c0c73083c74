"""Dated prices, discounts and settings as the rules in licensing/ want them. Prices are the same for every reseller."""

from datetime import date

from access import Actor
from database import db
from licensing.pricing import Band, NoPriceList
from licensing.terms import Month
from models import PriceList, Product, Reseller, ResellerDiscount
from queries.scope import in_scope, visible

# Written out: it is asked twice for each row of a batch, and peewee needs longer to write it than a database to answer.
_BANDS = """
SELECT sku.code, price.min_quantity, price.max_quantity, price.price_cents
FROM price JOIN sku ON sku.id = price.sku_id
WHERE price.price_list_id = (
    SELECT id FROM price_list WHERE product_id = {p} AND valid_from <= {p} ORDER BY valid_from DESC LIMIT 1)
ORDER BY price.min_quantity
"""


def bands_of_product(product_id: int, *, month: Month) -> tuple[Band, ...]:
    """The volume bands of the product valid in that month, smallest first. Raises NoPriceList."""
    statement = _BANDS.format(p=db.param)
    rows = db.execute_sql(statement, (product_id, month.first_day)).fetchall()
    bands = tuple(Band(*row) for row in rows)
    if not bands:
        raise NoPriceList(f"no prices in {month}")
    return bands


def discount_of_reseller(reseller_id: int, *, month: Month, actor: Actor) -> int:
    """The reseller's discount in that month in basis points; 0 where none was agreed or the reseller is foreign."""
    row = (
        visible(ResellerDiscount, ResellerDiscount.basis_points, actor=actor)
        .where(ResellerDiscount.reseller == reseller_id, ResellerDiscount.valid_from <= month.first_day)
        .order_by(ResellerDiscount.valid_from.desc())
        .tuples()
        .first()
    )
    return int(row[0]) if row else 0


def products_for_sale(*, month: Month) -> list[tuple[int, str]]:
    """Products that have prices in that month: id and name, by name."""
    query = (
        Product.select(Product.id, Product.name)
        .join(PriceList)
        .where(PriceList.valid_from <= month.first_day)
        .group_by(Product.id, Product.name, Product.name_key)
        .order_by(Product.name_key)
    )
    return list(query.tuples())


def resellers_for_choice(*, actor: Actor) -> list[tuple[int, str]]:
    """The resellers an order can be placed for: id and name, by name."""
    query = Reseller.select(Reseller.id, Reseller.name).where(~Reseller.is_archived).order_by(Reseller.name_key)
    return list(in_scope(query, actor=actor, model=Reseller).tuples())


def price_months(product_id: int) -> list[date]:
    """The first days from which price lists of the product are valid, oldest first."""
    query = PriceList.select(PriceList.valid_from).where(PriceList.product == product_id)
    return [row[0] for row in query.order_by(PriceList.valid_from).tuples()]
