"""Orders from a sheet: the template, the rows judged, the list of orders with their amounts, and Create."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from access import Permission
from admin_views.exports import export_response
from admin_views.figures import euros, month_and_year, number, said
from admin_views.list_columns import ExportColumn
from admin_views.presenters import request_badge
from admin_views.sheet_page import (
    form_facts,
    marked_sheet,
    own_upload,
    page_of,
    problem_rows,
    read_upload,
    sent_name,
    taken_upload,
    unread_page,
    wake_what_waits,
)
from admin_views.shell import Screen, current_actor, moment
from exports.columns import Kind
from imports.orders import QUANTITY, order_titles
from imports.refusals import SheetRefused
from licensing.states import CommandState
from licensing.terms import Month
from models import Command, Upload
from operations.bulk_refusals import BulkRefused
from operations.place_orders import order_key, place_orders
from operations.refusals import NotFound
from operations.sheet_orders import ORDERS
from operations.uploads import refusal_of
from queries.listing import as_id
from queries.uploads import commands_of_keys

_ON_ITS_WAY = frozenset({CommandState.QUEUED, CommandState.SENDING, CommandState.UNKNOWN})
Answer = Response | tuple[str, int] | str


class OrderSheetView(Screen, BaseView):
    """Reached from New Subscription."""

    permission = Permission.RUN_COMMANDS

    def __init__(self) -> None:
        super().__init__(name=_l("Orders from a sheet"), endpoint="order_sheets", url="/imports/orders")

    @expose("/")
    def index(self) -> Answer:
        return self._form()

    @expose("/template.xlsx")
    def template(self) -> Answer:
        titles = order_titles(has_reseller=current_actor().reseller_id is None)
        columns = [
            ExportColumn(title, kind=Kind.INTEGER if title == QUANTITY else Kind.TEXT, read=str) for title in titles
        ]
        return export_response("xlsx", title=_("Orders"), name="orders", columns=columns, rows=[])

    @expose("/", methods=("POST",))
    def take(self) -> Answer:
        try:
            upload = taken_upload(ORDERS)
        except SheetRefused as refused:
            return self._form(said(refused.reason), sent_name()), 422
        return redirect(url_for("order_sheets.view", id=upload.id), 303)

    @expose("/view/")
    def view(self) -> Answer:
        upload = own_upload(ORDERS)
        done = _placed_so_far(upload) if upload.state == "waiting" and upload.result else ""
        return unread_page(self, upload, form=self._form, done=done) or self._orders(upload)

    @expose("/errors.xlsx")
    def errors(self) -> Answer:
        return marked_sheet(read_upload(ORDERS), name="orders-errors")

    @expose("/order/", methods=("POST",))
    def order(self) -> Answer:
        upload_id = as_id(request.args.get("id"))
        try:
            upload = place_orders(upload_id or 0, actor=current_actor(), moment=moment())
        except NotFound:
            abort(404)
        except BulkRefused as refused:
            flash(said(refused.reason), "error")
        else:
            wake_what_waits(upload)
        return redirect(url_for("order_sheets.view", id=upload_id), 303)

    def _orders(self, upload: Upload) -> str:
        is_wrong = bool(upload.result["problems"])
        rows = problem_rows(upload) if is_wrong else upload.result["orders"]
        shown, pages = page_of(rows, address=_address(upload), kept={"id": str(upload.id)})
        orders = [] if is_wrong else _orders(shown, upload)
        problems = shown if is_wrong else []
        facts = {**_facts(upload), "is_followed": any(order["is_on_its_way"] for order in orders)}
        return self.render("imports/orders.html", upload=upload, problems=problems, orders=orders, pager=pages, **facts)

    def _form(self, problem: str = "", file_name: str = "") -> str:
        return self.render("imports/order_upload.html", **form_facts(ORDERS, problem=problem, file_name=file_name))


def _placed_so_far(upload: Upload) -> str:
    """How many of its orders the job has placed."""
    orders = upload.result["orders"]
    keys = [order_key(order, upload.result, actor=current_actor()) for order in orders]
    placed = len(commands_of_keys(keys, actor=current_actor()))
    return _("%(placed)s of %(orders)s orders", placed=number(placed), orders=number(len(orders)))


def _address(upload: Upload) -> Any:
    return lambda **changes: url_for("order_sheets.view", **{"id": upload.id, **changes})


def _facts(upload: Upload) -> dict[str, Any]:
    result = upload.result
    orders = result["orders"]
    return {
        "rows": number(result["rows"]),
        "wrong": number(len({problem[0] for problem in result["problems"]})),
        "refused": number(len(result["refused"])),
        "is_placed": result["placed"],
        "stopped": said(refusal_of(upload)) if result.get("reason") else "",
        "total": euros(sum(order["fee_cents"] for order in orders)),
        "end_user_total": euros(sum(order["end_user_cents"] for order in orders)),
        "new_customers": number(_new_customers(orders)),
        "shows_reseller": current_actor().reseller_id is None,
        "month": month_and_year(Month.of(date.fromisoformat(result["planned_on"])).next()),
    }


def _new_customers(orders: list[dict[str, Any]]) -> int:
    return len({(order["reseller_id"], order["company_name"]) for order in orders if order["customer_id"] is None})


def _orders(orders: Any, upload: Upload) -> list[dict[str, Any]]:
    keys = [order_key(order, upload.result, actor=current_actor()) for order in orders]
    commands = commands_of_keys(keys, actor=current_actor()) if upload.result["placed"] else {}
    return [_order(order, upload, commands.get(key)) for order, key in zip(orders, keys, strict=True)]


def _order(order: dict[str, Any], upload: Upload, command: Command | None) -> dict[str, Any]:
    return {
        **order,
        "quantity": number(order["quantity"]),
        "end_user": euros(order["end_user_cents"]),
        "fee": euros(order["fee_cents"]),
        "address": "" if command is None else url_for("subscriptions.edit_view", id=command.subscription_id),
        "is_on_its_way": command is not None and command.state in _ON_ITS_WAY,
        "badge": None if command is None else request_badge(CommandState(command.state)),
        "reason": upload.result["refused"].get(str(order["row"]), ""),
    }
