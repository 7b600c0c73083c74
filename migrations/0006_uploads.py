"""Spreadsheets that people sent."""
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

    class Upload(Model):
        id = BigAutoField()
        owner = ForeignKeyField(User, on_delete='RESTRICT')
        reseller = ForeignKeyField(Reseller, null=True, on_delete='RESTRICT')
        purpose = CharField(max_length=10)
        file_name = CharField(max_length=100)
        content = BlobField()
        result = JSONField()
        created_at = UTCDateTimeField(index=True)
        class Meta:
            database = db
            legacy_table_names = False
            table_name = 'upload'
            constraints = [Check("purpose IN ('changes', 'orders')")]
    db.create_tables([Upload])


def down(migrator, db):
    db.execute_sql('DROP TABLE IF EXISTS "upload"')
