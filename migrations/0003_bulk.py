"""Bulk: selections with their plan, batches, and the batch of a command."""
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
    class Base(Model):
        class Meta:
            legacy_table_names = False

    Reseller, User, Subscription = (_known(db, name) for name in ('reseller', 'user', 'subscription'))

    class Selection(Base):
        id = BigAutoField()
        owner = ForeignKeyField(User, on_delete='RESTRICT')
        reseller = ForeignKeyField(Reseller, null=True, on_delete='RESTRICT')
        origin = CharField(max_length=10)
        retried_batch = BigIntegerField(null=True)
        filter_text = TextField(default='')
        rows = IntegerField()
        state = CharField(max_length=10, default='open')
        kind = CharField(null=True, max_length=20)
        parameters = JSONField(null=True)
        version = IntegerField(default=1)
        created_at = UTCDateTimeField()
        planned_at = UTCDateTimeField(null=True)
        planned_on = DateField(null=True)
        class Meta:
            database = db
            table_name = 'selection'
            constraints = [
                Check("origin IN ('ticked', 'filter', 'retry')"),
                Check("state IN ('open', 'started')"),
                Check("kind IN ('Create', 'SoftCancel', 'HardCancel', 'Renew', 'Recreate', 'ModifyAttributes', 'ModifyQuantity', 'Reduce')"),
            ]
            indexes = ((('state', 'created_at'), False),)
    db.create_tables([Selection])

    class SelectionRow(Base):
        id = BigAutoField()
        selection = ForeignKeyField(Selection, on_delete='CASCADE', index=False)
        position = IntegerField()
        subscription = ForeignKeyField(Subscription, on_delete='CASCADE')
        is_added = BooleanField(default=False)
        version = IntegerField(null=True)
        customer_version = IntegerField(null=True)
        is_eligible = BooleanField(default=False)
        is_ticked = BooleanField(default=False)
        takes_cheaper = BooleanField(default=False)
        is_set_aside = BooleanField(default=False)
        reason_code = CharField(max_length=30, default='')
        reason = JSONField(null=True)
        order_state = CharField(null=True, max_length=10)
        open_state = CharField(null=True, max_length=10)
        quantity = IntegerField(null=True)
        expires_on = DateField(null=True)
        cancelled_on = DateField(null=True)
        cancel_kind = CharField(null=True, max_length=4)
        new_quantity = IntegerField(null=True)
        new_expires_on = DateField(null=True)
        sku = CharField(null=True, max_length=30)
        price_cents = BigIntegerField(null=True)
        new_sku = CharField(null=True, max_length=30)
        new_price_cents = BigIntegerField(null=True)
        this_discount = IntegerField(null=True)
        this_quantity = IntegerField(null=True)
        this_sku = CharField(null=True, max_length=30)
        this_price_cents = BigIntegerField(null=True)
        this_new_quantity = IntegerField(null=True)
        this_new_sku = CharField(null=True, max_length=30)
        this_new_price_cents = BigIntegerField(null=True)
        this_note = CharField(null=True, max_length=30)
        next_discount = IntegerField(null=True)
        next_quantity = IntegerField(null=True)
        next_sku = CharField(null=True, max_length=30)
        next_price_cents = BigIntegerField(null=True)
        next_new_quantity = IntegerField(null=True)
        next_new_sku = CharField(null=True, max_length=30)
        next_new_price_cents = BigIntegerField(null=True)
        next_note = CharField(null=True, max_length=30)
        cheaper_quantity = IntegerField(null=True)
        cheaper_sku = CharField(null=True, max_length=30)
        cheaper_price_cents = BigIntegerField(null=True)
        class Meta:
            database = db
            table_name = 'selection_row'
            constraints = [
                Check('is_eligible OR NOT is_ticked'),
            ]
            indexes = ((('selection', 'position'), True),)
    db.create_tables([SelectionRow])

    class Batch(Base):
        id = BigAutoField()
        selection = ForeignKeyField(Selection, unique=True, on_delete='RESTRICT')
        reseller = ForeignKeyField(Reseller, null=True, on_delete='RESTRICT')
        kind = CharField(max_length=20)
        parameters = JSONField(null=True)
        started_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        started_at = UTCDateTimeField()
        rows = IntegerField()
        set_aside = IntegerField()
        left_out = IntegerField()
        stopped_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        stopped_at = UTCDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'batch'
            constraints = [
                Check("kind IN ('Create', 'SoftCancel', 'HardCancel', 'Renew', 'Recreate', 'ModifyAttributes', 'ModifyQuantity', 'Reduce')"),
            ]
    db.create_tables([Batch])

    migrator.migrate(
        migrator.add_column(
            'command', 'batch_id', ForeignKeyField(Batch, Batch.id, null=True, on_delete='RESTRICT', index=False)))
    db.execute_sql('CREATE INDEX command_of_batch ON command (batch_id, state) WHERE batch_id IS NOT NULL')
    db.execute_sql(
        "CREATE INDEX command_single_queued ON command (due_at) WHERE state = 'queued' AND batch_id IS NULL")


def down(migrator, db):
    db.execute_sql('DROP INDEX command_single_queued')
    db.execute_sql('DROP INDEX command_of_batch')
    migrator.migrate(migrator.drop_column('command', 'batch_id', cascade=False))
    migrator.migrate(migrator.drop_table('batch'))
    migrator.migrate(migrator.drop_table('selection_row'))
    migrator.migrate(migrator.drop_table('selection'))
