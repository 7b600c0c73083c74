"""The customers that the rows of an order sheet name."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from access import Actor
from licensing.search_key import search_key
from models import Customer
from queries.scope import visible

_KEYS_AT_ONCE = 500


class KnownCustomer(NamedTuple):
    """A customer of that name."""

    id: int
    company_name: str


class KnownCustomers:
    """The actor's customers with any of these names, read at once; case and accents do not count."""

    def __init__(self, names: Iterable[str], *, actor: Actor) -> None:
        keys = sorted({search_key(name.replace("\x00", "")) for name in names} - {""})
        self._by_name: dict[tuple[int, str], list[KnownCustomer]] = defaultdict(list)
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[start : start + _KEYS_AT_ONCE]
            columns = (Customer.reseller, Customer.name_key, Customer.id, Customer.company_name)
            query = visible(Customer, *columns, actor=actor).where(Customer.name_key.in_(some), ~Customer.is_archived)
            for reseller_id, key, pk, company_name in query.order_by(Customer.id).tuples():
                self._by_name[reseller_id, key].append(KnownCustomer(pk, company_name))

    def named(self, name: str, *, reseller_id: int) -> list[KnownCustomer]:
        """The reseller's customers of that name; more than one where two share it."""
        return self._by_name.get((reseller_id, search_key(name)), [])
