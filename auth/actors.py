"""Who a user acts as."""

from access import Actor, Role
from models import User


def actor_of(user: User) -> Actor:
    """The Actor that a user acts as."""
    return Actor(user_id=user.id, name=str(user), role=Role(user.role), reseller_id=user.reseller_id)
