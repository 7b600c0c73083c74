"""The second wall between tenants, PostgreSQL's side: whose rows a connection can reach. Nothing here knows a table.

While a reseller's user is served, the connection acts as the tenant role, for which the policies of migration 0011
hold, and names the reseller. Everything else is done as the owner of the tables, for whom they do not. The first wall
is queries/scope.py; docs/decisions/0014 says why there are two.
"""

import logging
from contextvars import ContextVar
from typing import Any

import psycopg2
from playhouse.pool import PooledPostgresqlDatabase
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INERROR
from psycopg2.sql import SQL, Identifier

served: ContextVar[int | None] = ContextVar("served", default=None)
"""The reseller whose user this thread serves, by its key; None for everything else."""

_log = logging.getLogger("seatdesk.wall")
_STAND = "SELECT set_config('role', %s, false), set_config('seatdesk.reseller', %s, false)"
_NAME = "left(session_user, 56) || '_tenant'"  # names end at 63 characters
_USABLE = f"""
SELECT rolname FROM pg_roles
WHERE rolname = {_NAME} AND pg_has_role(session_user, oid, 'MEMBER') AND NOT rolsuper AND NOT rolbypassrls
"""  # noqa: S608 - our own words
_MISSING = f"""
SELECT {_NAME}, session_user FROM pg_roles
WHERE rolname = session_user AND (rolsuper OR rolcreaterole)
      AND NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = {_NAME})
"""  # noqa: S608 - our own words
_UNREACHABLE = """
SELECT COALESCE(bool_or(relrowsecurity), false), count(*) FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
      AND NOT (has_table_privilege(%(role)s, oid, 'SELECT') AND has_table_privilege(%(role)s, oid, 'DELETE'))
"""
_CREATE = ("CREATE ROLE {role} NOLOGIN", "GRANT {role} TO {owner}")
_GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "GRANT TEMPORARY ON DATABASE {database} TO {role}",
)
_WARNING = (
    "PostgreSQL does not keep tenants apart: there is no role %s that this login may act as and "
    "that may use the tables. docs/development.md says how to make it."
)


class WalledPool(PooledPostgresqlDatabase):  # type: ignore[misc]  # peewee has no types
    """A pool whose connections reach the rows of the tenant that is served, and of nobody before."""

    _role = ""
    _has_looked = False

    def stand(self) -> None:
        """Let the open connection of this thread reach what is served now; one that cannot is not used any more.

        A transaction that has failed is left alone: its end gives back what held at its beginning.
        """
        if self.is_closed():
            return
        conn = self.connection()
        if conn.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            return
        self._stand(conn)

    def admit(self) -> None:
        """Make the tenant role where this login may, and let it use the tables; for the end of a migration."""
        cursor = self.connection().cursor()
        cursor.execute(_MISSING)
        for role, owner in cursor.fetchall():
            for statement in _CREATE:
                cursor.execute(SQL(statement).format(role=Identifier(role), owner=Identifier(owner)))
        role = self._find_role(cursor)
        if role:
            self._grant(cursor, role)
        else:
            self._warn(cursor)

    def _grant(self, cursor: Any, role: str) -> None:
        cursor.execute(_UNREACHABLE, {"role": role})
        if cursor.fetchone()[1] == 0:
            return
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = map(Identifier, cursor.fetchone())
        for statement in _GRANTS:
            cursor.execute(SQL(statement).format(role=Identifier(role), schema=schema, database=database))

    def _stand(self, conn: Any) -> None:
        reseller_id = served.get()
        try:
            cursor = conn.cursor()
            role = "" if reseller_id is None else self._tenant_role(cursor)
            cursor.execute(_STAND, (role or "none", "" if reseller_id is None else str(reseller_id)))
        except psycopg2.Error:
            self._state.reset()
            self._close(conn, close_conn=True)
            raise

    def _tenant_role(self, cursor: Any) -> str:
        """The role to act as; empty, and a warning, where this login has none that can be used."""
        if not self._has_looked:
            role = self._find_role(cursor)
            if role and not self._is_shut_out(cursor, role):
                self._role = role
            else:
                self._warn(cursor)
            self._has_looked = True
        return self._role

    def _find_role(self, cursor: Any) -> str:
        cursor.execute(_USABLE)
        found = cursor.fetchone()
        return "" if found is None else str(found[0])

    def _is_shut_out(self, cursor: Any, role: str) -> bool:
        """Whether a table with policies was never given to the role, as after a restore."""
        cursor.execute(_UNREACHABLE, {"role": role})
        return bool(cursor.fetchone()[0])

    def _warn(self, cursor: Any) -> None:
        cursor.execute(f"SELECT {_NAME}")
        _log.warning(_WARNING, cursor.fetchone()[0])

    def _is_closed(self, conn: Any) -> bool:
        """Peewee's ping of a connection that waited in the pool; it also forgets whom it has served last."""
        try:
            cursor = conn.cursor()
            if conn.get_transaction_status() != TRANSACTION_STATUS_IDLE:
                cursor.execute("ROLLBACK")
            cursor.execute(_STAND, ("none", ""))
        except psycopg2.Error:
            return True
        return False

    def _initialize_connection(self, conn: Any) -> None:
        """A connection opened while a tenant is served reaches that tenant's rows alone, or is not opened."""
        if served.get() is None:
            return
        self._stand(conn)
