"""Place the orders of a sheet that was confirmed: each in its own transaction, each once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from access import Actor, Permission
from database import locked, write_transaction
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.wording import Sentence
from models import Upload
from operations.bulk_refusals import BulkRefused, PlanOutdated
from operations.order_subscription import Order, order_subscription
from operations.refusals import CustomerTwin, FieldRefused, NotFound
from operations.sheet_orders import ORDERS
from operations.uploads import end_waiting
from queries.order_choices import namesake
from queries.scope import visible

FEW = 100
"""Orders that are placed while the person waits, in about a second; more are placed by a job."""


def place_orders(upload_id: int, *, actor: Actor, moment: Moment) -> Upload:
    """Order what the sheet asks for, and give the upload, whose result then names the rows that were refused.

    Many orders are left to a job, for which the sheet waits then: whoever calls wakes it. Asked again it orders nothing
    more. Raises AccessDenied; NotFound; BulkRefused for a sheet with errors, or one whose amounts were those of another
    month.
    """
    actor.require(Permission.RUN_COMMANDS)
    upload: Upload | None = visible(Upload, actor=actor).where(Upload.id == upload_id, Upload.purpose == ORDERS).first()
    if upload is None or not upload.result or upload.state == "refused":
        raise NotFound(upload_id)
    if upload.state == "waiting" or upload.result["placed"]:
        return upload
    _require_current(upload.result, moment=moment)
    if len(upload.result["orders"]) > FEW:
        return _leave_to_job(upload)
    return _finish(upload.id, _placed(upload, actor=actor, moment=moment))


def place_begun(upload: Upload, *, actor: Actor, moment: Moment) -> bool:
    """Place the orders of a sheet that a job has begun with; gives whether that ended its waiting.

    Raises BulkRefused where a month has begun since they were confirmed.
    """
    _require_current(upload.result, moment=moment)
    refused = _placed(upload, actor=actor, moment=moment)
    return end_waiting(upload, state="read", result=_result(upload, refused))


def order_key(order: Mapping[str, Any], result: Mapping[str, Any], *, actor: Actor) -> str:
    """The request key of one row."""
    return f"{result['key']}:{order['row']}:{actor.user_id}"


def _require_current(result: Mapping[str, Any], *, moment: Moment) -> None:
    if result["problems"]:
        raise BulkRefused(Sentence("The sheet has errors: nothing is ordered before they are corrected."))
    if result["planned_on"] != moment.month.first_day.isoformat():
        raise PlanOutdated(Sentence("A new month has begun since the sheet was read: upload it again."))


def _order_of(order: Mapping[str, Any], result: Mapping[str, Any], *, actor: Actor) -> Order:
    details = order["details"]
    return Order(
        request_key=order_key(order, result, actor=actor),
        reseller_id=order["reseller_id"],
        product_id=order["product_id"],
        quantity=order["quantity"],
        customer_id=order["customer_id"],
        details=None if details is None else CustomerDetails.from_dict(details),
    )


def _place(order: Order, *, actor: Actor, moment: Moment) -> str | None:
    """Place one; gives the reason where it was refused after all, as something changed since the sheet was read."""
    if order.details is not None:
        # A row above may have made this customer.
        made = namesake(order.details.company_name, reseller_id=order.reseller_id, actor=actor)
        order = order if made is None else replace(order, customer_id=made.id)
    try:
        order_subscription(order, actor=actor, moment=moment)
    except FieldRefused as refused:
        return refused.reason
    except NotFound:
        return "There is no such reseller, or it is archived."
    except CustomerTwin:
        return "A customer of this name exists already."
    return None


def _placed(upload: Upload, *, actor: Actor, moment: Moment) -> dict[str, str]:
    """Place every order; gives the reasons of those that were refused, by row."""
    refused = {}
    for order in upload.result["orders"]:
        reason = _place(_order_of(order, upload.result, actor=actor), actor=actor, moment=moment)
        if reason is not None:
            refused[str(order["row"])] = reason
    return refused


def _leave_to_job(upload: Upload) -> Upload:
    with write_transaction():
        is_read = (Upload.id == upload.id) & (Upload.state == "read")
        Upload.update(state="waiting", attempts=0).where(is_read).execute()
    found: Upload = Upload.get_by_id(upload.id)
    return found


def _result(upload: Upload, refused: Mapping[str, str]) -> dict[str, Any]:
    return {**upload.result, "placed": True, "refused": dict(refused), "reason": None}


def _finish(upload_id: int, refused: Mapping[str, str]) -> Upload:
    with write_transaction():
        upload: Upload = locked(Upload.select().where(Upload.id == upload_id)).get()
        upload.result = _result(upload, refused)
        Upload.update(result=upload.result).where(Upload.id == upload_id).execute()
    return upload
