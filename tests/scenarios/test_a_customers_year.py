"""One customer from January 2017 to January 2018, through every command and what the vendor makes of it.

Bands: 5-9 at 10.00, 10-14 at 7.70, 15-24 at 3.54; from September 11.00, 8.00, 3.60. Discount 22%, from October 25%.
"""

from datetime import date

import pytest

from access import SYSTEM
from licensing.commands import Confirmed, NotExecuted, NotFound, Rejected, Unknown
from licensing.states import CommandKind, CommandState, OrderState
from licensing.terms import Month, months_between
from models import AuditEntry, Command, ResellerDiscount, Subscription
from operations.refusals import CommandRefused
from operations.seal_audit import seal_audit, verify_audit
from queries.billing import reseller_report, summary_report
from queries.charged_licences import ReportFilter
from tests.desk import DETAILS, LATENESS, Desk, again, created, local, spans
from tests.small_book import ZONE, add_price_list

JANUARY, LAST = Month(2017, 1), Month(2018, 1)
AS_OF = ReportFilter(as_of=local("2018-01-31T12:00:00"))

# Month: quantity, price and fee in cents, and how the fee comes about.
FEES = {
    "2017-02": (12, 770, 7207),  # 12 × 7.70 = 92.40, × 0.78 = 72.072
    "2017-03": (20, 354, 5522),  # 20 since the 10th: 20 × 3.54 = 70.80, × 0.78 = 55.224
    "2017-04": (20, 354, 5522),  # 8 since the 5th, the highest quantity counts
    "2017-05": (8, 1000, 6240),  # 8 × 10.00 = 80.00, × 0.78 = 62.40
    "2017-06": (8, 1000, 6240),  # the cancel was executed one second into June
    "2017-08": (10, 770, 6006),  # recreated on the 14th: 10 × 7.70 = 77.00, × 0.78 = 60.06
    "2017-09": (10, 800, 6240),  # the new price list: 10 × 8.00 = 80.00, × 0.78 = 62.40
    "2017-10": (10, 800, 6000),  # the new discount: 80.00 × 0.75
    "2017-11": (12, 800, 7200),  # 12 for one hour: 12 × 8.00 = 96.00, × 0.75
    "2017-12": (10, 800, 6000),
    "2018-01": (10, 800, 6000),  # renewed before it expired
}


@pytest.fixture
def desk(rolled_back: str) -> Desk:
    desk = Desk()
    add_price_list(desk.product, valid_from=date(2017, 9, 1), bands=((5, 9, 1100), (10, 14, 800), (15, 24, 360)))
    ResellerDiscount.create(reseller=desk.reseller, valid_from=date(2017, 10, 1), basis_points=2500)
    return desk


@pytest.fixture
def licence(desk: Desk) -> Subscription:
    """The licence at the end of the year; two others of the same customer cost nothing."""
    licence = desk.live(at="2017-01-15T10:00:00", quantity=12)
    _first_half(desk, licence)
    _never_charged(desk)
    _second_half(desk, licence)
    desk.at("2018-01-31T12:00:00")
    return again(licence)


def _first_half(desk: Desk, licence: Subscription) -> None:
    # More seats; the answer is lost and found by reading.
    desk.at("2017-03-10T09:00:00")
    more = desk.send(desk.ask(CommandKind.MODIFY_QUANTITY, licence, quantity=20), Unknown("The answer was lost"))
    desk.wait(2)
    assert desk.read(more, Confirmed(executed_at=local("2017-03-10T09:00:01")))

    # Fewer seats; the request is proved not executed by two reads and sent again.
    desk.at("2017-04-05T09:00:00")
    fewer = desk.send(desk.ask(CommandKind.MODIFY_QUANTITY, licence, quantity=8), Unknown("The answer was lost"))
    desk.wait(60)
    assert not desk.read(fewer, NotFound())
    desk.wait(LATENESS)
    assert desk.read(fewer, NotFound())
    desk.send(fewer, Confirmed())

    # A refusal of the vendor and one of ours change nothing.
    desk.at("2017-04-20T09:00:00")
    desk.send(desk.ask(CommandKind.MODIFY_QUANTITY, licence, quantity=24), Rejected("409", "Busy"))
    with pytest.raises(CommandRefused):
        desk.ask(CommandKind.RENEW, licence, expires_on=date(2019, 1, 1))

    # A cancel of the last seconds of May that the vendor executes in June.
    desk.at("2017-05-31T23:59:58")
    claim = desk.claim(desk.ask(CommandKind.SOFT_CANCEL, licence))
    desk.wait(5)
    desk.answer(claim, Confirmed(executed_at=local("2017-06-01T00:00:01")))


def _never_charged(desk: Desk) -> None:
    desk.at("2017-06-10T10:00:00")
    refused = desk.send(desk.order(quantity=10), Rejected("SkuUnknown", "No such SKU"))
    assert again(refused.subscription).order_state == OrderState.FAILED
    short = desk.send(desk.order(quantity=10), created()).subscription
    desk.done(CommandKind.HARD_CANCEL, short, at="2017-06-20T10:00:00")


def _second_half(desk: Desk, licence: Subscription) -> None:
    desk.done(CommandKind.RECREATE, licence, at="2017-08-14T10:00:00", quantity=10, details=DETAILS)
    desk.done(CommandKind.REDUCE, licence, at="2017-10-20T10:00:00", expires_on=date(2018, 1, 1))
    desk.done(CommandKind.MODIFY_QUANTITY, licence, at="2017-11-07T10:00:00", quantity=12)
    desk.done(CommandKind.MODIFY_QUANTITY, licence, at="2017-11-07T11:00:00", quantity=10)

    # A Renew of two calls; the second is refused for a while and continued alone.
    desk.at("2017-12-31T23:59:50")
    renew = desk.ask(CommandKind.RENEW, licence)
    begun_at = local("2017-12-31T23:59:55")
    desk.send(renew, NotExecuted("HTTP 429", retry_after_seconds=60, completed_steps=1, begun_at=begun_at))
    desk.wait(60)
    desk.send(renew, Confirmed(executed_at=local("2018-01-01T00:00:55")))


def test_every_month_costs_what_it_must(desk: Desk, licence: Subscription) -> None:
    charged = {}
    for month in months_between(JANUARY, LAST):
        rows, totals = reseller_report(month, AS_OF, actor=SYSTEM, zone=ZONE)
        charged |= {str(month): (row.quantity, row.price_cents, row.fee_cents) for row in rows}
        assert totals.fee_cents == sum(row.fee_cents for row in rows)
    assert charged == FEES


def test_the_year_is_one_summary_of_seven_lines(desk: Desk, licence: Subscription) -> None:
    rows, totals = summary_report(months_between(JANUARY, LAST), AS_OF, actor=SYSTEM, zone=ZONE)
    lines = {(r.quantity, r.price_cents, r.discount_basis_points): (r.months, r.total_cents) for r in rows}
    assert lines == {
        (12, 770, 2200): (1, 7207),
        (20, 354, 2200): (2, 11044),
        (8, 1000, 2200): (2, 12480),
        (10, 770, 2200): (1, 6006),
        (10, 800, 2200): (1, 6240),
        (10, 800, 2500): (3, 18000),
        (12, 800, 2500): (1, 7200),
    }
    # 72.07 + 110.44 + 124.80 + 60.06 + 62.40 + 180.00 + 72.00
    assert totals.total_cents == sum(fee for _quantity, _price, fee in FEES.values()) == 68177


def test_what_came_later_is_not_seen_before(desk: Desk, licence: Subscription) -> None:
    april = ReportFilter(as_of=local("2017-04-05T08:59:59"))
    rows, _totals = reseller_report(Month(2017, 4), april, actor=SYSTEM, zone=ZONE)
    assert [(row.quantity, row.fee_cents) for row in rows] == [(20, 5522)]
    rows, _totals = reseller_report(Month(2017, 1), april, actor=SYSTEM, zone=ZONE)
    assert rows == []


def test_the_terms_tell_the_year(desk: Desk, licence: Subscription) -> None:
    assert spans(licence) == [
        (12, "2017-01-15 10:00:00", "2017-03-10 09:00:01"),
        (20, "2017-03-10 09:00:01", "2017-04-05 09:16:00"),
        (8, "2017-04-05 09:16:00", "2017-07-01 00:00:00"),
        (10, "2017-08-14 10:00:00", "2017-11-07 10:00:00"),
        (12, "2017-11-07 10:00:00", "2017-11-07 11:00:00"),
        (10, "2017-11-07 11:00:00", None),
    ]
    assert (licence.expires_on, licence.cancelled_on, licence.last_request) == (None, None, "Renew")


def test_every_request_is_in_the_list_and_in_the_sealed_trail(desk: Desk, licence: Subscription) -> None:
    requests = list(Command.select().where(Command.subscription == licence.id).order_by(Command.id))
    assert [(request.kind, request.state) for request in requests] == [
        ("Create", CommandState.CONFIRMED),
        ("ModifyQuantity", CommandState.CONFIRMED),
        ("ModifyQuantity", CommandState.CONFIRMED),
        ("ModifyQuantity", CommandState.REJECTED),
        ("SoftCancel", CommandState.CONFIRMED),
        ("Recreate", CommandState.CONFIRMED),
        ("Reduce", CommandState.CONFIRMED),
        ("ModifyQuantity", CommandState.CONFIRMED),
        ("ModifyQuantity", CommandState.CONFIRMED),
        ("Renew", CommandState.CONFIRMED),
    ]
    refusals = AuditEntry.select().where(AuditEntry.action == "subscription.command.refused")
    assert [entry.details["kind"] for entry in refusals] == ["Renew"]
    entries = AuditEntry.select().count()
    assert seal_audit() == entries == verify_audit().sealed
