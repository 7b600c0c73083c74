"""Roles, permissions and the Actor on whose behalf everything is done. Pure: no database, no request."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who uses Seatdesk (product.md, Who uses it); the value is the word shown."""

    DISTRIBUTOR_ADMIN = "distributor admin"
    DISTRIBUTOR_OPERATOR = "distributor operator"
    RESELLER_ADMIN = "reseller admin"
    RESELLER_USER = "reseller user"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What a role may do; reading is limited by the actor's reseller besides."""

    READ = "read"
    RUN_COMMANDS = "run commands"
    EDIT_CUSTOMERS = "edit customers"
    READ_USERS = "read users"
    EDIT_USERS = "edit users"
    READ_RESELLERS = "read resellers"
    EDIT_RESELLERS = "edit resellers"
    READ_PRICES = "read price lists"
    EDIT_PRICES = "edit prices"
    EDIT_SETTINGS = "edit settings"
    SETTLE_UNKNOWN = "settle unknown outcomes"


_RESELLER_USER = frozenset({Permission.READ, Permission.RUN_COMMANDS, Permission.EDIT_CUSTOMERS})
_OPERATOR = _RESELLER_USER | {
    Permission.READ_RESELLERS,
    Permission.EDIT_RESELLERS,
    Permission.READ_PRICES,
    Permission.EDIT_PRICES,
    Permission.SETTLE_UNKNOWN,
}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DISTRIBUTOR_ADMIN: frozenset(Permission),
    Role.DISTRIBUTOR_OPERATOR: frozenset(_OPERATOR),
    Role.RESELLER_ADMIN: _RESELLER_USER | {Permission.READ_USERS, Permission.EDIT_USERS},
    Role.RESELLER_USER: _RESELLER_USER,
    Role.AUDITOR: frozenset({Permission.READ, Permission.READ_RESELLERS, Permission.READ_PRICES}),
}
DISTRIBUTOR_ROLES = frozenset({Role.DISTRIBUTOR_ADMIN, Role.DISTRIBUTOR_OPERATOR})
RESELLER_ROLES = frozenset({Role.RESELLER_ADMIN, Role.RESELLER_USER})


class AccessDenied(Exception):
    """The actor lacks the permission; nothing was read or changed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. reseller_id None means every reseller (distributor, distributor-wide auditor, or the system)."""

    user_id: int | None
    name: str
    role: Role
    reseller_id: int | None

    def may(self, permission: Permission) -> bool:
        """Whether the role carries the permission."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raise AccessDenied unless the role carries the permission."""
        if not self.may(permission):
            raise AccessDenied(f"{self.role} may not {permission}")

    def sees_reseller(self, reseller_id: int | None) -> bool:
        """Whether rows of that reseller exist for this actor at all."""
        return self.reseller_id is None or self.reseller_id == reseller_id


SYSTEM = Actor(user_id=None, name="Seatdesk", role=Role.DISTRIBUTOR_ADMIN, reseller_id=None)
