"""What the vendor's service does not do: said where a command is asked for, so that it never becomes a request."""

from admin_views.shell import house
from licensing.states import CommandKind


def not_offered(kind: CommandKind) -> str:
    """Why the vendor's service cannot do that command; empty where it can."""
    return house().not_offered.get(kind, "")
