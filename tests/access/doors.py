"""Who may open which address: every rule of the application, by endpoint and method.

A rule that is not here fails test_matrix.py. own and foreign name the row a door is about; a foreign row and one that
does not exist must answer alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.access.two_tenants import Row, Tenants

EVERYBODY = frozenset({"admin", "ops", "audit", "blake", "john"})
WRITERS = EVERYBODY - {"audit"}
DISTRIBUTOR = frozenset({"admin", "ops"})
DISTRIBUTOR_READERS = DISTRIBUTOR | {"audit"}
USER_ADMINS = frozenset({"admin", "blake"})
ADMIN = frozenset({"admin"})


@dataclass(frozen=True)
class Door:
    """path may hold {id}; row picks the row of a tenant that fills it; form is what an allowed person would send.

    status is what the roles of who get for their own row; the others get 403.
    """

    who: frozenset[str]
    path: str
    row: Row | None = None
    form: Callable[[Tenants, int], Mapping[str, str]] | None = None
    status: frozenset[int] = field(default_factory=lambda: frozenset({200}))


def sent(*status: int) -> frozenset[int]:
    """The statuses of a form that was taken or sent back with a message."""
    return frozenset(status or (200, 303, 422))


DOORS: dict[tuple[str, str], Door] = {}


def door(endpoint: str, method: str, who: frozenset[str], path: str, **more: object) -> None:
    """Declare one."""
    DOORS[endpoint, method] = Door(who, path, **more)


def _customer_form(tenants: Tenants, row_id: int) -> Mapping[str, str]:
    return {"company_name": "Tunel d.o.o.", "country": "BA", "version": "1", "reseller": str(tenants.desk.bluth.id)}


def _row_form(_tenants: Tenants, row_id: int) -> Mapping[str, str]:
    return {"id": str(row_id), "version": "1"}


def _user_form(tenants: Tenants, _row_id: int) -> Mapping[str, str]:
    reseller = str(tenants.desk.bluth.id)
    return {"name": "John", "role": "reseller user", "reseller": reseller, "is_active": "y", "version": "1"}


door("home.index", "GET", EVERYBODY, "/")
door("account.show", "GET", EVERYBODY, "/account")
door("account.save", "POST", EVERYBODY, "/account", status=sent())
door("account.change_password", "POST", EVERYBODY, "/account/password", status=sent())
door("account.picture", "GET", EVERYBODY, "/account/picture", status=frozenset({404}))
door("login.ask_logout", "GET", EVERYBODY, "/logout")
door("login.logout", "POST", EVERYBODY, "/logout", status=sent(303))
for _endpoint, _who in (
    ("subscriptions", EVERYBODY),
    ("customers", EVERYBODY),
    ("skus", EVERYBODY),
    ("requests", EVERYBODY),
    ("resellers", DISTRIBUTOR_READERS),
    ("users", USER_ADMINS),
):
    door(f"{_endpoint}.index_view", "GET", _who, f"/{_endpoint}/")
    door(f"{_endpoint}.export", "GET", _who, f"/{_endpoint}/export/csv/")
door("customers.create_view", "GET", WRITERS, "/customers/new/")
door("customers.create_view", "POST", WRITERS, "/customers/new/", form=_customer_form, status=sent())
door("customers.edit_view", "GET", EVERYBODY, "/customers/edit/?id={id}", row="customer")
door(
    "customers.edit_view",
    "POST",
    WRITERS,
    "/customers/edit/?id={id}",
    row="customer",
    form=_customer_form,
    status=sent(),
)
for _verb in ("archive", "restore", "delete"):
    door(
        f"customers.{_verb}_view",
        "POST",
        WRITERS,
        f"/customers/{_verb}/?id={{id}}",
        row="customer",
        form=_row_form,
        status=sent(),
    )
door("resellers.create_view", "GET", DISTRIBUTOR, "/resellers/new/")
door("resellers.create_view", "POST", DISTRIBUTOR, "/resellers/new/", status=sent())
door("resellers.edit_view", "GET", DISTRIBUTOR_READERS, "/resellers/edit/?id={id}", row="reseller")
door("resellers.edit_view", "POST", DISTRIBUTOR, "/resellers/edit/?id={id}", row="reseller", status=sent())
door(
    "resellers.discount_view",
    "POST",
    DISTRIBUTOR,
    "/resellers/discount/?id={id}",
    row="reseller",
    form=_row_form,
    status=sent(),
)
door("users.create_view", "GET", USER_ADMINS, "/users/new/")
door("users.create_view", "POST", USER_ADMINS, "/users/new/", status=sent())
door("users.edit_view", "GET", USER_ADMINS, "/users/edit/?id={id}", row="user")
door("users.edit_view", "POST", USER_ADMINS, "/users/edit/?id={id}", row="user", form=_user_form, status=sent())
door("new_subscription.index", "GET", WRITERS, "/subscriptions/new/")
door("new_subscription.order", "POST", WRITERS, "/subscriptions/new/", status=sent())
door("new_subscription.amounts", "GET", WRITERS, "/subscriptions/new/amounts/")
door("new_subscription.customer", "POST", WRITERS, "/subscriptions/new/customer/", status=sent())
door("new_subscription.twin", "POST", WRITERS, "/subscriptions/new/twin/", status=sent())
for _endpoint, _path in (("edit_view", "edit"), ("live", "live"), ("activation_code", "activation-code")):
    door(f"subscriptions.{_endpoint}", "GET", EVERYBODY, f"/subscriptions/{_path}/?id={{id}}", row="subscription")
_COMMAND = "/subscriptions/command/?kind=SoftCancel&id={id}"
_IMPACT = "/subscriptions/command/impact/?kind=SoftCancel&id={id}"
door("subscriptions.command", "GET", WRITERS, _COMMAND, row="subscription")
door("subscriptions.command_impact", "GET", WRITERS, _IMPACT, row="subscription")
door("subscriptions.send_command", "POST", WRITERS, _COMMAND, row="subscription", form=_row_form, status=sent(303, 409))
door(
    "subscriptions.send_again",
    "POST",
    WRITERS,
    "/subscriptions/send-again/",
    row="subscription",
    form=_row_form,
    status=sent(303, 409),
)


def _ticked_form(_tenants: Tenants, row_id: int) -> Mapping[str, str]:
    return {"row": str(row_id), "scope": "ticked", "command": "SoftCancel"}


def _plan_form(_tenants: Tenants, _row_id: int) -> Mapping[str, str]:
    return {"command": "SoftCancel", "version": "1"}


door(
    "subscriptions.select_view",
    "POST",
    WRITERS,
    "/subscriptions/select/",
    row="subscription",
    form=_ticked_form,
    status=sent(303),
)
# A selection is its owner's: for everybody else, of whatever reseller, it does not exist.
_PLAN = frozenset({404})
door("plans.index", "GET", WRITERS, "/plans/?id={id}", row="selection", status=_PLAN)
door("plans.export", "GET", WRITERS, "/plans/export.xlsx?id={id}", row="selection", status=_PLAN)
for _step in ("calculate", "tick", "cheaper", "start"):
    door(
        f"plans.{_step}",
        "POST",
        WRITERS,
        f"/plans/{_step}/?id={{id}}",
        row="selection",
        form=_plan_form,
        status=_PLAN | {303},
    )
door("batches.index", "GET", EVERYBODY, "/batches/")
door("batches.view", "GET", EVERYBODY, "/batches/view/?id={id}", row="batch")
door("batches.live", "GET", EVERYBODY, "/batches/live/?id={id}", row="batch")
door("batches.export", "GET", EVERYBODY, "/batches/export/csv/?id={id}", row="batch")
door("batches.stop", "POST", WRITERS, "/batches/stop/?id={id}", row="batch", status=sent(303))
door("batches.retry", "POST", WRITERS, "/batches/retry/?id={id}", row="batch", status=sent(303))
# What somebody sent is theirs alone, as a selection is.
_SHEET = frozenset({200, 404})
for _endpoint, _path, _sheet in (
    ("imports", "/imports", "sheet"),
    ("order_sheets", "/imports/orders", "order sheet"),
):
    door(f"{_endpoint}.index", "GET", WRITERS, f"{_path}/")
    door(f"{_endpoint}.take", "POST", WRITERS, f"{_path}/", status=sent(422))
    door(f"{_endpoint}.view", "GET", WRITERS, f"{_path}/view/?id={{id}}", row=_sheet, status=_SHEET)
    door(f"{_endpoint}.errors", "GET", WRITERS, f"{_path}/errors.xlsx?id={{id}}", row=_sheet, status=_SHEET)
door("order_sheets.template", "GET", WRITERS, "/imports/orders/template.xlsx")
door(
    "order_sheets.order",
    "POST",
    WRITERS,
    "/imports/orders/order/?id={id}",
    row="order sheet",
    status=frozenset({303, 404}),
)


def _export_form(_tenants: Tenants, _row_id: int) -> Mapping[str, str]:
    return {"screen": "subscriptions", "query": "status=all"}


# A file is its owner's alone, too.
door("exports.index", "GET", EVERYBODY, "/exports/")
door("exports.ask", "POST", EVERYBODY, "/exports/", form=_export_form, status=sent(303))
door("exports.view", "GET", EVERYBODY, "/exports/view/?id={id}", row="export", status=_SHEET)
door("exports.file", "GET", EVERYBODY, "/exports/file/?id={id}", row="export", status=_SHEET)


_READ_OR_SENT_BACK = frozenset({200, 400, 404})
for _report, _months in (("reseller", "month=2017-07"), ("summary", "from=2017-06&to=2017-07")):
    for _part, _path in (
        ("index", ""),
        ("docx", "print.docx"),
        ("csv", "export.csv"),
        ("xlsx", "export.xlsx"),
        ("line", "line/"),
        ("left_out", "left-out/"),
        ("differences", "differences/"),
    ):
        door(
            f"{_report}_report.{_part}",
            "GET",
            EVERYBODY,
            f"/reports/{_report}/{_path}?{_months}",
            status=_READ_OR_SENT_BACK if _part == "line" else frozenset({200}),
        )
door("settings.index", "GET", ADMIN, "/settings/")
door("settings.change", "POST", ADMIN, "/settings/first_month", status=sent())
door("reconciliation.index_view", "GET", DISTRIBUTOR_READERS, "/reconciliation/")
door("reconciliation.export", "GET", DISTRIBUTOR_READERS, "/reconciliation/export/csv/")
door("reconciliation.details_view", "GET", DISTRIBUTOR_READERS, "/reconciliation/case/?id=1", status=frozenset({404}))
door("reconciliation.close_view", "POST", DISTRIBUTOR, "/reconciliation/close/?id=1", status=frozenset({404}))
door("requests.details_view", "GET", EVERYBODY, "/requests/case/?id={id}", row="command")
door("requests.live_view", "GET", EVERYBODY, "/requests/case/live/?id={id}", row="command")
door("requests.cancel_view", "POST", WRITERS, "/requests/cancel/?id={id}", row="command", status=sent())
for _decision in ("absent", "adopt", "close"):
    door(
        f"requests.{_decision}_view",
        "POST",
        DISTRIBUTOR,
        f"/requests/case/{_decision}/?id={{id}}",
        row="command",
        status=sent(),
    )
door("requests.release_view", "POST", DISTRIBUTOR, "/requests/release/", status=sent() | {404})
door("price_lists.index_view", "GET", DISTRIBUTOR_READERS, "/price-lists/")
door("price_lists.export", "GET", DISTRIBUTOR_READERS, "/price-lists/export/csv/")
door("price_lists.template_view", "GET", DISTRIBUTOR_READERS, "/price-lists/template.xlsx")
door("price_lists.edit_view", "GET", DISTRIBUTOR_READERS, "/price-lists/edit/?id=1")
door("price_lists.edit_view", "POST", DISTRIBUTOR, "/price-lists/edit/?id=1", status=sent())
for _new_prices in ("upload", "product"):
    _address = "/price-lists/new/" if _new_prices == "upload" else "/price-lists/product/"
    door(f"price_lists.{_new_prices}_view", "GET", DISTRIBUTOR, _address)
    door(f"price_lists.{_new_prices}_view", "POST", DISTRIBUTOR, _address, status=sent())
door("price_lists.delete_view", "POST", DISTRIBUTOR, "/price-lists/delete/?id=1", status=sent(303))
