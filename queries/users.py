"""Users as the register shows them; never a password hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from peewee import JOIN

from access import Actor, Role
from models import Reseller, User
from queries.listing import Listing, Sort, key_contains
from queries.scope import in_scope, visible


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Parts of the names, whatever their case and accents; None stands for any."""

    name: str = ""
    username: str = ""
    role: Role | None = None
    reseller_id: int | None = None
    is_active: bool | None = None


class UserRow(NamedTuple):
    """One line; reseller is None for the distributor's people."""

    id: int
    username: str
    name: str
    surname: str
    email: str
    role: str
    reseller: str | None
    is_active: bool


_SORTS = {
    "username": Sort(User.username_key),
    "name": Sort(User.name_key),
    "role": Sort(User.role),
    "reseller": Sort(Reseller.name_key, through=User.reseller),
}


def users(wanted: UserFilter, *, actor: Actor) -> Listing[UserRow]:
    """The users that match, by name."""
    ids = visible(User, User.id, actor=actor)
    if wanted.name:
        ids = ids.where(key_contains(User.name_key, wanted.name))
    if wanted.username:
        ids = ids.where(key_contains(User.username_key, wanted.username))
    if wanted.role is not None:
        ids = ids.where(User.role == wanted.role)
    if wanted.reseller_id is not None:
        ids = ids.where(User.reseller == wanted.reseller_id)
    if wanted.is_active is not None:
        ids = ids.where(User.is_active == wanted.is_active)
    return Listing(ids=ids, rows_of=_rows, sorts=_SORTS, is_filtered=wanted != UserFilter(), own_sort="name")


def _rows(ids: Sequence[int]) -> Mapping[int, UserRow]:
    query = (
        User.select(
            User.id,
            User.username,
            User.name,
            User.surname,
            User.email,
            User.role,
            Reseller.name,
            User.is_active,
        )
        .join(Reseller, JOIN.LEFT_OUTER)
        .where(User.id.in_(ids))
    )
    return {row[0]: UserRow(*row) for row in query.tuples()}


def user(user_id: int, *, actor: Actor) -> User | None:
    """The user with the reseller; None for a foreign or missing id."""
    query = in_scope(User.select(User, Reseller).join(Reseller, JOIN.LEFT_OUTER), actor=actor, model=User)
    return query.where(User.id == user_id).first()  # type: ignore[no-any-return]
