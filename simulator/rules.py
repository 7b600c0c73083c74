"""What the vendor does on each command: a licence and a body in, the changed licence out. Pure, but for new ids."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from simulator import wire
from simulator.licences import Licence, Refused, Sku, Terms
from simulator.months import month_end

Fields = Mapping[str, Any]
BILLING_PLANS = ("PAYG", "Yearly")
MAX_APPROVAL_CODE = 50


def create(fields: Fields, terms: Terms) -> Licence:
    """A new licence; its Subscription ID is a UUID in lower case, its Activation Code one in upper case."""
    if fields.get("BillingPlan") not in BILLING_PLANS:
        raise Refused(422, "BillingPlanInvalid", "BillingPlan must be PAYG or Yearly.")
    wire.optional_text(fields, "ApprovalCode", limit=MAX_APPROVAL_CODE)
    partner, reseller = wire.distributor(fields)
    return Licence(
        subscription_id=str(uuid.uuid4()),
        activation_code=str(uuid.uuid4()).upper(),
        sku=_known_sku(fields, terms),
        quantity=wire.quantity(fields),
        customer=wire.customer(fields),
        partner=partner,
        reseller=reseller,
        created_at=terms.now,
        modified_at=terms.now,
        expires_at=wire.expiration(fields, terms.now),
    )


def _known_sku(fields: Fields, terms: Terms) -> str:
    code = wire.text(fields, "Sku")
    if code not in terms.catalogue:
        raise Refused(422, "SkuUnknown", f"There is no SKU {code}.")
    return code


def _soft_cancel(licence: Licence, _fields: Fields, terms: Terms) -> Licence:
    _require_uncancelled(licence, terms)
    return replace(licence, cancelled_at=month_end(terms.now, terms.zone))


def _hard_cancel(licence: Licence, _fields: Fields, terms: Terms) -> Licence:
    if licence.is_hard_cancelled:
        raise Refused(409, "AlreadyHardCancelled", "The subscription is hard-cancelled already.")
    _require_usable(licence, terms)
    cancelled_at = licence.cancelled_at or month_end(terms.now, terms.zone)
    return replace(licence, cancelled_at=cancelled_at, is_hard_cancelled=True)


def _renew(licence: Licence, _fields: Fields, terms: Terms) -> Licence:
    if licence.ends_at() is None:
        raise Refused(409, "NothingToRenew", "The subscription is active and unlimited.")
    has_expired = licence.expires_at is not None and licence.expires_at <= terms.now
    expires_at = None if has_expired else licence.expires_at
    return replace(licence, expires_at=expires_at, cancelled_at=None, is_hard_cancelled=False)


def _recreate(licence: Licence, fields: Fields, terms: Terms) -> Licence:
    if licence.cancelled_at is None and licence.is_usable(terms.now):
        raise Refused(409, "NotCancelled", "Only a cancelled or expired subscription can be recreated.")
    quantity = wire.quantity(fields)
    return replace(
        licence,
        quantity=quantity,
        sku=_sku_for(licence, quantity, terms),
        expires_at=wire.expiration(fields, terms.now),
        customer=wire.customer(fields),
        cancelled_at=None,
        is_hard_cancelled=False,
    )


def _reduce(licence: Licence, fields: Fields, terms: Terms) -> Licence:
    _require_uncancelled(licence, terms)
    expires_at = wire.expiration(fields, terms.now)
    if expires_at is None or (licence.expires_at is not None and expires_at >= licence.expires_at):
        raise Refused(422, "ExpirationNotEarlier", "Expiration must be before the current one.")
    return replace(licence, expires_at=expires_at)


def _modify_quantity(licence: Licence, fields: Fields, terms: Terms) -> Licence:
    _require_uncancelled(licence, terms)
    quantity = wire.quantity(fields)
    return replace(licence, quantity=quantity, sku=_sku_for(licence, quantity, terms))


def _modify_expiration(licence: Licence, fields: Fields, terms: Terms) -> Licence:
    _require_uncancelled(licence, terms)
    return replace(licence, expires_at=wire.expiration(fields, terms.now))


def _modify_attributes(licence: Licence, fields: Fields, terms: Terms) -> Licence:
    _require_usable(licence, terms)
    return replace(licence, customer=wire.customer(fields))


def _sku_for(licence: Licence, quantity: int, terms: Terms) -> str:
    product = terms.catalogue[licence.sku].product_code
    fitting = (sku.code for sku in terms.catalogue.values() if _fits(sku, product, quantity))
    return next(fitting, licence.sku)


def _fits(sku: Sku, product: str, quantity: int) -> bool:
    return sku.product_code == product and sku.min_quantity <= quantity <= sku.max_quantity


def _require_usable(licence: Licence, terms: Terms) -> None:
    if not licence.is_usable(terms.now):
        raise Refused(409, "SubscriptionEnded", "The subscription has ended.")


def _require_uncancelled(licence: Licence, terms: Terms) -> None:
    _require_usable(licence, terms)
    if licence.cancelled_at is not None:
        raise Refused(409, "SubscriptionCancelled", "The subscription is cancelled.")


CHANGES: dict[str, Callable[[Licence, Fields, Terms], Licence]] = {
    "softcancel": _soft_cancel,
    "hardcancel": _hard_cancel,
    "renew": _renew,
    "recreate": _recreate,
    "reduce": _reduce,
    "modifyquantity": _modify_quantity,
    "modifyexpiration": _modify_expiration,
    "modifyattributes": _modify_attributes,
}


def change(operation: str, *, licence: Licence, fields: Fields, terms: Terms) -> Licence:
    """Apply one command to a licence; Refused names what the vendor's rules forbid."""
    return replace(CHANGES[operation](licence, fields, terms), modified_at=terms.now)
