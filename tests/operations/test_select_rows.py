"""Choosing rows for a bulk command: ticked or all that match, frozen, limited, and nobody else's."""

import pytest

from access import Role
from licensing.states import CommandKind
from models import Selection, SelectionRow, Subscription
from operations.bulk_refusals import NothingSelected, TooManyRows
from operations.refusals import NotFound
from operations.select_rows import LARGEST_SELECTION, select_matching, select_ticked
from queries.listing import PageRequest
from queries.selection import NoSuchSelection, find_selection, selected_subscriptions
from queries.subscriptions import StatusFilter, SubscriptionFilter
from tests.bulk_desk import BulkDesk, many_licences
from tests.small_book import TODAY, actor, add_customer, add_reseller, add_user


@pytest.fixture
def desk(rolled_back: str) -> BulkDesk:
    return BulkDesk()


def chosen(selection: Selection) -> list[int]:
    rows = SelectionRow.select(SelectionRow.subscription).where(SelectionRow.selection == selection.id)
    return [pk for (pk,) in rows.order_by(SelectionRow.position).tuples()]


def match(desk: BulkDesk, wanted: SubscriptionFilter | None = None, *, by=None, **order: object) -> Selection:
    return select_matching(
        wanted or SubscriptionFilter(),
        order=PageRequest(**order),
        filter_text="Status all except Failed",
        actor=by or desk.actor,
        moment=desk.moment,
    )


def foreign_licence(desk: BulkDesk) -> Subscription:
    customer = add_customer("Bingo promet d.o.o.", reseller=add_reseller("Sitwell Enterprises"))
    return desk.licence(customer=customer)


def test_ticked_rows_are_kept_in_their_order(desk: BulkDesk) -> None:
    first, second, third = desk.licences(12, 13, 14)
    selection = desk.select([third, first, second])
    assert chosen(selection) == [third.id, first.id, second.id]
    assert (selection.rows, selection.origin, selection.state) == (3, "ticked", "open")


def test_a_row_ticked_twice_is_chosen_once(desk: BulkDesk) -> None:
    first, second = desk.licences(12, 13)
    assert chosen(desk.select([first, second, first])) == [first.id, second.id]


def test_a_foreign_id_and_a_missing_one_are_refused_alike(desk: BulkDesk) -> None:
    own, foreign = desk.licence(), foreign_licence(desk)
    for wrong in (foreign.id, 987_654):
        with pytest.raises(NotFound):
            select_ticked([own.id, wrong], actor=desk.actor, moment=desk.moment)
    assert not Selection.select().exists()


def test_nothing_chosen_is_no_selection(desk: BulkDesk) -> None:
    with pytest.raises(NothingSelected):
        desk.select([])
    with pytest.raises(NothingSelected):
        match(desk, SubscriptionFilter(company_name="nobody"))


def test_more_ids_than_a_batch_may_have_are_refused_naming_the_limit(desk: BulkDesk) -> None:
    with pytest.raises(TooManyRows, match="10,000"):
        select_ticked(range(1, LARGEST_SELECTION + 2), actor=desk.actor, moment=desk.moment)


def test_more_matching_rows_than_a_batch_may_have_are_refused_and_as_many_are_taken(desk: BulkDesk) -> None:
    ids = many_licences(desk, LARGEST_SELECTION)
    assert chosen(match(desk)) == ids
    desk.licence()
    with pytest.raises(TooManyRows, match=r"10,001 rows; a batch has at most 10,000"):
        match(desk)


def test_all_that_match_are_the_rows_of_the_list_in_its_order(desk: BulkDesk) -> None:
    small, large, middle = desk.licences(5, 24, 12)
    desk.licence(customer=add_customer("Hotel Adriatic", reseller=desk.reseller))
    selection = match(desk, SubscriptionFilter(company_name="tunel"), sort="quantity", is_descending=True)
    assert chosen(selection) == [large.id, middle.id, small.id]
    assert (selection.origin, selection.filter_text) == ("filter", "Status all except Failed")


def test_rows_that_match_later_are_not_added(desk: BulkDesk) -> None:
    before = desk.licences(12, 13)
    selection = match(desk)
    desk.licence(14)
    assert chosen(selection) == [licence.id for licence in before]
    assert len(chosen(match(desk))) == 3


def test_a_row_that_no_longer_matches_stays_chosen(desk: BulkDesk) -> None:
    licence = desk.licence()
    selection = match(desk, SubscriptionFilter(status=StatusFilter.ACTIVE))
    desk.done(CommandKind.SOFT_CANCEL, licence)
    assert chosen(selection) == [licence.id]


def test_a_reseller_chooses_only_own_rows_and_the_distributor_any(desk: BulkDesk) -> None:
    own, foreign = desk.licence(), foreign_licence(desk)
    operator = actor(Role.DISTRIBUTOR_OPERATOR, user=add_user("radomir", role=Role.DISTRIBUTOR_OPERATOR))
    assert chosen(match(desk)) == [own.id]
    assert chosen(match(desk, by=operator)) == [own.id, foreign.id]


def test_an_auditor_may_choose_rows_for_an_export(desk: BulkDesk) -> None:
    licence = desk.licence()
    auditor = actor(Role.AUDITOR, user=add_user("lupe", role=Role.AUDITOR))
    selection = desk.select([licence], by=auditor)
    (row,) = selected_subscriptions(selection, actor=auditor, today=TODAY)
    assert (row.id, row.company_name) == (licence.id, "Tunel d.o.o.")


def test_a_selection_exists_for_its_owner_alone(desk: BulkDesk) -> None:
    selection = desk.select([desk.licence()])
    assert find_selection(selection.id, actor=desk.actor).id == selection.id
    admin = actor(Role.DISTRIBUTOR_ADMIN, user=add_user("radomir", role=Role.DISTRIBUTOR_ADMIN))
    for other in (desk.colleague(), admin):
        with pytest.raises(NoSuchSelection):
            find_selection(selection.id, actor=other)


def test_a_selection_is_lost_to_somebody_who_moved_to_another_reseller(desk: BulkDesk) -> None:
    selection = desk.select([desk.licence()])
    moved = actor(Role.RESELLER_USER, reseller=add_reseller("Sitwell Enterprises"), user=desk.user)
    with pytest.raises(NoSuchSelection):
        find_selection(selection.id, actor=moved)


def test_the_export_has_the_chosen_rows_in_their_order(desk: BulkDesk) -> None:
    first, second = desk.licences(12, 13)
    rows = selected_subscriptions(desk.select([second, first]), actor=desk.actor, today=TODAY)
    assert [(row.id, row.quantity) for row in rows] == [(second.id, 13), (first.id, 12)]
