"""SKU: the volume bands of the price lists valid this month. Read only for everybody."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from admin_views.base import ListScreen
from admin_views.figures import euros, number
from admin_views.list_columns import ExportColumn, ListColumn
from admin_views.list_filters import Filter
from admin_views.shell import Group, Place, current_actor, moment
from exports.columns import Kind
from models import Price
from queries.listing import Listing
from queries.skus import SkuFilter, SkuRow, skus


class SkuScreen(ListScreen):
    """The list behind Register, SKU."""

    place = Place(Group.REGISTER, 1)
    export_name = "skus"
    columns = (
        ListColumn("product", _l("Product Name"), is_sortable=True, is_title=True),
        ListColumn("code", _l("Code"), css="mono", is_sortable=True),
        ListColumn(
            "min_quantity",
            _l("Min. Quantity"),
            lambda row: number(row.min_quantity),
            css="num",
            head_css="num",
            is_sortable=True,
        ),
        ListColumn(
            "max_quantity",
            _l("Max. Quantity"),
            lambda row: number(row.max_quantity),
            css="num",
            head_css="num",
            is_sortable=True,
        ),
        ListColumn(
            "price",
            _l("Price"),
            lambda row: euros(row.price_cents),
            css="num strong",
            head_css="num",
            is_sortable=True,
        ),
    )
    filters = (Filter("code", _l("Code")),)
    export_columns = (
        ExportColumn(_l("Product Name"), lambda row: row.product, width=50),
        ExportColumn(_l("Code"), lambda row: row.code, width=16),
        ExportColumn(_l("Min. Quantity"), lambda row: row.min_quantity, Kind.INTEGER),
        ExportColumn(_l("Max. Quantity"), lambda row: row.max_quantity, Kind.INTEGER),
        ExportColumn(_l("Price"), lambda row: row.price_cents, Kind.MONEY),
    )

    def __init__(self) -> None:
        super().__init__(Price, name=_l("SKU"), endpoint="skus", url="/skus")

    def listing(self, values: Mapping[str, Any]) -> Listing[SkuRow]:
        return skus(SkuFilter(**values), actor=current_actor(), month=moment().month)
