"""Indexes that hold all that a report reads of licences and terms, so that one reseller's month reads no table.

SQLite gets that of the terms, without INCLUDE, which it does not know.
"""
from peewee import SqliteDatabase

POSTGRES = {
    'term_charged': 'term (subscription_id, starts_at) INCLUDE (ends_at, quantity)',
    'subscription_charged': (
        'subscription (reseller_id, id) INCLUDE (customer_id, product_id, activated_at) '
        "WHERE order_state = 'live'"
    ),
}
SQLITE = {'term_charged': 'term (subscription_id, starts_at, ends_at, quantity)'}


def up(migrator, db):
    for name, columns in (SQLITE if isinstance(db, SqliteDatabase) else POSTGRES).items():
        db.execute_sql(f'CREATE INDEX IF NOT EXISTS "{name}" ON {columns}')


def down(migrator, db):
    for name in POSTGRES:
        db.execute_sql(f'DROP INDEX IF EXISTS "{name}"')
