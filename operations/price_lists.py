"""Price lists: take one that is valid from a month to come, or take it back before its month begins."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from peewee import IntegrityError

from access import Actor, Permission
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.price_list import LEFT_WITHOUT_BAND, PriceProblem, PriceRow, price_list_problems, uncovered
from licensing.pricing import NoPriceList
from licensing.search_key import search_key
from licensing.terms import Month
from licensing.wording import Sentence
from models import Price, PriceList, Product, Sku, Subscription
from operations.audit import AuditAction, record
from operations.record_refusals import RecordInUse
from operations.refusals import NotFound
from operations.text_rules import column_problem, tidy
from queries.price_lists import running_quantities
from queries.prices import bands_of_product


class PriceListRefused(ValueError):
    """The prices cannot be taken; problems holds every reason, each with its row where it has one."""

    def __init__(self, problems: Sequence[PriceProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


def take_prices(
    rows: Sequence[PriceRow],
    *,
    names: Mapping[str, str],
    valid_from: Month,
    actor: Actor,
    moment: Moment,
) -> list[PriceList]:
    """Store the rows as one whole price list for each product in them, valid from that month.

    names are product names by code, needed for new products alone. A list for the same product and month is replaced.
    Either all of them are stored or none. Raises AccessDenied and PriceListRefused (domain.md, Bands and prices).
    """
    actor.require(Permission.EDIT_PRICES)
    unwritable = list(_text_problems(rows, names))
    if unwritable:
        raise PriceListRefused(unwritable)
    try:
        with write_transaction():
            products = _held_products(rows)
            problems = _problems(rows, names=names, products=products, valid_from=valid_from, moment=moment)
            if problems:
                raise PriceListRefused(problems)
            return [
                _store(code, bands, names=names, products=products, valid_from=valid_from, actor=actor, moment=moment)
                for code, bands in _by_product(rows).items()
            ]
    except IntegrityError as error:
        meanwhile = Sentence("Somebody else changed the price lists at the same moment. Nothing was saved; try again.")
        raise PriceListRefused([PriceProblem(None, meanwhile)]) from error


def delete_price_list(price_list_id: int, *, actor: Actor, moment: Moment) -> None:
    """Take a price list back whose month has not begun, with the SKUs that nothing else uses.

    Raises AccessDenied, NotFound, and RecordInUse where its month has begun or a licence would be left without a band.
    """
    actor.require(Permission.EDIT_PRICES)
    with write_transaction():
        found = locked(PriceList.select().where(PriceList.id == price_list_id)).first()
        if found is None:
            raise NotFound(price_list_id)
        valid_from = Month.of(found.valid_from)
        _refuse_deletion(found, valid_from, moment=moment)
        found.delete_instance(recursive=False)
        _audit(AuditAction.PRICE_LIST_DELETED, found, valid_from, actor=actor, moment=moment)
        _drop_unused(found.product_id)


def _by_product(rows: Sequence[PriceRow]) -> dict[str, list[PriceRow]]:
    products: dict[str, list[PriceRow]] = {}
    for row in rows:
        products.setdefault(row.product_code, []).append(row)
    return products


def _held_products(rows: Sequence[PriceRow]) -> dict[str, Product]:
    """The known products among them, in one order for everybody, so that two imports wait for each other."""
    codes = {row.product_code for row in rows}
    query = locked(Product.select().where(Product.code.in_(sorted(codes))).order_by(Product.id))
    return {product.code: product for product in query}


def _text_problems(rows: Sequence[PriceRow], names: Mapping[str, str]) -> Iterator[PriceProblem]:
    """What no column can hold, which is not even looked up."""
    for row in rows:
        name = tidy(names.get(row.product_code))
        for text, column in ((row.product_code, Product.code), (row.sku_code, Sku.code), (name, Product.name)):
            problem = column_problem(text, column)
            if problem is not None:
                yield PriceProblem(row.row_number, problem)


def _problems(
    rows: Sequence[PriceRow],
    *,
    names: Mapping[str, str],
    products: Mapping[str, Product],
    valid_from: Month,
    moment: Moment,
) -> list[PriceProblem]:
    held = running_quantities([product.id for product in products.values()], month=valid_from)
    by_rule = price_list_problems(
        rows,
        valid_from=valid_from,
        current_month=moment.month,
        live_quantities={code: held[product.id] for code, product in products.items()},
    )
    found = [*by_rule, *_name_problems(rows, names, products), *_sku_problems(rows)]
    return sorted(found, key=lambda problem: problem.row_number or 0)


def _name_problems(
    rows: Sequence[PriceRow], names: Mapping[str, str], products: Mapping[str, Product]
) -> Iterator[PriceProblem]:
    for code, bands in _by_product(rows).items():
        first = bands[0].row_number
        name = tidy(names.get(code))
        if code in products:
            if name and name != products[code].name:
                values = {"code": code, "name": products[code].name}
                yield PriceProblem(first, Sentence("The product %(code)s is called “%(name)s”.", values))
            continue
        if not search_key(name):
            yield PriceProblem(first, Sentence("%(code)s is a new product: give its name.", {"code": code}))


def _sku_problems(rows: Sequence[PriceRow]) -> Iterator[PriceProblem]:
    query = Sku.select(Sku.code, Product.code).join(Product).where(Sku.code.in_({row.sku_code for row in rows}))
    owners = dict(query.tuples())
    for row in rows:
        if owners.get(row.sku_code, row.product_code) != row.product_code:
            values = {"sku": row.sku_code, "product": owners[row.sku_code]}
            template = "The SKU %(sku)s belongs to the product %(product)s."
            yield PriceProblem(row.row_number, Sentence(template, values))


def _store(
    code: str,
    bands: Sequence[PriceRow],
    *,
    names: Mapping[str, str],
    products: Mapping[str, Product],
    valid_from: Month,
    actor: Actor,
    moment: Moment,
) -> PriceList:
    product = products.get(code) or _new_product(code, tidy(names[code]))
    stored, is_new = PriceList.get_or_create(product=product, valid_from=valid_from.first_day)
    Price.delete().where(Price.price_list == stored.id).execute()
    for band in bands:
        sku, _created = Sku.get_or_create(code=band.sku_code, defaults={"product": product})
        Price.create(
            price_list=stored,
            sku=sku,
            min_quantity=band.min_quantity,
            max_quantity=band.max_quantity,
            price_cents=band.price_cents,
        )
    _drop_unused(product.id)
    listed = [[band.sku_code, band.min_quantity, band.max_quantity, band.price_cents] for band in bands]
    details = {"is_replaced": not is_new, "bands": listed}
    _audit(AuditAction.PRICE_LIST_IMPORTED, stored, valid_from, actor=actor, moment=moment, **details)
    return stored  # type: ignore[no-any-return]


def _new_product(code: str, name: str) -> Product:
    created: Product = Product.create(code=code, name=name, name_key=search_key(name))
    return created


def _refuse_deletion(found: PriceList, valid_from: Month, *, moment: Moment) -> None:
    if valid_from <= moment.month:
        values = {"month": str(valid_from)}
        raise RecordInUse(Sentence("%(month)s has begun: its prices stay. Change them from a later month.", values))
    held = running_quantities([found.product_id], month=valid_from)[found.product_id]
    try:
        bands = bands_of_product(found.product_id, month=valid_from.previous())
    except NoPriceList:
        bands = ()
    left = uncovered([(band.min_quantity, band.max_quantity) for band in bands], held)
    if left:
        product = Product.get_by_id(found.product_id)
        raise RecordInUse(Sentence(LEFT_WITHOUT_BAND, {"product": product.code, "quantity": str(left[0])}))


def _drop_unused(product_id: int) -> None:
    """SKUs of the product that no price list and no licence names; the product itself where nothing is left of it."""
    priced = Price.select(Price.sku)
    unpriced = Sku.select(Sku.id).where(Sku.product == product_id, Sku.id.not_in(priced)).tuples()
    unused = [key for (key,) in unpriced if not Subscription.select().where(Subscription.sku == key).exists()]
    Sku.delete().where(Sku.id.in_(unused)).execute()
    if not Sku.select().where(Sku.product == product_id).exists():
        Product.delete().where(Product.id == product_id).execute()


def _audit(
    action: AuditAction, price_list: PriceList, valid_from: Month, *, actor: Actor, moment: Moment, **details: Any
) -> None:
    product = Product.get_by_id(price_list.product_id)
    record(
        action,
        actor=actor,
        now=moment.now,
        subject="price_list",
        subject_id=price_list.id,
        details={"product": product.code, "valid_from": str(valid_from), **details},
    )
