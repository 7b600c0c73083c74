"""The register of resellers and their discounts, which are valid from a month on."""

from typing import Any

from access import Actor, Permission
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.money import FULL_BASIS_POINTS
from licensing.search_key import search_key
from licensing.terms import Month
from licensing.wording import Sentence
from models import Reseller, ResellerDiscount
from operations.audit import AuditAction, record
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import NotFound
from operations.text_rules import column_problem, tidy
from queries.scope import visible


def create_reseller(
    *, name: str, vendor_pin: str, discount_basis_points: int, actor: Actor, moment: Moment
) -> Reseller:
    """Add a reseller with its discount from the running month on.

    vendor_pin is what the vendor knows it by (Distributor.Reseller). Raises AccessDenied, FieldsRefused.
    """
    actor.require(Permission.EDIT_RESELLERS)
    with write_transaction():
        columns = _checked(name, vendor_pin)
        _refuse_discount(discount_basis_points)
        reseller = Reseller.create(**columns)
        _audit(AuditAction.RESELLER_CREATED, reseller, actor=actor, moment=moment, details=columns)
        _write_discount(reseller, discount_basis_points, moment.month, actor=actor, moment=moment)
    return reseller  # type: ignore[no-any-return]


def change_reseller(
    reseller_id: int, *, name: str, vendor_pin: str, version: int, actor: Actor, moment: Moment
) -> Reseller:
    """Change name and PIN from the version that the form showed.

    Raises AccessDenied, NotFound, FieldsRefused; RecordChanged where somebody else was first.
    """
    actor.require(Permission.EDIT_RESELLERS)
    with write_transaction():
        reseller = _locked_reseller(reseller_id, actor=actor)
        if reseller.version != version:
            raise RecordChanged(reseller)
        columns = _checked(name, vendor_pin, except_id=reseller.id)
        changes = {key: [getattr(reseller, key), value] for key, value in columns.items() if key != "name_key"}
        changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
        if changes:
            query = Reseller.update(**columns, version=Reseller.version + 1)
            query.where(Reseller.id == reseller.id).execute()
            _audit(AuditAction.RESELLER_CHANGED, reseller, actor=actor, moment=moment, details=changes)
        return Reseller.get_by_id(reseller_id)  # type: ignore[no-any-return]


def set_discount(reseller_id: int, *, basis_points: int, valid_from: Month, actor: Actor, moment: Moment) -> None:
    """Set the discount from a month on; a discount already set for that month is replaced.

    Raises AccessDenied, NotFound; FieldsRefused for a month that is over, or a discount outside 0 to 100 percent.
    """
    actor.require(Permission.EDIT_RESELLERS)
    with write_transaction():
        reseller = _locked_reseller(reseller_id, actor=actor)
        _refuse_discount(basis_points)
        if valid_from < moment.month:
            values = {"month": str(valid_from), "running": str(moment.month)}
            template = "%(month)s is over: a discount can be set from %(running)s on."
            raise FieldsRefused({"valid_from": Sentence(template, values)})
        _write_discount(reseller, basis_points, valid_from, actor=actor, moment=moment)


def _checked(name: str, vendor_pin: str, *, except_id: int = 0) -> dict[str, str]:
    columns = {"name": tidy(name), "vendor_pin": tidy(vendor_pin)}
    problems = {key: column_problem(text, getattr(Reseller, key), is_required=True) for key, text in columns.items()}
    found = {key: problem for key, problem in problems.items() if problem is not None}
    key = search_key(columns["name"])
    if "name" not in found and not key:
        found["name"] = Sentence("“%(value)s” has no letter or figure.", {"value": columns["name"]})
    if "name" not in found:
        found |= _name_taken(key, except_id=except_id)
    if found:
        raise FieldsRefused(found)
    return {**columns, "name_key": key}


def _name_taken(key: str, *, except_id: int) -> dict[str, Sentence]:
    taken = Reseller.select().where(Reseller.name_key == key, Reseller.id != except_id).first()
    if taken is None:
        return {}
    return {"name": Sentence("“%(value)s” is already a reseller.", {"value": taken.name})}


def _refuse_discount(basis_points: int) -> None:
    if not 0 <= basis_points <= FULL_BASIS_POINTS:
        raise FieldsRefused({"discount": Sentence("A discount is from 0 to 100 percent.")})


def _locked_reseller(reseller_id: int, *, actor: Actor) -> Reseller:
    reseller = locked(visible(Reseller, actor=actor).where(Reseller.id == reseller_id)).first()
    if reseller is None:
        raise NotFound(reseller_id)
    return reseller  # type: ignore[no-any-return]


def _write_discount(reseller: Reseller, basis_points: int, valid_from: Month, *, actor: Actor, moment: Moment) -> None:
    month = valid_from.first_day
    earlier = ResellerDiscount.get_or_none(
        ResellerDiscount.reseller == reseller.id, ResellerDiscount.valid_from == month
    )
    if earlier is None:
        ResellerDiscount.create(reseller=reseller, valid_from=month, basis_points=basis_points)
    else:
        query = ResellerDiscount.update(basis_points=basis_points)
        query.where(ResellerDiscount.id == earlier.id).execute()
    replaced = None if earlier is None else earlier.basis_points
    details = {"valid_from": str(valid_from), "basis_points": [replaced, basis_points]}
    _audit(AuditAction.RESELLER_DISCOUNT_SET, reseller, actor=actor, moment=moment, details=details)


def _audit(action: AuditAction, reseller: Reseller, *, actor: Actor, moment: Moment, details: dict[str, Any]) -> None:
    record(
        action,
        actor=actor,
        now=moment.now,
        subject="reseller",
        subject_id=reseller.id,
        reseller_id=reseller.id,
        details=details,
    )
