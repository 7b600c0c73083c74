"""Spreadsheets that wait until a job has read them; those of before were read when they were sent."""


def up(migrator, db):
    db.execute_sql(
        "ALTER TABLE upload ADD COLUMN state VARCHAR(10) NOT NULL DEFAULT 'read' "
        "CHECK (state IN ('waiting', 'read', 'refused'))")
    db.execute_sql('ALTER TABLE upload ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0')
    db.execute_sql('CREATE INDEX upload_state ON upload (state)')


def down(migrator, db):
    db.execute_sql('DROP INDEX IF EXISTS upload_state')
    db.execute_sql('ALTER TABLE upload DROP COLUMN state')
    db.execute_sql('ALTER TABLE upload DROP COLUMN attempts')
