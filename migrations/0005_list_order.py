"""Indexes for the order of lists on PostgreSQL: code point order of names, and the licences that the list shows.

SQLite compares by code points anyway and needs none of them.
"""
from peewee import SqliteDatabase

INDEXES = {
    'customer_by_name': 'customer (name_key COLLATE "C", id)',
    'subscription_listed': "subscription (id) WHERE order_state <> 'failed'",
    'subscription_listed_reseller': "subscription (reseller_id, id) WHERE order_state <> 'failed'",
    'subscription_listed_customer': "subscription (customer_id, id) WHERE order_state <> 'failed'",
    'subscription_by_expiration': 'subscription (expires_on, id)',
}


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        return
    for name, columns in INDEXES.items():
        db.execute_sql(f'CREATE INDEX "{name}" ON {columns}')


def down(migrator, db):
    for name in INDEXES:
        db.execute_sql(f'DROP INDEX IF EXISTS "{name}"')
