"""The tenant filter, built here alone: rows of another reseller do not exist for the actor."""

from typing import Any

from peewee import Field, Model, ModelSelect

from access import Actor, Permission
from file_models import ExportFile
from models import (
    AuditEntry,
    Batch,
    Case,
    Command,
    Customer,
    Price,
    PriceList,
    Product,
    Reseller,
    ResellerDiscount,
    Selection,
    Sku,
    Subscription,
    SubscriptionCount,
    Upload,
    User,
)

_RESELLER_COLUMN: dict[type[Model], Field] = {
    Reseller: Reseller.id,
    ResellerDiscount: ResellerDiscount.reseller,
    User: User.reseller,
    Customer: Customer.reseller,
    Subscription: Subscription.reseller,
    SubscriptionCount: SubscriptionCount.reseller,
    Command: Command.reseller,
    Batch: Batch.reseller,
    Case: Case.reseller,
    Selection: Selection.reseller,
    Upload: Upload.reseller,
    ExportFile: ExportFile.reseller,
    AuditEntry: AuditEntry.reseller,
}
_SHARED = frozenset({Product, Sku, PriceList, Price})


def in_scope(query: ModelSelect, *, actor: Actor, model: type[Model]) -> ModelSelect:
    """The query limited to rows of that model which the actor may know of. Raises AccessDenied without READ."""
    actor.require(Permission.READ)
    if model in {Selection, Upload, ExportFile}:
        # What somebody has chosen, sent or asked for is nobody else's, whatever the role.
        query = query.where(model.owner == actor.user_id)
    if model in _SHARED or actor.reseller_id is None:
        return query
    return query.where(_RESELLER_COLUMN[model] == actor.reseller_id)


def visible(model: type[Model], *columns: Any, actor: Actor) -> ModelSelect:
    """A select of that model, limited to what the actor may know of."""
    return in_scope(model.select(*columns), actor=actor, model=model)
