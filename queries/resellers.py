"""Resellers with their present discount, and the dated discounts of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from access import Actor
from licensing.terms import Month
from models import Reseller, ResellerDiscount
from queries.listing import Listing, Sort, key_contains, ordering
from queries.scope import in_scope, visible


@dataclass(frozen=True, slots=True)
class ResellerFilter:
    """name is any part of the name, whatever its case and accents."""

    name: str = ""


class ResellerRow(NamedTuple):
    """One line: the discount of the month in basis points and the first day it is valid from; 0 and None without."""

    id: int
    name: str
    vendor_pin: str
    basis_points: int
    valid_from: date | None


class Discount(NamedTuple):
    """A discount in basis points, valid from a first of a month."""

    valid_from: date
    basis_points: int


_SORTS = {"name": Sort(Reseller.name_key), "vendor_pin": Sort(Reseller.vendor_pin)}


def resellers(wanted: ResellerFilter, *, actor: Actor, month: Month) -> Listing[ResellerRow]:
    """The resellers that match, by name, with the discount of that month."""
    ids = visible(Reseller, Reseller.id, actor=actor)
    if wanted.name:
        ids = ids.where(key_contains(Reseller.name_key, wanted.name))
    return Listing(
        ids=ids,
        rows_of=_reader(month),
        sorts=_SORTS,
        is_filtered=bool(wanted.name),
        own_sort="name",
    )


def _reader(month: Month) -> Callable[[Sequence[int]], Mapping[int, ResellerRow]]:
    def rows(ids: Sequence[int]) -> Mapping[int, ResellerRow]:
        discounts = _discounts_in(month, ids)
        query = Reseller.select(Reseller.id, Reseller.name, Reseller.vendor_pin).where(Reseller.id.in_(ids))
        none = Discount(valid_from=date.min, basis_points=0)
        return {
            key: ResellerRow(key, name, pin, discounts.get(key, none).basis_points, _begin(discounts.get(key)))
            for key, name, pin in query.tuples()
        }

    return rows


def _begin(discount: Discount | None) -> date | None:
    return None if discount is None else discount.valid_from


def _discounts_in(month: Month, ids: Sequence[int]) -> dict[int, Discount]:
    query = ResellerDiscount.select(
        ResellerDiscount.reseller, ResellerDiscount.valid_from, ResellerDiscount.basis_points
    ).where(ResellerDiscount.reseller.in_(ids), ResellerDiscount.valid_from <= month.first_day)
    by_age = query.order_by(ResellerDiscount.valid_from).tuples()
    return {key: Discount(valid_from, basis_points) for key, valid_from, basis_points in by_age}


def reseller(reseller_id: int, *, actor: Actor) -> Reseller | None:
    """The record; None for a foreign or missing id."""
    return visible(Reseller, actor=actor).where(Reseller.id == reseller_id).first()  # type: ignore[no-any-return]


def discounts_of_reseller(reseller_id: int, *, actor: Actor) -> list[Discount]:
    """All its discounts, newest first, those to come included."""
    query = visible(ResellerDiscount, ResellerDiscount.valid_from, ResellerDiscount.basis_points, actor=actor)
    rows = query.where(ResellerDiscount.reseller == reseller_id).order_by(ResellerDiscount.valid_from.desc())
    return [Discount(*row) for row in rows.tuples()]


def reseller_names(*, actor: Actor) -> list[tuple[int, str]]:
    """Id and name of every reseller the actor may know of, archived ones too, by name: for filters."""
    query = in_scope(Reseller.select(Reseller.id, Reseller.name), actor=actor, model=Reseller)
    return list(query.order_by(ordering(Reseller.name_key, is_text=True)).tuples())
