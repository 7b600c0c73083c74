"""How figures are made, on the demo book in both databases: who is counted, who is left out and why, where cents go."""

import pytest

from access import SYSTEM, Actor, Role
from licensing.billing import ChargeReason
from licensing.states import CommandKind
from licensing.terms import Month, months_between
from queries.billing import reseller_report, summary_report
from queries.charged_licences import ReportFilter
from queries.report_parts import differences, licences_left_out
from reports.explanations import (
    Explanation,
    LeftOut,
    LineKey,
    explain_reseller_line,
    explain_summary_line,
    left_out_page,
)
from tests.demo_book_stored import ZONE, customer_id, local, product_id, reseller_id, sku_id

JULY = Month(2017, 7)
JULY_22 = local("2017-07-22T12:00")
END = local("2017-08-23T16:00")


def basic(sku: str = "KL4864XIKMG", *, as_of=JULY_22, month=JULY, actor=SYSTEM) -> Explanation | None:
    key = LineKey(reseller_id(), product_id("4864"), sku_id(sku))
    return explain_reseller_line(key, month, as_of=as_of, actor=actor, zone=ZONE)


def summary_key(customer: str, quantity: int, *, sku: str = "KL4864XIKMG", price_cents: int = 770) -> LineKey:
    ids = (reseller_id(), product_id("4864"), sku_id(sku), customer_id(customer))
    return LineKey(*ids, quantity=quantity, price_cents=price_cents, discount_basis_points=2200)


def why_left_out(parts: tuple[LeftOut, ...]) -> list[tuple]:
    return [
        (
            part.history.billed.customer.name,
            [str(month) for month in part.months],
            part.use.reason,
            part.use.since.astimezone(ZONE).strftime("%d.%m.%Y"),
            part.ended_by and (part.ended_by.kind, part.ended_by.executed_at.astimezone(ZONE).strftime("%d.%m.%Y")),
        )
        for part in parts
    ]


@pytest.mark.usefixtures("book")
class TestALineOfTheResellerReport:
    def test_names_its_licences_with_what_set_their_seats(self):
        parts = basic().counted
        assert [
            (part.history.billed.customer.name, part.use.quantity, part.setting.request.kind) for part in parts
        ] == [
            ("Hotel Adriatic", 10, CommandKind.CREATE),
            ("Prerada voća d.o.o.", 12, CommandKind.CREATE),
            ("test company", 12, CommandKind.CREATE),
            ("UKC Mostar", 14, CommandKind.CREATE),
        ]

    def test_names_those_left_out_of_the_product_and_why(self):
        assert why_left_out(basic().left_out) == [
            ("Hotel Adriatic", ["2017-07"], ChargeReason.FIRST_MONTH_FREE, "15.07.2017", None),
            (
                "Poliklinika Srce",
                ["2017-07"],
                ChargeReason.ENDED,
                "01.06.2017",
                (CommandKind.SOFT_CANCEL, "22.05.2017"),
            ),
            ("Tunel d.o.o.", ["2017-07"], ChargeReason.ENDED, "01.07.2017", (CommandKind.HARD_CANCEL, "20.06.2017")),
        ]

    def test_says_what_the_summary_rounds_otherwise(self):
        (found,) = basic().differences
        assert (found.fee_cents, found.summary_cents) == (28829, 28828)
        assert found.customer_fees == (6006, 7207, 7207, 8408)

    def test_tells_the_steps_of_a_quantity_that_changed_within_the_month(self):
        prerada = next(part for part in basic(as_of=END).counted if part.history.billed.customer.name.startswith("Pre"))
        assert [held.span.quantity for held in prerada.spans] == [12, 8]
        assert prerada.spans[1].request.executed_at == local("2017-07-23T14:43:49")
        assert (prerada.use.quantity, prerada.setting.span.quantity) == (12, 12)

    def test_counts_a_restart_and_knows_when_the_use_had_ended(self):
        tunel = next(part for part in basic(as_of=END).counted if part.history.billed.customer.name.startswith("Tun"))
        assert tunel.use.reason is ChargeReason.RESTARTED
        assert tunel.setting.request.kind is CommandKind.RECREATE

    def test_that_does_not_exist_is_none(self):
        assert basic("KL4864XIEMG") is None

    def test_of_another_reseller_is_none_as_if_it_did_not_exist(self):
        stranger = Actor(None, "Stan", Role.RESELLER_USER, reseller_id("Sitwell Enterprises"))
        assert basic(actor=stranger) is None


@pytest.mark.usefixtures("book")
class TestALineOfTheSummaryReport:
    def test_names_its_months_and_leaves_out_those_with_other_seats(self):
        months = months_between(Month(2017, 4), Month(2017, 8))
        tunel = summary_key("Tunel d.o.o.", 10)
        found = explain_summary_line(tunel, months, as_of=END, actor=SYSTEM, zone=ZONE)
        assert [str(month) for month in found.months] == ["2017-06", "2017-07", "2017-08"]
        assert (found.quantity, found.rate.fee_cents(found.quantity)) == (10, 6006)
        assert [str(part.use.month) for part in found.counted] == ["2017-06", "2017-07", "2017-08"]

    def test_groups_the_months_left_out_by_their_reason(self):
        months = months_between(Month(2017, 3), Month(2017, 8))
        srce = summary_key("Poliklinika Srce", 9, sku="KL4864XIEMG", price_cents=1000)
        found = explain_summary_line(srce, months, as_of=END, actor=SYSTEM, zone=ZONE)
        assert [(months, reason) for _, months, reason, _, _ in why_left_out(found.left_out)] == [
            (["2017-03"], ChargeReason.FIRST_MONTH_FREE),
            (["2017-06", "2017-07", "2017-08"], ChargeReason.ENDED),
        ]

    def test_is_none_when_the_quantity_is_another(self):
        assert explain_summary_line(summary_key("UKC Mostar", 13), [JULY], as_of=END, actor=SYSTEM, zone=ZONE) is None


@pytest.mark.usefixtures("book")
class TestWhatIsLeftOut:
    def test_is_read_in_pages_with_the_number_of_all(self):
        wanted = ReportFilter(JULY_22, reseller_id=reseller_id())
        pages = [licences_left_out([JULY], wanted, actor=SYSTEM, zone=ZONE, limit=2, offset=at) for at in (0, 2)]
        assert [(len(keys), number) for keys, number in pages] == [(2, 3), (1, 3)]

    def test_a_licence_that_was_created_later_is_not_begun(self):
        parts, _ = left_out_page([Month(2017, 4)], ReportFilter(END), actor=SYSTEM, zone=ZONE, limit=50)
        assert {part.use.reason for part in parts if part.history.billed.customer.name.startswith("Zrno")} == {
            ChargeReason.NOT_CREATED
        }

    def test_a_licence_that_no_command_had_begun_does_not_exist(self):
        parts, number = left_out_page([JULY], ReportFilter(JULY_22), actor=SYSTEM, zone=ZONE, limit=50)
        names = [part.history.billed.customer.name for part in parts]
        assert (number, names.count("Prerada voća d.o.o.")) == (3, 0)

    def test_a_sku_in_the_filter_changes_nothing(self):
        wanted = ReportFilter(JULY_22, sku="KL4151")
        assert licences_left_out([JULY], wanted, actor=SYSTEM, zone=ZONE, limit=50)[1] == 3

    def test_another_reseller_sees_only_its_own(self):
        stan = Actor(None, "Stan", Role.RESELLER_USER, reseller_id("Sitwell Enterprises"))
        parts, _ = left_out_page([Month(2017, 6)], ReportFilter(END), actor=stan, zone=ZONE, limit=50)
        assert {part.history.billed.reseller.name for part in parts} == {"Sitwell Enterprises"}


@pytest.mark.usefixtures("book")
def test_the_differing_lines_are_named_with_both_fees():
    wanted = ReportFilter(JULY_22, reseller_id=reseller_id())
    found = differences([JULY], wanted, actor=SYSTEM, zone=ZONE, limit=5)
    assert [(line.sku, line.fee_cents, line.summary_cents) for line in found.lines] == [("KL4864XIKMG", 28829, 28828)]
    assert (found.count, found.fee_cents) == (1, 1)


@pytest.mark.usefixtures("book")
def test_the_differences_are_those_between_the_totals_of_the_two_reports():
    months, wanted = months_between(Month(2017, 3), Month(2017, 8)), ReportFilter(END)
    fees = [reseller_report(month, wanted, actor=SYSTEM, zone=ZONE)[1].fee_cents for month in months]
    _, totals = summary_report(months, wanted, actor=SYSTEM, zone=ZONE)
    assert differences(months, wanted, actor=SYSTEM, zone=ZONE, limit=1).fee_cents == sum(fees) - totals.total_cents
