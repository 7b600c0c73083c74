"""Choose licences for a bulk command: ticked rows, or all that match a filter, frozen and kept on the server."""

from collections.abc import Sequence

from access import Actor, Permission
from database import insert_rows, write_transaction
from licensing.moment import Moment
from licensing.terms import local_date
from licensing.wording import Sentence
from models import Selection, SelectionRow, Subscription
from operations.bulk_refusals import NothingSelected, TooManyRows
from operations.refusals import NotFound
from queries.listing import PageRequest
from queries.scope import visible
from queries.subscriptions import SubscriptionFilter, subscriptions

LARGEST_SELECTION = 10_000
_IDS_AT_ONCE = 1_000
_COLUMNS = (
    *("selection", "position", "subscription", "is_added"),
    *("is_eligible", "is_ticked", "takes_cheaper", "is_set_aside", "reason_code"),
)
_UNPLANNED = (False, False, False, False, "")


def select_ticked(ids: Sequence[int], *, actor: Actor, moment: Moment) -> Selection:
    """Keep the rows that somebody ticked, in their order; an id that comes twice counts once.

    Raises AccessDenied, NothingSelected, TooManyRows, and NotFound where one of them does not exist for the actor.
    """
    actor.require(Permission.READ)
    if len(ids) > LARGEST_SELECTION:
        raise TooManyRows(too_many(len(ids)))
    chosen = list(dict.fromkeys(ids))
    with write_transaction():
        known = sum(_visible_count(chosen[start : start + _IDS_AT_ONCE], actor=actor) for start in _starts(chosen))
        if known != len(chosen):
            raise NotFound(len(chosen) - known)
        return freeze(chosen, origin="ticked", actor=actor, moment=moment)


def select_matching(
    wanted: SubscriptionFilter, *, order: PageRequest, filter_text: str, actor: Actor, moment: Moment
) -> Selection:
    """Keep all rows that the filter finds now, in the order of the list; later ones are not added.

    filter_text says the filter in words, for the page of the plan. Raises AccessDenied, NothingSelected, TooManyRows.
    """
    listing = subscriptions(wanted, actor=actor, today=local_date(moment.now, moment.zone))
    with write_transaction():
        chosen = listing.first_ids(order, limit=LARGEST_SELECTION + 1)
        if len(chosen) > LARGEST_SELECTION:
            raise TooManyRows(too_many(listing.exact_count()))
        return freeze(chosen, origin="filter", filter_text=filter_text, actor=actor, moment=moment)


def too_many(rows: int) -> Sentence:
    """The sentence that names the limit."""
    values = {"rows": f"{rows:,}", "limit": f"{LARGEST_SELECTION:,}"}
    return Sentence("These are %(rows)s rows; a batch has at most %(limit)s. Narrow the filter.", values)


def freeze(ids: Sequence[int], *, origin: str, actor: Actor, moment: Moment, **columns: object) -> Selection:
    """Write the selection into the transaction that is open. The caller has seen to it that all ids are visible."""
    if not ids:
        raise NothingSelected(Sentence("No row is chosen."))
    selection: Selection = Selection.create(
        owner=actor.user_id,
        reseller=actor.reseller_id,
        origin=origin,
        rows=len(ids),
        created_at=moment.now,
        **columns,
    )
    add_rows(selection.id, ids, first=1, is_added=False)
    return selection


def add_rows(selection_id: int, ids: Sequence[int], *, first: int, is_added: bool) -> None:
    """Write rows without a plan, numbered from first, into the transaction that is open."""
    rows = ((selection_id, position, pk, is_added, *_UNPLANNED) for position, pk in enumerate(ids, start=first))
    insert_rows(SelectionRow, _COLUMNS, rows)


def _starts(ids: Sequence[int]) -> range:
    return range(0, len(ids), _IDS_AT_ONCE)


def _visible_count(ids: Sequence[int], *, actor: Actor) -> int:
    return int(visible(Subscription, Subscription.id, actor=actor).where(Subscription.id.in_(ids)).count())
