"""The end of the audit chain, so that entries deleted there are missed."""
from peewee import *


def up(migrator, db):
    class AuditHead(Model):
        id = IntegerField(primary_key=True, default=1)
        sealed = BigIntegerField(default=0)
        seal = CharField(max_length=64)
        class Meta:
            database = db
            table_name = 'audit_head'
            legacy_table_names = False
            constraints = [Check('id = 1')]
    db.create_tables([AuditHead])
    db.execute_sql(
        "INSERT INTO audit_head (id, sealed, seal) SELECT 1, COALESCE(MAX(sealed_as), 0), COALESCE("
        "(SELECT seal FROM audit_entry WHERE seal IS NOT NULL ORDER BY sealed_as DESC LIMIT 1), '" + "0" * 64 + "') "
        "FROM audit_entry"
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_table('audit_head'))
