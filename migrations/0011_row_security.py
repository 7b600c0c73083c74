"""Row-level security: whoever acts as the tenant role reaches the rows of one reseller, that of seatdesk.reseller.

The owner of the tables is not limited, so that policies cost nothing where all resellers are seen (docs/decisions/0014,
which says, too, why term and selection_row have none).
"""
from peewee import SqliteDatabase

# Found out once a statement; without a reseller it is NULL, and no row is anybody's.
SERVED = "(SELECT NULLIF(current_setting('seatdesk.reseller', true), '')::bigint)"
OWN = 'reseller_id = {served}'
# For tables that others are joined with: of a plain condition PostgreSQL thinks that it leaves out most rows that were
# joined, although both sides are the reseller's already, and plans for a few where there are thousands.
JOINED = 'COALESCE(reseller_id = {served}, false)'
OF_COMMAND = 'EXISTS (SELECT 1 FROM command WHERE command.id = {table}.command_id)'
TABLES = {
    'reseller': 'COALESCE(id = {served}, false)',
    'reseller_discount': OWN,
    'user': OWN,
    'customer': JOINED,
    'subscription': OWN,
    'subscription_count': OWN,
    'selection': OWN,
    'upload': OWN,
    'batch': OWN,
    'command': OWN,
    'attempt': OF_COMMAND,
    'audit_entry': OWN,
    'adoption': OF_COMMAND,
    'drift_case': OWN,
    'export_file': OWN,
    'export_part': 'EXISTS (SELECT 1 FROM export_file WHERE export_file.id = {table}.export_id)',
}
# What a reseller's rows name without being the reseller's: the choice that a batch of the distributor's came from, the
# distributor's people, and people who have moved to another reseller since.
NAMED = {
    'selection': 'EXISTS (SELECT 1 FROM batch WHERE batch.selection_id = selection.id)',
    'user': (
        'reseller_id IS NULL OR EXISTS (SELECT 1 FROM command WHERE command.requested_by_id = "user".id)'
        ' OR EXISTS (SELECT 1 FROM batch WHERE "user".id IN (batch.started_by_id, batch.stopped_by_id))'
    ),
}


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        return
    for table, condition in TABLES.items():
        rows = condition.format(served=SERVED, table=table)
        db.execute_sql(f'CREATE POLICY of_reseller ON "{table}" USING ({rows})')
        db.execute_sql(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    for table, rows in NAMED.items():
        db.execute_sql(f'CREATE POLICY named_by_reseller ON "{table}" FOR SELECT USING ({rows})')


def down(migrator, db):
    if isinstance(db, SqliteDatabase):
        return
    for table in NAMED:
        db.execute_sql(f'DROP POLICY named_by_reseller ON "{table}"')
    for table in TABLES:
        db.execute_sql(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        db.execute_sql(f'DROP POLICY of_reseller ON "{table}"')
