"""The totals of the Subscription List, and indexes that answer its Status filter and far pages without the licences.

How many licences each reseller has is kept by triggers: exact whatever writes, in the transaction that writes it.
"""
from peewee import *

COUNT = """
INSERT INTO subscription_count (reseller_id, listed, failed)
SELECT reseller_id, sum(CASE WHEN order_state = 'failed' THEN 0 ELSE 1 END),
       sum(CASE WHEN order_state = 'failed' THEN 1 ELSE 0 END)
FROM {rows} WHERE true GROUP BY reseller_id ORDER BY reseller_id
"""
ADD = """
ON CONFLICT (reseller_id) DO UPDATE SET listed = subscription_count.listed + excluded.listed,
                                        failed = subscription_count.failed + excluded.failed
"""
TAKE = ADD.replace('+ excluded', '- excluded')
CHANGES = "(OLD.order_state = 'failed') <> (NEW.order_state = 'failed') OR OLD.reseller_id <> NEW.reseller_id"
OLD_ROW = '(SELECT OLD.reseller_id AS reseller_id, OLD.order_state AS order_state) AS gone'
NEW_ROW = '(SELECT NEW.reseller_id AS reseller_id, NEW.order_state AS order_state) AS come'
STATEMENTS = {
    'added': COUNT.format(rows='come') + ADD,
    'changed': f'{COUNT.format(rows=OLD_ROW)}{TAKE}; {COUNT.format(rows=NEW_ROW)}{ADD}',
    'removed': COUNT.format(rows='gone') + TAKE,
}
# Many rows at once are counted once; a change of one column is common and seldom moves a count.
POSTGRES = {
    'added': 'AFTER INSERT ON subscription REFERENCING NEW TABLE AS come FOR EACH STATEMENT',
    'changed': f'AFTER UPDATE OF order_state, reseller_id ON subscription FOR EACH ROW WHEN ({CHANGES})',
    'removed': 'AFTER DELETE ON subscription REFERENCING OLD TABLE AS gone FOR EACH STATEMENT',
}
SQLITE = {
    'added': ('AFTER INSERT ON subscription', COUNT.format(rows=NEW_ROW) + ADD),
    'changed': (f'AFTER UPDATE OF order_state, reseller_id ON subscription WHEN {CHANGES}', STATEMENTS['changed']),
    'removed': ('AFTER DELETE ON subscription', COUNT.format(rows=OLD_ROW) + TAKE),
}
STANDING = 'subscription (reseller_id, order_state, ended_on, cancelled_on'


def up(migrator, db):
    _keep_counts(db)
    _add_indexes(db)


def _add_indexes(db):
    if not isinstance(db, SqliteDatabase):
        db.execute_sql(f'CREATE INDEX "subscription_standing" ON {STANDING}, id)')
        return
    db.execute_sql(f'CREATE INDEX "subscription_standing" ON {STANDING})')
    # For an order by key SQLite takes no index of some rows, so this is one of all (compare 0005).
    db.execute_sql('CREATE INDEX "subscription_listed" ON subscription (id, order_state)')
    # Where it has counted before, it guesses wrong about an index that was not counted.
    if db.execute_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
        db.execute_sql('ANALYZE subscription')


def _keep_counts(db):
    class Reseller(Model):
        id = BigAutoField()
        class Meta:
            database = db
            legacy_table_names = False
            table_name = 'reseller'

    class SubscriptionCount(Model):
        reseller = ForeignKeyField(Reseller, primary_key=True, on_delete='CASCADE')
        listed = IntegerField()
        failed = IntegerField()
        class Meta:
            database = db
            legacy_table_names = False
            table_name = 'subscription_count'
    db.create_tables([SubscriptionCount])
    if isinstance(db, SqliteDatabase):
        for name, (event, statement) in SQLITE.items():
            db.execute_sql(f'CREATE TRIGGER subscription_{name} {event} BEGIN {statement}; END')
    else:
        for name, event in POSTGRES.items():
            body = f'BEGIN {STATEMENTS[name]}; RETURN NULL; END'
            db.execute_sql(f'CREATE FUNCTION subscription_{name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$')
            db.execute_sql(f'CREATE TRIGGER subscription_{name} {event} EXECUTE FUNCTION subscription_{name}()')
    # The triggers are there first: what is written meanwhile waits for this transaction, or was written before it.
    db.execute_sql(COUNT.format(rows='subscription'))


def down(migrator, db):
    db.execute_sql('DROP INDEX IF EXISTS "subscription_standing"')
    if isinstance(db, SqliteDatabase):
        db.execute_sql('DROP INDEX IF EXISTS "subscription_listed"')
    for name in STATEMENTS:
        if isinstance(db, SqliteDatabase):
            db.execute_sql(f'DROP TRIGGER IF EXISTS subscription_{name}')
        else:
            db.execute_sql(f'DROP TRIGGER IF EXISTS subscription_{name} ON subscription')
            db.execute_sql(f'DROP FUNCTION IF EXISTS subscription_{name}()')
    db.execute_sql('DROP TABLE IF EXISTS "subscription_count"')
