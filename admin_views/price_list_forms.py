"""New prices, for the distributor: from a sheet, row by row for one product, and taking back what has not begun."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError

from admin_views.base import Answer
from admin_views.exports import export_response
from admin_views.figures import said
from admin_views.list_columns import ExportColumn
from admin_views.price_rows import TypedRow, form_rows, stored_rows, typed_rows
from admin_views.records import UNPROCESSABLE
from admin_views.sheet_page import limits_words, sent_file, sent_name
from admin_views.shell import Required, current_actor, moment
from admin_views.typed_values import WrongValue, typed_month
from exports.columns import Kind
from imports.prices import MAX_QUANTITY, MIN_QUANTITY, PRICE, PRODUCT, PRODUCT_CODE, SKU, read_prices
from imports.refusals import SheetRefused
from imports.sheets import read_sheet
from licensing.price_list import PriceProblem, PriceRow
from licensing.terms import Month
from operations.price_lists import PriceListRefused, delete_price_list, take_prices
from operations.record_refusals import RecordInUse
from operations.refusals import NotFound
from queries.listing import as_id
from queries.price_lists import ShownPriceList, Standing, price_rows

_SHEET_COLUMNS = (
    ExportColumn(PRODUCT, lambda row: row.product, width=50),
    ExportColumn(PRODUCT_CODE, lambda row: row.product_code, width=14),
    ExportColumn(SKU, lambda row: row.sku, width=16),
    ExportColumn(MIN_QUANTITY, lambda row: row.min_quantity, Kind.INTEGER),
    ExportColumn(MAX_QUANTITY, lambda row: row.max_quantity, Kind.INTEGER),
    ExportColumn(PRICE, lambda row: row.price_cents, Kind.MONEY),
)
Line = tuple[str, str]


class ValidFromForm(FlaskForm):
    """The month from which prices are valid."""

    class Meta:  # noqa: D106 - WTForms' own place for settings
        csrf = False  # checked for every POST by the application

    valid_from = StringField(_l("Valid from month"), [Required()])

    def validate_valid_from(self, field: Field) -> None:
        """WTForms calls this; what is wrong stands beside the field."""
        try:
            if typed_month(field.data) is None:
                raise ValidationError(_("Enter the month from which the prices are valid."))
        except WrongValue as wrong:
            raise ValidationError(str(wrong)) from wrong

    def month(self) -> Month:
        """The month of a form that was validated."""
        return typed_month(self.valid_from.data) or moment().month


class NewProductForm(ValidFromForm):
    """A product that is not known yet."""

    product_code = StringField(_l("Product Code"), [Required()])
    product_name = StringField(_l("Product Name"), [Required()])


class PriceListForms:
    """Mixed into the list of price lists."""

    @expose("/template.xlsx")
    def template_view(self: Any) -> Response:
        rows = price_rows(actor=current_actor(), month=moment().month)
        return export_response("xlsx", title=_("Prices"), name="prices", columns=_SHEET_COLUMNS, rows=rows)

    @expose("/new/", methods=("GET", "POST"))
    def upload_view(self: Any) -> Answer:
        if request.method == "GET":
            return self._upload_page(ValidFromForm(formdata=None, valid_from=str(moment().month.next())))
        form, is_valid = ValidFromForm(), False
        try:
            content, name = sent_file()
            is_valid = form.validate()
            lines = _taken_from_sheet(content, form.month()) if is_valid else []
        except SheetRefused as refused:
            problem = said(refused.reason) if not sent_name() else f"{sent_name()}: {said(refused.reason)}"
            return self._upload_page(form, problem=problem), UNPROCESSABLE
        if lines or not is_valid:
            return self._upload_page(form, lines=lines, file_name=name), UNPROCESSABLE
        return redirect(self.get_url(".index_view", standing=Standing.TO_COME), 303)

    @expose("/product/", methods=("GET", "POST"))
    def product_view(self: Any) -> Answer:
        if request.method == "GET":
            form = NewProductForm(formdata=None, valid_from=str(moment().month.next()))
            return self._rows_page(form, [], None)
        form = NewProductForm()
        code = (form.product_code.data or "").strip()
        return self._save(form, code=code, names={code: form.product_name.data or ""}, shown=None)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self: Any) -> Answer:
        shown = self.get_one(request.args.get("id"))
        if request.method == "POST":
            return self._save(ValidFromForm(), code=shown.product_code, names={}, shown=shown)
        is_to_come = shown.standing is Standing.TO_COME
        month = shown.valid_from if is_to_come else moment().month.next()
        return self._rows_page(ValidFromForm(formdata=None, valid_from=str(month)), stored_rows(shown.bands), shown)

    @expose("/delete/", methods=("POST",))
    def delete_view(self: Any) -> Answer:
        key = as_id(request.args.get("id"))
        try:
            delete_price_list(key or 0, actor=current_actor(), moment=moment())
        except NotFound:
            abort(404)
        except RecordInUse as refused:
            flash(said(refused.reason), "error")
            return redirect(self.get_url(".edit_view", id=key), 303)
        flash(_("The price list is deleted; the one before it goes on."), "success")
        return redirect(self.get_url(".index_view"), 303)

    def _save(
        self: Any, form: ValidFromForm, *, code: str, names: Mapping[str, str], shown: ShownPriceList | None
    ) -> Answer:
        try:
            rows = typed_rows(request.form, product_code=code)
        except ValueError:
            abort(400)
        is_valid = form.validate()
        problems: Sequence[PriceProblem] = ()
        if is_valid and not any(row.problem for row in rows):
            problems = _problems([row.row for row in rows if row.row is not None], names, form.month())
            if not problems:
                return redirect(self.get_url(".index_view", standing=Standing.TO_COME), 303)
        return self._rows_page(form, rows, shown, problems=problems), UNPROCESSABLE

    def _upload_page(
        self: Any, form: ValidFromForm, *, problem: str = "", lines: Sequence[Line] = (), file_name: str = ""
    ) -> str:
        return self.render(
            "prices/upload.html", form=form, problem=problem, lines=lines, file_name=file_name, limits=limits_words()
        )

    def _rows_page(
        self: Any,
        form: ValidFromForm,
        rows: Sequence[TypedRow],
        shown: ShownPriceList | None,
        *,
        problems: Sequence[PriceProblem] = (),
    ) -> str:
        context = _rows_context(rows, shown, problems)
        return self.render("prices/form.html", form=form, model=shown, may_write=self.may_write(), **context)


def _rows_context(
    rows: Sequence[TypedRow], shown: ShownPriceList | None, problems: Sequence[PriceProblem]
) -> dict[str, Any]:
    return {
        "rows": form_rows(rows, problems, shown.before if shown else None),
        "general": [said(problem.sentence) for problem in problems if problem.row_number is None],
        "has_begun": shown is not None and shown.standing is not Standing.TO_COME,
    }


def _taken_from_sheet(content: bytes, month: Month) -> list[Line]:
    """What is wrong, row by row; none where the prices were taken. Raises SheetRefused."""
    sheet = read_prices(read_sheet(content))
    if sheet.problems:
        return [(str(each.row), f"{each.column}: {said(each.reason)}") for each in sheet.problems]
    problems = _problems(sheet.rows, sheet.product_names, month)
    return [(str(each.row_number or ""), said(each.sentence)) for each in problems]


def _problems(rows: Sequence[PriceRow], names: Mapping[str, str], month: Month) -> Sequence[PriceProblem]:
    """Why the prices were not taken; none where they were, which is said on the next page."""
    try:
        taken = take_prices(rows, names=names, valid_from=month, actor=current_actor(), moment=moment())
    except PriceListRefused as refused:
        return refused.problems
    words = ngettext(
        "The prices of %(num)d product are valid from %(month)s.",
        "The prices of %(num)d products are valid from %(month)s.",
        len(taken),
        month=str(month),
    )
    flash(words, "success")
    return ()
