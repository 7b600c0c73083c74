"""What people state about parked commands, how a gateway answers, and differences with the vendor's state."""
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
    Command, Reseller, Subscription, User = (
        _known(db, name) for name in ('command', 'reseller', 'subscription', 'user'))

    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class GatewayContact(Base):
        gateway = CharField(primary_key=True, max_length=30)
        failures = IntegerField(default=0)
        down_since = UTCDateTimeField(null=True)
        probe_due_at = UTCDateTimeField(null=True)
        reason = TextField(default='')
        class Meta:
            table_name = 'gateway_contact'
    db.create_tables([GatewayContact])

    class Adoption(Base):
        id = BigAutoField()
        command = ForeignKeyField(Command, on_delete='RESTRICT')
        attempt = IntegerField()
        subscription_id = CharField(max_length=60, default='')
        activation_code = CharField(max_length=60, default='')
        executed_at = UTCDateTimeField()
        stated_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        stated_at = UTCDateTimeField()
        state = CharField(max_length=10, default='asked')
        due_at = UTCDateTimeField()
        answer = TextField(default='')
        class Meta:
            table_name = 'adoption'
            constraints = [Check("state IN ('asked', 'taken', 'refused')")]
    db.create_tables([Adoption])
    db.execute_sql("CREATE UNIQUE INDEX adoption_one_asked ON adoption (command_id) WHERE state = 'asked'")

    class Reconciliation(Base):
        id = BigAutoField()
        source = CharField(max_length=10)
        state = CharField(max_length=10, default='running')
        started_at = UTCDateTimeField()
        finished_at = UTCDateTimeField(null=True)
        lease_until = UTCDateTimeField()
        compared = IntegerField(default=0)
        left_out = IntegerField(default=0)
        unreadable = IntegerField(default=0)
        open_cases = IntegerField(default=0)
        note = TextField(default='')
        class Meta:
            table_name = 'reconciliation'
            constraints = [
                Check("source IN ('vendor', 'file')"),
                Check("state IN ('running', 'finished', 'failed')"),
            ]
    db.create_tables([Reconciliation])
    db.execute_sql(
        "CREATE UNIQUE INDEX reconciliation_one_running ON reconciliation (state) WHERE state = 'running'")

    class Case(Base):
        id = BigAutoField()
        kind = CharField(max_length=20)
        state = CharField(max_length=10, default='open')
        vendor_id = CharField(max_length=60)
        subscription = ForeignKeyField(Subscription, null=True, on_delete='CASCADE')
        reseller = ForeignKeyField(Reseller, null=True, on_delete='RESTRICT')
        here = JSONField(null=True)
        there = JSONField(null=True)
        run = ForeignKeyField(Reconciliation, on_delete='RESTRICT', index=False)
        found_at = UTCDateTimeField()
        seen_at = UTCDateTimeField()
        settled_at = UTCDateTimeField(null=True)
        closed_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        closing_note = TextField(default='')
        class Meta:
            table_name = 'drift_case'
            indexes = ((('state', 'id'), False), (('reseller', 'id'), False))
            constraints = [
                Check("kind IN ('missing here', 'missing there', 'quantity', 'expiration', 'cancellation',"
                      " 'status', 'details')"),
                Check("state IN ('open', 'closed', 'gone')"),
            ]
    db.create_tables([Case])
    db.execute_sql("CREATE UNIQUE INDEX drift_case_one ON drift_case (vendor_id, kind) WHERE state <> 'gone'")

    migrator.migrate(migrator.add_column('gateway_hold', 'needs_reconciliation', BooleanField(default=False)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column('gateway_hold', 'needs_reconciliation', cascade=False))
    for table in ('drift_case', 'reconciliation', 'adoption', 'gateway_contact'):
        migrator.migrate(migrator.drop_table(table))
