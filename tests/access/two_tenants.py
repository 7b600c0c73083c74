"""Two resellers side by side in one database; the strings of the second one are canaries for the first."""

import re
from dataclasses import dataclass
from typing import Literal

from flask import Flask
from werkzeug.test import TestResponse

from access import Role
from file_models import ExportFile, ExportPart
from licensing.moment import Moment
from licensing.states import CommandKind
from models import (
    AuditEntry,
    Batch,
    Command,
    Customer,
    Reseller,
    ResellerDiscount,
    Selection,
    SelectionRow,
    Subscription,
    Upload,
    User,
)
from operations.sheet_changes import CHANGES
from operations.sheet_orders import ORDERS
from operations.take_sheet import take_sheet
from tests.admin_views.desk import CANARY, Desk, set_up, sheet_xml
from tests.small_book import NOW, ZONE, actor, add_command

Row = Literal[
    "customer", "subscription", "user", "reseller", "command", "selection", "batch", "sheet", "order sheet", "export"
]
NOWHERE = 987_654_321
"""An id that no row has."""
_VOLATILE = (
    re.compile(r'(name="csrf_token" value=")[^"]+'),
    re.compile(r'(nonce=")[^"]+'),
    re.compile(r'(name="request_key" value=")[^"]+'),
    re.compile(r"(X-CSRFToken[^:]*:[^0-9A-Za-z]*)[\w.\-]+"),
)
_FOREIGN_TABLES = (
    (Reseller, Reseller.id),
    (ResellerDiscount, ResellerDiscount.reseller),
    (User, User.reseller),
    (Customer, Customer.reseller),
    (Subscription, Subscription.reseller),
    (Command, Command.reseller),
    (Selection, Selection.reseller),
    (Upload, Upload.reseller),
    (ExportFile, ExportFile.reseller),
    (Batch, Batch.reseller),
    (AuditEntry, AuditEntry.reseller),
)


@dataclass(frozen=True)
class Tenants:
    """The desk, and one row of each kind for both sides."""

    desk: Desk
    app: Flask
    own: dict[Row, int]
    foreign: dict[Row, int]
    canaries: tuple[str, ...]


def set_up_tenants(app: Flask) -> Tenants:
    """Write both tenants into the bound database."""
    desk = set_up()
    own = add_command(desk.licence, kind=CommandKind.CREATE, quantity=10)
    foreign = add_command(desk.foreign_licence, kind=CommandKind.CREATE, quantity=10)
    people = desk.people
    return Tenants(
        desk=desk,
        app=app,
        own={
            "customer": desk.tunel.id,
            "subscription": desk.licence.id,
            "user": people["john"].id,
            "reseller": desk.bluth.id,
            "command": own.id,
            **_bulk(desk.bluth, people["blake"], desk.licence),
            **_sheets(people["blake"], desk.licence, product=desk.product.name),
            "export": _export(people["blake"], "Tunel"),
        },
        foreign={
            "customer": desk.canary.id,
            "subscription": desk.foreign_licence.id,
            "user": people["stan"].id,
            "reseller": desk.sitwell.id,
            "command": foreign.id,
            **_bulk(desk.sitwell, people["stan"], desk.foreign_licence),
            **_sheets(people["stan"], desk.foreign_licence, product=desk.product.name),
            "export": _export(people["stan"], CANARY),
        },
        canaries=(
            CANARY,
            "Sitwell",
            "Kanarinac",
            desk.foreign_licence.subscription_id,
            desk.foreign_licence.activation_code,
            foreign.reference,
        ),
    )


def _bulk(reseller: Reseller, owner: User, licence: Subscription) -> dict[Row, int]:
    """A selection that its owner has not started, and a batch of another one."""
    common = {"owner": owner, "reseller": reseller, "origin": "ticked", "rows": 1, "created_at": NOW}
    chosen = [Selection.create(**common) for _selection in range(2)]
    for selection in chosen:
        SelectionRow.create(selection=selection, position=1, subscription=licence)
    batch = Batch.create(
        selection=chosen[1],
        reseller=reseller,
        kind=CommandKind.SOFT_CANCEL,
        started_by=owner,
        started_at=NOW,
        rows=1,
        set_aside=0,
        left_out=0,
    )
    return {"selection": chosen[0].id, "batch": batch.id}


def _sheets(owner: User, licence: Subscription, *, product: str) -> dict[Row, int]:
    """An edited list and an order sheet that the owner has sent, with errors that name what is in them."""
    changes = f"Subscription ID,Quantity\n{licence.subscription_id},x\n".encode()
    orders = (
        f"Customer / Company Name,Country,Product,Quantity\n{licence.customer.company_name},SI,{product},12\n".encode()
    )
    by = {"actor": actor(Role(owner.role), reseller=owner.reseller, user=owner), "moment": Moment(NOW, NOW, ZONE)}
    return {
        "sheet": take_sheet(changes, purpose=CHANGES, file_name="list.csv", **by).id,
        "order sheet": take_sheet(orders, purpose=ORDERS, file_name="orders.csv", **by).id,
    }


def _export(owner: User, text: str) -> int:
    """A file that was written for its owner."""
    content = text.encode()
    export = ExportFile.create(
        owner=owner,
        reseller=owner.reseller,
        screen="subscriptions",
        file_name=f"{text}.xlsx",
        state="written",
        rows=1,
        size=len(content),
        created_at=NOW,
    )
    ExportPart.create(export=export, number=0, content=content)
    return export.id


def rows_of(reseller_id: int) -> list[tuple]:
    """Everything that the database holds about a reseller."""
    return [
        row
        for model, column in _FOREIGN_TABLES
        for row in model.select().where(column == reseller_id).order_by(model.id).tuples()
    ]


def all_text(answer: TestResponse) -> str:
    """Body and headers, spreadsheets unpacked."""
    packed = answer.data.startswith(b"PK")
    body = sheet_xml(answer) if packed else answer.get_data(as_text=True)
    return body + "\n" + "\n".join(f"{name}: {value}" for name, value in answer.headers)


def blanked(answer: TestResponse, asked_for: int) -> str:
    """Status, body and address of redirection without what differs between any two answers."""
    text = f"{answer.status_code}\n{answer.headers.get('Location', '')}\n{answer.get_data(as_text=True)}"
    for pattern in _VOLATILE:
        text = pattern.sub(r"\1", text)
    return re.sub(rf'((?:id|next)=|value="|/){asked_for}\b', r"\1ID", text)
