"""What stands behind the lines of a report: the licences counted in a line, those left out, and where cents differ.

Everything is read with the tables of charged_licences.py, so a part cannot disagree with its line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from access import Actor
from licensing.terms import Month
from models import Term
from queries.charged_licences import Grain, ReportFilter, read_charged


@dataclass(frozen=True, slots=True)
class ChargedSeats:
    """One licence in one month: its seats, and the cents and basis points at which they are charged."""

    month: Month
    subscription_pk: int
    customer_id: int
    quantity: int
    price_cents: int
    discount_basis_points: int


@dataclass(frozen=True, slots=True)
class DifferingLine:
    """A line of the Reseller Report and what the Summary Report rounds for the same seats, in cents."""

    month: Month
    reseller: str
    product: str
    sku: str
    fee_cents: int
    summary_cents: int


@dataclass(frozen=True, slots=True)
class Differences:
    """Where the two reports differ: the first lines, how many there are, and by how many cents the totals differ."""

    lines: tuple[DifferingLine, ...]
    count: int
    fee_cents: int

    @property
    def has_more(self) -> bool:
        """Whether there are lines beside those that are named."""
        return self.count > len(self.lines)


_SEATS = """
SELECT priced.number, priced.id, priced.customer_id, priced.quantity, priced.price_cents, priced.basis_points
FROM priced
JOIN customer ON customer.id = priced.customer_id
ORDER BY customer.name_key {c}, priced.customer_id, priced.id, priced.number
"""

# A licence that no command had begun at the as of instant did not exist then, so it is not left out either.
_LEFT_OUT = """
SELECT licence.id, count(*) OVER ()
FROM licence
JOIN reseller ON reseller.id = licence.reseller_id
JOIN product ON product.id = licence.product_id
JOIN customer ON customer.id = licence.customer_id
LEFT JOIN (SELECT id, count(*) AS months FROM priced GROUP BY id) AS paid ON paid.id = licence.id
WHERE coalesce(paid.months, 0) < {p}
  AND EXISTS (SELECT 1 FROM term WHERE term.subscription_id = licence.id AND term.starts_at <= {p})
ORDER BY reseller.name_key {c}, product.name_key {c}, customer.name_key {c}, licence.id
LIMIT {p} OFFSET {p}
"""

_DIFFERING = """
, monthly AS (
    SELECT number, reseller_id, customer_id, product_id, sku_id, price_cents, basis_points,
           CAST(sum(quantity) AS BIGINT) AS quantity
    FROM priced
    GROUP BY number, reseller_id, customer_id, product_id, sku_id, price_cents, basis_points
),
rounded AS (SELECT line.*, {fee} AS fee_cents FROM monthly AS line),
line AS (
    SELECT number, reseller_id, product_id, sku_id, price_cents, basis_points,
           CAST(sum(quantity) AS BIGINT) AS quantity, CAST(sum(fee_cents) AS BIGINT) AS summary_cents
    FROM rounded
    GROUP BY number, reseller_id, product_id, sku_id, price_cents, basis_points
),
both_ways AS (SELECT line.*, {fee} AS fee_cents FROM line)
SELECT both_ways.number, reseller.name, product.name, sku.code, both_ways.fee_cents, both_ways.summary_cents,
       count(*) OVER (), CAST(sum(both_ways.fee_cents - both_ways.summary_cents) OVER () AS BIGINT)
FROM both_ways
JOIN reseller ON reseller.id = both_ways.reseller_id
JOIN product ON product.id = both_ways.product_id
JOIN sku ON sku.id = both_ways.sku_id
WHERE both_ways.fee_cents <> both_ways.summary_cents
ORDER BY both_ways.number, reseller.name_key {c}, product.name_key {c}, sku.code {c}
LIMIT {p}
"""


def charged_seats(
    months: Sequence[Month], wanted: ReportFilter, *, actor: Actor, zone: ZoneInfo
) -> tuple[ChargedSeats, ...]:
    """Every licence charged in those months, by customer. Meant for one line: nothing is added up here."""
    rows = read_charged(_SEATS, months, wanted, actor=actor, zone=zone)
    return tuple(ChargedSeats(months[number], *seats) for number, *seats in rows)


def licences_left_out(
    months: Sequence[Month],
    wanted: ReportFilter,
    *,
    actor: Actor,
    zone: ZoneInfo,
    limit: int,
    offset: int = 0,
) -> tuple[list[int], int]:
    """The keys of licences not charged in one of those months or more, in report order, and how many there are.

    A SKU in the filter is not looked at: what is left out has none in that month.
    """
    parameters = (len(months), Term.starts_at.db_value(wanted.as_of), limit, offset)
    any_sku = replace(wanted, sku_id=None, sku="")
    rows = read_charged(_LEFT_OUT, months, any_sku, actor=actor, zone=zone, parameters=parameters)
    return [row[0] for row in rows], rows[0][1] if rows else 0


def differences(
    months: Sequence[Month], wanted: ReportFilter, *, actor: Actor, zone: ZoneInfo, limit: int
) -> Differences:
    """Where the Reseller Reports of those months and their Summary Report round differently."""
    rows = read_charged(_DIFFERING, months, wanted, actor=actor, zone=zone, grain=Grain.CUSTOMER, parameters=(limit,))
    lines = tuple(DifferingLine(months[number], *line) for number, *line, _, _ in rows)
    return Differences(lines, count=rows[0][6] if rows else 0, fee_cents=rows[0][7] if rows else 0)
