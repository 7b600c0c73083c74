from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.commands import Licence, TermSpan
from licensing.effects import apply_command, terms_as_of
from licensing.lifecycle import is_usable
from licensing.states import CommandKind
from licensing.terms import use_ends_at
from tests.licensing.commands_drawn import ZONES, drawn_commands, held_spans, run
from tests.licensing.demo_book import PENDING, ZONE, local

CREATED_AT = local("2017-03-23 18:03:27")
AUGUST = local("2017-08-01 00:00:00")


def do(kind, at, before=None, **values) -> tuple[Licence, tuple[TermSpan, ...]]:
    licence, terms = before if before is not None else (PENDING, ())
    return apply_command(kind, licence, terms, executed_at=local(at), zone=ZONE, **values)


def created(quantity=12, expires_on=None) -> tuple[Licence, tuple[TermSpan, ...]]:
    return do(CommandKind.CREATE, "2017-03-23 18:03:27", quantity=quantity, expires_on=expires_on)


def cancelled(at="2017-07-23 13:43:56", before=None) -> tuple[Licence, tuple[TermSpan, ...]]:
    return do(CommandKind.SOFT_CANCEL, at, before or created())


def test_create_opens_a_term_and_the_licence_is_live():
    licence, terms = created()
    assert licence == Licence(is_live=True, is_failed=False, quantity=12, created_at=CREATED_AT)
    assert terms == (TermSpan(12, CREATED_AT),)


def test_create_with_an_expiration_ends_its_term_there():
    licence, terms = created(expires_on=date(2017, 8, 1))
    assert licence.expires_on == date(2017, 8, 1)
    assert terms == (TermSpan(12, CREATED_AT, AUGUST),)


@pytest.mark.parametrize(("kind", "is_hard"), [(CommandKind.SOFT_CANCEL, False), (CommandKind.HARD_CANCEL, True)])
def test_a_cancel_ends_the_term_on_the_first_and_leaves_the_expiration(kind, is_hard):
    licence, terms = do(kind, "2017-07-23 13:43:56", created(expires_on=date(2018, 12, 1)))
    assert (licence.cancelled_on, licence.is_hard_cancelled) == (date(2017, 8, 1), is_hard)
    assert licence.expires_on == date(2018, 12, 1)
    assert terms == (TermSpan(12, CREATED_AT, AUGUST),)


def test_a_hard_cancel_after_a_soft_one_keeps_the_date():
    licence, terms = do(CommandKind.HARD_CANCEL, "2017-07-25 10:00:00", cancelled())
    assert (licence.cancelled_on, licence.is_hard_cancelled) == (date(2017, 8, 1), True)
    assert terms == cancelled()[1]


def test_a_hard_cancel_executed_just_after_a_soft_one_has_ended_use_starts_nothing_again():
    licence, terms = do(CommandKind.HARD_CANCEL, "2017-08-01 00:00:02", cancelled())
    assert licence.cancelled_on == date(2017, 8, 1)
    assert terms == cancelled()[1]


def test_a_hard_cancel_stays_final_whatever_cancel_follows():
    hard = do(CommandKind.HARD_CANCEL, "2017-07-25 10:00:00", created())
    assert cancelled("2017-07-26 10:00:00", hard) == hard


def test_a_cancel_does_not_move_an_earlier_expiration():
    _, terms = do(CommandKind.SOFT_CANCEL, "2017-07-23 10:00:00", created(expires_on=date(2017, 8, 1)))
    assert terms == (TermSpan(12, CREATED_AT, AUGUST),)


@pytest.mark.parametrize("kind", [CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL])
def test_renew_while_the_cancel_runs_leaves_no_gap(kind):
    running = do(kind, "2017-07-23 13:43:56", created())
    licence, terms = do(CommandKind.RENEW, "2017-07-31 23:59:59", running)
    assert (licence.cancelled_on, licence.is_hard_cancelled) == (None, False)
    assert terms == (TermSpan(12, CREATED_AT),)


def test_renew_with_the_former_expiration_is_the_undo():
    before = created(expires_on=date(2018, 12, 1))
    assert (
        do(CommandKind.RENEW, "2017-07-24 10:00:00", cancelled(before=before), expires_on=date(2018, 12, 1)) == before
    )


def test_renew_after_the_end_opens_a_second_term():
    _, terms = do(CommandKind.RENEW, "2017-08-20 10:00:00", cancelled())
    assert terms == (TermSpan(12, CREATED_AT, AUGUST), TermSpan(12, local("2017-08-20 10:00:00")))


def test_recreate_changes_the_quantity_from_its_own_instant():
    licence, terms = do(CommandKind.RECREATE, "2017-07-24 10:00:00", cancelled(), quantity=10)
    recreated_at = local("2017-07-24 10:00:00")
    assert licence == Licence(is_live=True, is_failed=False, quantity=10, created_at=CREATED_AT)
    assert terms == (TermSpan(12, CREATED_AT, recreated_at), TermSpan(10, recreated_at))


def test_recreate_at_the_very_instant_of_the_end_leaves_no_gap():
    _, terms = do(CommandKind.RECREATE, "2017-08-01 00:00:00", cancelled(), quantity=10)
    assert terms == (TermSpan(12, CREATED_AT, AUGUST), TermSpan(10, AUGUST))
    _, same = do(CommandKind.RECREATE, "2017-08-01 00:00:00", cancelled(), quantity=12)
    assert same == (TermSpan(12, CREATED_AT),)


def test_modify_quantity_closes_one_term_and_opens_another_with_the_same_end():
    licence, terms = do(
        CommandKind.MODIFY_QUANTITY, "2017-05-10 12:00:00", created(expires_on=date(2017, 8, 1)), quantity=8
    )
    changed_at = local("2017-05-10 12:00:00")
    assert licence.quantity == 8
    assert terms == (TermSpan(12, CREATED_AT, changed_at), TermSpan(8, changed_at, AUGUST))


def test_two_changes_in_one_second_leave_no_term_in_between():
    at = "2017-05-10 12:00:00"
    first = do(CommandKind.MODIFY_QUANTITY, at + ".100000", created(), quantity=60)
    _, terms = do(CommandKind.MODIFY_QUANTITY, at + ".900000", first, quantity=8)
    assert terms == (TermSpan(12, CREATED_AT, local(at)), TermSpan(8, local(at)))


def test_a_change_and_its_reversal_in_one_second_leave_one_term():
    at = "2017-05-10 12:00:00"
    first = do(CommandKind.MODIFY_QUANTITY, at, created(), quantity=60)
    assert do(CommandKind.MODIFY_QUANTITY, at, first, quantity=12)[1] == (TermSpan(12, CREATED_AT),)


def test_a_command_never_counts_from_before_the_term_it_finds():
    later = do(CommandKind.MODIFY_QUANTITY, "2017-05-10 12:00:00", created(), quantity=60)
    licence, terms = do(CommandKind.MODIFY_QUANTITY, "2017-05-10 11:59:00", later, quantity=8)
    assert licence.quantity == 8
    assert terms == (TermSpan(12, CREATED_AT, local("2017-05-10 12:00:00")), TermSpan(8, local("2017-05-10 12:00:00")))


def test_reduce_limits_an_unlimited_licence():
    licence, terms = do(CommandKind.REDUCE, "2017-07-23 14:46:35", created(), expires_on=date(2017, 8, 1))
    assert licence.expires_on == date(2017, 8, 1)
    assert terms == (TermSpan(12, CREATED_AT, AUGUST),)


def test_a_reduce_executed_just_after_its_date_still_ends_use_on_it():
    _, terms = do(CommandKind.REDUCE, "2017-08-01 00:00:03", created(), expires_on=date(2017, 8, 1))
    assert terms == (TermSpan(12, CREATED_AT, AUGUST),)


def test_modify_attributes_changes_nothing_that_is_billed():
    for before in (created(), cancelled()):
        assert do(CommandKind.MODIFY_ATTRIBUTES, "2017-09-01 10:00:00", before) == before


@pytest.mark.parametrize("kind", [CommandKind.CREATE, CommandKind.RECREATE, CommandKind.MODIFY_QUANTITY])
@pytest.mark.parametrize("quantity", [None, 0])
def test_a_command_that_sets_a_quantity_needs_one(kind, quantity):
    with pytest.raises(ValueError, match="needs a quantity"):
        do(kind, "2017-05-10 12:00:00", created(), quantity=quantity)


def is_covered(terms: tuple[TermSpan, ...], instant: datetime) -> bool:
    return any(span.starts_at <= instant and (span.ends_at is None or instant < span.ends_at) for span in terms)


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.data(), st.booleans())
def test_terms_are_ordered_disjoint_and_at_most_one_is_open(zone, data, only_legal):
    for step in run(data.draw(drawn_commands(edge_zone=zone)), zone, only_legal=only_legal):
        assert all(span.ends_at is None or span.starts_at < span.ends_at for span in step.terms)
        for earlier, later in pairwise(step.terms):
            assert earlier.ends_at is not None
            assert earlier.ends_at <= later.starts_at
            assert earlier.ends_at < later.starts_at or earlier.quantity != later.quantity


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.data(), st.booleans(), st.integers(0, 86400 * 400))
def test_from_its_last_command_on_a_licence_is_usable_exactly_while_a_term_runs(zone, data, only_legal, seconds):
    for step in run(data.draw(drawn_commands(edge_zone=zone)), zone, only_legal=only_legal):
        ends_at = use_ends_at(step.licence, zone)
        instants = [step.command.executed_at + timedelta(seconds=seconds)]
        instants += [ends_at - timedelta(seconds=1), ends_at] if ends_at else []
        for instant in instants:
            if instant >= step.command.executed_at:
                assert is_covered(step.terms, instant) == is_usable(step.licence, instant, zone)


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.data())
def test_terms_hold_what_the_licence_held_after_each_command(zone, data):
    steps = run(data.draw(drawn_commands(edge_zone=zone)), zone)
    spans = held_spans(steps, zone)
    instants = {edge for start, end, _ in spans for edge in (start, end) if edge is not None}
    for instant in instants:
        held = {quantity for start, end, quantity in spans if start <= instant and (end is None or instant < end)}
        in_terms = {
            span.quantity
            for span in steps[-1].terms
            if span.starts_at <= instant and (span.ends_at is None or instant < span.ends_at)
        }
        assert held == in_terms


def test_terms_as_of_an_instant_are_those_that_had_begun():
    _, terms = do(CommandKind.RENEW, "2017-08-20 10:00:00", cancelled())
    assert terms_as_of(terms, datetime(2017, 8, 20, 7, 59, 59, tzinfo=UTC)) == terms[:1]
    assert terms_as_of(terms, datetime(2017, 8, 20, 8, 0, 0, tzinfo=UTC)) == terms
