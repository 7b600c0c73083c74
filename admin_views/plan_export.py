"""The plan and the result of a batch as sheets."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.batch_words import standing_label
from admin_views.bulk_form import command_words
from admin_views.exports import export_response
from admin_views.figures import said
from admin_views.list_columns import ExportColumn
from exports.columns import Kind
from licensing.bulk import BulkCommand
from models import Batch, Selection
from queries.batch import BatchRow, batch_command, result_rows
from queries.plan_row import PlanRow
from queries.selection import all_plan_rows


def _expiration_after(row: PlanRow) -> Any:
    return None if row.after is None and row.new_expires_on is None else row.new_expires_on or _("unlimited")


def _told(row: BatchRow) -> str:
    return said(row.reason) if row.reason is not None else row.error_message or ""


_PLAN_COLUMNS = (
    ExportColumn(_l("#"), attrgetter("position"), Kind.INTEGER),
    ExportColumn(_l("Reseller"), attrgetter("reseller")),
    ExportColumn(_l("Company Name"), attrgetter("company_name"), width=36),
    ExportColumn(_l("Product"), attrgetter("product"), width=50),
    ExportColumn(_l("Subscription ID"), attrgetter("subscription_id"), width=38),
    ExportColumn(_l("Eligible"), lambda row: _("yes") if row.is_eligible else _("no")),
    ExportColumn(_l("Included"), lambda row: _("yes") if row.is_ticked else _("no")),
    ExportColumn(_l("Reason"), lambda row: "" if row.reason is None else said(row.reason), width=50),
    ExportColumn(_l("Quantity"), lambda row: row.before.quantity, Kind.INTEGER),
    ExportColumn(_l("Quantity after"), lambda row: row.after.quantity if row.after else None, Kind.INTEGER),
    ExportColumn(_l("SKU"), lambda row: row.before.sku, width=16),
    ExportColumn(_l("SKU after"), lambda row: row.after.sku if row.after else "", width=16),
    ExportColumn(_l("License Expiration"), lambda row: row.expires_on or _("unlimited"), Kind.DATE),
    ExportColumn(_l("License Expiration after"), _expiration_after, Kind.DATE),
    ExportColumn(_l("This month, reseller, EUR"), lambda row: row.this_month.old.fee_cents, Kind.MONEY),
    ExportColumn(_l("This month after, reseller, EUR"), lambda row: row.this_month.new.fee_cents, Kind.MONEY),
    ExportColumn(_l("Next month, reseller, EUR"), lambda row: row.next_month.old.fee_cents, Kind.MONEY),
    ExportColumn(_l("Next month after, reseller, EUR"), lambda row: row.next_month.new.fee_cents, Kind.MONEY),
)
_RESULT_COLUMNS = (
    ExportColumn(_l("#"), attrgetter("position"), Kind.INTEGER),
    ExportColumn(_l("Reseller"), attrgetter("reseller")),
    ExportColumn(_l("Company Name"), attrgetter("company_name"), width=36),
    ExportColumn(_l("Product"), attrgetter("product"), width=50),
    ExportColumn(_l("Subscription ID"), attrgetter("subscription_id"), width=38),
    ExportColumn(_l("Quantity"), attrgetter("quantity"), Kind.INTEGER),
    ExportColumn(_l("Quantity after"), attrgetter("new_quantity"), Kind.INTEGER),
    ExportColumn(_l("SKU after"), attrgetter("new_sku"), width=16),
    ExportColumn(_l("Outcome"), lambda row: standing_label(row.standing), width=36),
    ExportColumn(_l("ErrorCode"), lambda row: row.error_code or ""),
    ExportColumn(_l("ErrorMessage"), _told, width=60),
)


def plan_sheet(selection: Selection, command: BulkCommand) -> Response:
    """Every row of a plan, the rows left out too, as XLSX."""
    rows: Iterator[PlanRow] = all_plan_rows(selection)
    return export_response("xlsx", title=command_words(command)[:31], name="plan", columns=_PLAN_COLUMNS, rows=rows)


def result_sheet(batch: Batch, export_type: str) -> Response:
    """Every row of a batch with its outcome, as XLSX or CSV."""
    return export_response(
        export_type,
        title=command_words(batch_command(batch))[:31],
        name=f"batch-{batch.id}",
        columns=_RESULT_COLUMNS,
        rows=result_rows(batch),
    )
