"""What the product's own Summary Report says, for the checker to compare with its arithmetic."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from licensing.terms import Month
from queries.billing import ReportFilter, summary_report
from tests.small_book import ZONE, actor

# After every month that is asked about.
THE_END = datetime(2100, 1, 1, tzinfo=UTC)


def summary_cents(months: Sequence[date]) -> int:
    """The TOTAL of all resellers over these months, given by their first days."""
    wanted = ReportFilter(as_of=THE_END)
    _rows, totals = summary_report([Month.of(month) for month in months], wanted, actor=actor(), zone=ZONE)
    return totals.total_cents
