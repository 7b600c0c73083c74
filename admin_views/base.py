"""Flask-Admin's model views made safe, once, for every list and register of the product.

Flask-Admin's own way to rows is closed: its queries know no tenant, its deletes cascade, its bulk and inline edits take
ids as they come, its exports hold formulas. What is left of it is the frame: routes, menu, rendering. Every read goes
through a query of queries/, scoped to the actor; every write through an operation, in its transaction.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from peewee import Model, ModelSelect
from werkzeug.wrappers import Response

from access import Permission
from admin_views import exports
from admin_views.list_columns import ExportColumn, ListColumn
from admin_views.list_filters import Filter, Filtering, chips, read_filters
from admin_views.list_page import PAGE_SIZES, heading, no_rows, page_rows, pager
from admin_views.shell import Screen, current_actor
from exports.columns import Sheet
from exports.xlsx import TooManyRows
from queries.listing import Listing, Page, PageRequest, as_id
from queries.scope import visible

_LONGEST_PAGE_NUMBER = 12
Answer = Response | tuple[str, int] | str


class ListScreen(Screen, ModelView):
    """A list with filters, pages, sorting and exports. It declares its columns and filters and says which rows."""

    list_template = "admin/model/list.html"
    form = FlaskForm  # without one Flask-Admin makes a field of every column
    column_list = ("id",)
    column_sortable_list = ()
    can_create = can_edit = can_delete = False

    # Nothing of these exists unless a screen brings its own: a route that is not there cannot be misused.
    create_view: Any = None
    edit_view: Any = None
    details_view: Any = None
    delete_view: Any = None
    action_view: Any = None
    action_delete: Any = None
    ajax_lookup: Any = None
    ajax_update: Any = None
    get_list: Any = None
    create_model: Any = None
    update_model: Any = None
    delete_model: Any = None

    write_permission: Permission | None = None
    reading_views = frozenset({"index_view", "edit_view", "export"})
    columns: tuple[ListColumn, ...] = ()
    filters: tuple[Filter, ...] = ()
    export_columns: tuple[ExportColumn, ...] = ()
    own_order = ("", False)
    export_name = ""
    create_label: Any = _l("New")

    def __init__(self, model: type[Model], **options: Any) -> None:
        super().__init__(model, **options)
        self.export_name = self.export_name or self.endpoint

    def listing(self, values: Mapping[str, Any]) -> Listing[Any]:
        """The rows that match the filters' values, scoped to the actor."""
        raise NotImplementedError

    def shown_columns(self) -> list[ListColumn]:
        """The columns for this actor: Reseller is for those who see more than one."""
        return [column for column in self.columns if column.name != "reseller" or _sees_all()]

    def shown_filters(self) -> list[Filter]:
        """The filters for this actor; one that is not there is not read from the address either."""
        return [entry for entry in self.filters if entry.name != "reseller" or _sees_all()]

    def address_of(self, row: Any) -> str:  # noqa: ARG002 - for screens whose rows have a page
        """Where a row's own page is; empty where it has none."""
        return ""

    def may_write(self) -> bool:
        """Whether the actor may do more here than read."""
        return self.write_permission is not None and current_actor().may(self.write_permission)

    def get_query(self) -> ModelSelect:
        return visible(self.model, actor=current_actor())

    def get_one(self, id: Any) -> Any:  # noqa: A002 - Flask-Admin's name
        """The row of that id; a foreign one and a missing one are the same 404."""
        key = as_id(id)
        return abort(404) if key is None else self.find(key) or abort(404)

    def find(self, key: int) -> Any:  # noqa: ARG002 - for screens whose rows have a page
        """The row of that key for the actor, or None."""
        return None

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        refused = super()._handle_view(name, **kwargs)
        if refused is None and self._writes(name) and not self.may_write():
            abort(403)
        return refused

    def _writes(self, name: str) -> bool:
        return name not in self.reading_views or request.method == "POST"

    @expose("/")
    def index_view(self) -> Answer:
        state = self._filtering()
        wanted = self._page_request()
        page = no_rows(wanted) if state.problems else self.listing(state.values).page(wanted)
        return self.render(self.list_template, **self.list_context(state, wanted, page))

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Answer:
        if export_type not in exports.TYPES:
            abort(404)
        state = self._filtering()
        if state.problems:
            return redirect(self._address(), 303)
        listing = self.listing(state.values)
        if export_type == "xlsx" and exports.is_large(listing.count()[0]):
            return self.render("exports/large.html", **self._job(), list_address=self._address())
        try:
            return exports.list_response(
                export_type,
                title=str(self.name),
                name=self.export_name,
                columns=self.export_columns,
                listing=listing,
                wanted=self._page_request(),
            )
        except TooManyRows as reason:
            flash(str(reason), "error")
            return redirect(self._address(), 303)

    def sheet(self) -> Sheet | None:
        """The whole list that the address asks for, to be written by a job; None where a filter cannot be read."""
        state = self._filtering()
        if state.problems:
            return None
        return exports.list_sheet(
            title=str(self.name),
            columns=self.export_columns,
            listing=self.listing(state.values),
            wanted=self._page_request(),
        )

    def _job(self) -> dict[str, str]:
        """What names this list, as it stands, to the job that writes it."""
        kept = {name: value for name, value in self._arguments().items() if name not in {"page", "page_size", "count"}}
        return {"screen": str(self.endpoint), "query": urlencode(kept)}

    def list_context(self, state: Filtering, wanted: PageRequest, page: Page[Any]) -> dict[str, Any]:
        """What the list's template shows."""
        columns = self.shown_columns()
        kept = self._arguments()
        return {
            "columns": [heading(column, wanted, address=self._address) for column in columns],
            "rows": page_rows(columns, page, address_of=self.address_of),
            "chips": chips(self.shown_filters(), state, address=self._address),
            "kept": [(name, kept[name]) for name in ("sort", "desc", "page_size") if name in kept],
            "pager": pager(page, wanted, kept, address=self._address),
            "empty_message": self.empty_message(state),
            "clear_address": self.get_url(".index_view"),
            "export_addresses": [(kind.upper(), self._address(".export", export_type=kind)) for kind in exports.TYPES],
            "export_job": self._job() if exports.is_large(page.total) else None,
            "create_address": self.create_address(),
            "create_label": self.create_label,
        }

    def empty_message(self, state: Filtering) -> str:
        """What stands in the place of the rows where there are none."""
        if state.problems:
            labels = {entry.name: entry.label for entry in self.filters}
            told = [f"{labels[name]}: {problem}" for name, problem in state.problems.items()]
            return " ".join([_("Nothing is shown, as a filter cannot be read."), *told])
        return _("Nothing matches the filter.") if state.texts else _("There is nothing here yet.")

    def create_address(self) -> str:
        """Where a new row is made; empty where the actor cannot."""
        return ""

    def _filtering(self) -> Filtering:
        return read_filters(self.shown_filters(), request.args)

    def _page_request(self) -> PageRequest:
        asked = request.args.get("page_size", "")
        sortable = {column.name for column in self.shown_columns() if column.is_sortable}
        sort = request.args.get("sort", "")
        own_sort, own_descends = self.own_order
        return PageRequest(
            number=_page_number(request.args.get("page", "")),
            size=int(asked) if asked in map(str, PAGE_SIZES) else 50,
            sort=sort if sort in sortable else own_sort,
            is_descending=request.args.get("desc") == "1" if sort in sortable else own_descends,
            counts_exactly=request.args.get("count") == "exact",
        )

    def _arguments(self) -> dict[str, str]:
        known = {"sort", "desc", "page_size", "page", "count", *(entry.name for entry in self.shown_filters())}
        return {name: value for name, value in request.args.items() if name in known and value}

    def _address(self, endpoint: str = ".index_view", **changes: str) -> str:
        """An address of this screen with the present arguments and these changes; an empty value takes one away."""
        arguments = {**self._arguments(), **changes}
        if changes and "page" not in changes:
            arguments.pop("page", None)
        return self.get_url(endpoint, **{name: value for name, value in arguments.items() if value})


def _sees_all() -> bool:
    return current_actor().reseller_id is None


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_PAGE_NUMBER:
        return 1
    return max(1, int(text))
