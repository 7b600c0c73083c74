"""Files that are written in the background."""
from peewee import *
from database import UTCDateTimeField


def _known(db, name):
    """A table of an earlier migration, for foreign keys to it."""
    class Meta:
        database = db
        table_name = name
        legacy_table_names = False
    return type(name.title(), (Model,), {'id': BigAutoField(), 'Meta': Meta})


def up(migrator, db):
    Reseller, User = (_known(db, name) for name in ('reseller', 'user'))

    class ExportFile(Model):
        id = BigAutoField()
        owner = ForeignKeyField(User, on_delete='RESTRICT')
        reseller = ForeignKeyField(Reseller, null=True, on_delete='RESTRICT')
        screen = CharField(max_length=40)
        query = TextField()
        file_name = CharField(max_length=120)
        state = CharField(max_length=10)
        rows = IntegerField(null=True)
        written = IntegerField()
        size = BigIntegerField()
        attempts = IntegerField()
        lease = CharField(max_length=36, null=True)
        lease_until = UTCDateTimeField(null=True)
        problem = TextField()
        created_at = UTCDateTimeField(index=True)
        class Meta:
            database = db
            legacy_table_names = False
            table_name = 'export_file'
            constraints = [Check("state IN ('waiting', 'written', 'failed')")]

    class ExportPart(Model):
        id = BigAutoField()
        export = ForeignKeyField(ExportFile, on_delete='CASCADE', index=False)
        number = IntegerField()
        content = BlobField()
        class Meta:
            database = db
            legacy_table_names = False
            table_name = 'export_part'
            indexes = ((('export', 'number'), True),)
    db.create_tables([ExportFile, ExportPart])
    db.execute_sql("CREATE INDEX export_file_waiting ON export_file (id) WHERE state = 'waiting'")
    if not isinstance(db, SqliteDatabase):
        # A workbook is compressed already.
        db.execute_sql('ALTER TABLE export_part ALTER COLUMN content SET STORAGE EXTERNAL')


def down(migrator, db):
    for name in ('export_part', 'export_file'):
        db.execute_sql(f'DROP TABLE IF EXISTS "{name}"')
