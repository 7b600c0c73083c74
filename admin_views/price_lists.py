"""Price lists, for the distributor: what holds, what is to come, what is past; their forms: price_list_forms.py."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from access import Permission
from admin_views.base import ListScreen
from admin_views.customer_fields import named
from admin_views.figures import euros, number
from admin_views.list_columns import ExportColumn, ListColumn
from admin_views.list_filters import ChoiceFilter
from admin_views.price_list_forms import PriceListForms
from admin_views.shell import Group, Place, current_actor, moment
from exports.columns import Kind
from licensing.terms import Month
from models import PriceList
from queries.listing import Listing
from queries.price_lists import (
    PriceListFilter,
    PriceListRow,
    ShownPriceList,
    Standing,
    price_lists,
    shown_price_list,
)
from queries.subscriptions import product_names

_STANDINGS = {Standing.HOLDS: _l("now"), Standing.TO_COME: _l("to come"), Standing.PAST: _l("past")}


def _standings() -> list[tuple[str, str]]:
    return [(standing, str(label)) for standing, label in _STANDINGS.items()]


class PriceListScreen(PriceListForms, ListScreen):
    """The register behind Register, Price lists."""

    place = Place(Group.REGISTER, 5)
    permission = Permission.READ_PRICES
    write_permission = Permission.EDIT_PRICES
    reading_views = ListScreen.reading_views | {"template_view"}
    export_name = "price-lists"
    create_label = _l("New prices")
    columns = (
        ListColumn("product", _l("Product Name"), head_css="w-name", is_sortable=True, is_title=True),
        ListColumn("product_code", _l("Product Code"), css="mono", is_sortable=True),
        ListColumn("valid_from", _l("Valid from month"), lambda row: str(Month.of(row.valid_from)), is_sortable=True),
        ListColumn("standing", _l("Holds"), lambda row: _STANDINGS[row.standing]),
        ListColumn("bands", _l("Bands"), lambda row: number(row.bands), css="num", head_css="num"),
        ListColumn(
            "min_quantity", _l("Min. Quantity"), lambda row: number(row.min_quantity), css="num", head_css="num"
        ),
        ListColumn(
            "max_quantity", _l("Max. Quantity"), lambda row: number(row.max_quantity), css="num", head_css="num"
        ),
        ListColumn("lowest", _l("Lowest price"), lambda row: euros(row.lowest_cents), css="num", head_css="num"),
        ListColumn("highest", _l("Highest price"), lambda row: euros(row.highest_cents), css="num", head_css="num"),
    )
    filters = (
        ChoiceFilter(
            "product",
            _l("Product Name"),
            offers=lambda: named(product_names(actor=current_actor())),
            take=int,
        ),
        ChoiceFilter("standing", _l("Holds"), offers=_standings, take=Standing),
    )
    export_columns = (
        ExportColumn(_l("Product Name"), lambda row: row.product, width=50),
        ExportColumn(_l("Product Code"), lambda row: row.product_code, width=14),
        ExportColumn(_l("Valid from month"), lambda row: row.valid_from, Kind.DATE),
        ExportColumn(_l("Holds"), lambda row: str(_STANDINGS[row.standing])),
        ExportColumn(_l("Bands"), lambda row: row.bands, Kind.INTEGER),
        ExportColumn(_l("Min. Quantity"), lambda row: row.min_quantity, Kind.INTEGER),
        ExportColumn(_l("Max. Quantity"), lambda row: row.max_quantity, Kind.INTEGER),
        ExportColumn(_l("Lowest price"), lambda row: row.lowest_cents, Kind.MONEY),
        ExportColumn(_l("Highest price"), lambda row: row.highest_cents, Kind.MONEY),
    )

    def __init__(self) -> None:
        super().__init__(PriceList, name=_l("Price lists"), endpoint="price_lists", url="/price-lists")

    def is_accessible(self) -> bool:
        return super().is_accessible() and current_actor().reseller_id is None

    def listing(self, values: Mapping[str, Any]) -> Listing[PriceListRow]:
        wanted = PriceListFilter(product_id=values.get("product"), standing=values.get("standing"))
        return price_lists(wanted, actor=current_actor(), month=moment().month)

    def find(self, key: int) -> ShownPriceList | None:
        return shown_price_list(key, actor=current_actor(), month=moment().month)

    def address_of(self, row: PriceListRow) -> str:
        return self.get_url(".edit_view", id=row.id)

    def create_address(self) -> str:
        return self.get_url(".upload_view") if self.may_write() else ""
