"""A form that arrives twice: its request key leads to the command that the first arrival wrote."""

from access import Actor
from database import across_tenants
from models import Command
from operations.refusals import NotFound


def earlier_command(request_key: str, *, actor: Actor) -> Command | None:
    """The command this key made, None for a new key. Raises NotFound for a key that somebody else used."""
    with across_tenants():  # a key that somebody of another reseller used must be refused, not found by the database
        earlier = Command.get_or_none(Command.request_key == request_key)
    if earlier is not None and earlier.requested_by_id != actor.user_id:
        raise NotFound(request_key)
    return earlier  # type: ignore[no-any-return]
