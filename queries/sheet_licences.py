"""The licences that the rows of a sheet name, as the Subscription List shows them."""

from collections.abc import Mapping, Sequence
from datetime import date

from access import Actor
from models import Subscription
from queries.scope import visible
from queries.subscriptions import StatusFilter, SubscriptionFilter, SubscriptionRow, subscriptions

_IDS_AT_ONCE = 500


def licences_by_vendor_id(ids: Sequence[str], *, actor: Actor, today: date) -> Mapping[str, SubscriptionRow]:
    """The actor's licences of these Subscription IDs, in any case, by the id in small letters.

    An id that is foreign and one that does not exist are both missing in the answer.
    """
    rows_of = subscriptions(SubscriptionFilter(status=StatusFilter.ALL), actor=actor, today=today).rows_of
    found: dict[str, SubscriptionRow] = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = [spelling for text in ids[start : start + _IDS_AT_ONCE] for spelling in {text, text.lower()}]
        known = visible(Subscription, Subscription.id, actor=actor).where(Subscription.subscription_id.in_(some))
        rows = rows_of([pk for (pk,) in known.tuples()])
        found.update({row.subscription_id.lower(): row for row in rows.values() if row.subscription_id})
    return found
