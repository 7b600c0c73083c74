"""The first schema."""
from peewee import *
from database import UTCDateTimeField


def up(migrator, db):
    class Base(Model):
        class Meta:
            legacy_table_names = False

    class Reseller(Base):
        id = BigAutoField()
        name = CharField(max_length=200)
        name_key = CharField(unique=True, max_length=200)
        vendor_pin = CharField(max_length=50)
        is_archived = BooleanField(default=False)
        version = IntegerField(default=1)
        class Meta:
            database = db
            table_name = 'reseller'
    db.create_tables([Reseller])

    class Customer(Base):
        id = BigAutoField()
        reseller = ForeignKeyField(Reseller, on_delete='RESTRICT')
        company_name = CharField(max_length=200)
        name_key = CharField(max_length=200)
        address_line_1 = CharField(max_length=200, default='')
        address_line_2 = CharField(max_length=200, default='')
        city = CharField(max_length=100, default='')
        post_code = CharField(max_length=20, default='')
        country = CharField(max_length=2)
        state = CharField(max_length=100, default='')
        email = CharField(max_length=200, default='')
        website = CharField(max_length=200, default='')
        phone = CharField(max_length=60, default='')
        fax = CharField(max_length=60, default='')
        contact_person = CharField(max_length=200, default='')
        is_archived = BooleanField(default=False)
        version = IntegerField(default=1)
        class Meta:
            database = db
            table_name = 'customer'
            indexes = ((('reseller', 'name_key'), False), (('name_key', 'id'), False))
    db.create_tables([Customer])

    class Product(Base):
        id = BigAutoField()
        code = CharField(unique=True, max_length=20)
        name = CharField(max_length=200)
        name_key = CharField(index=True, max_length=200)
        class Meta:
            database = db
            table_name = 'product'
    db.create_tables([Product])

    class Sku(Base):
        id = BigAutoField()
        product = ForeignKeyField(Product, on_delete='RESTRICT')
        code = CharField(unique=True, max_length=30)
        class Meta:
            database = db
            table_name = 'sku'
    db.create_tables([Sku])

    class User(Base):
        id = BigAutoField()
        username = CharField(max_length=60)
        username_key = CharField(unique=True, max_length=60)
        password_hash = CharField()
        must_change_password = BooleanField(default=True)
        name = CharField(max_length=100)
        surname = CharField(max_length=100, default='')
        name_key = CharField(index=True, max_length=210)
        title = CharField(max_length=100, default='')
        phone = CharField(max_length=60, default='')
        email = CharField(max_length=200, default='')
        role = CharField(max_length=30)
        reseller = ForeignKeyField(Reseller, null=True, on_delete='RESTRICT')
        is_active = BooleanField(default=True)
        csv_format = CharField(max_length=10, default='comma')
        picture = BlobField(null=True)
        picture_type = CharField(max_length=20, default='')
        version = IntegerField(default=1)
        class Meta:
            database = db
            table_name = 'user'
            constraints = [
                Check("role IN ('distributor admin', 'distributor operator', 'reseller admin', 'reseller user', 'auditor')"),
                Check("csv_format IN ('comma', 'semicolon')"),
            ]
    db.create_tables([User])

    class Subscription(Base):
        id = BigAutoField()
        reseller = ForeignKeyField(Reseller, on_delete='RESTRICT')
        customer = ForeignKeyField(Customer, on_delete='RESTRICT')
        product = ForeignKeyField(Product, on_delete='RESTRICT')
        sku = ForeignKeyField(Sku, on_delete='RESTRICT')
        quantity = IntegerField()
        order_state = CharField(max_length=10, default='pending')
        subscription_id = CharField(unique=True, null=True, max_length=60)
        activation_code = CharField(index=True, null=True, max_length=60)
        activated_at = UTCDateTimeField(null=True)
        expires_on = DateField(null=True)
        cancelled_on = DateField(null=True)
        cancel_kind = CharField(null=True, max_length=4)
        ended_on = DateField(null=True)
        last_request = CharField(max_length=20, default='')
        confirmed_details = JSONField(null=True)
        ordered_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        ordered_at = UTCDateTimeField()
        version = IntegerField(default=1)
        class Meta:
            database = db
            table_name = 'subscription'
            constraints = [
                Check('quantity >= 1'),
                Check("order_state IN ('pending', 'live', 'failed')"),
                Check("cancel_kind IN ('soft', 'hard')"),
                Check('(cancelled_on IS NULL) = (cancel_kind IS NULL)'),
                Check("order_state <> 'live' OR (subscription_id IS NOT NULL AND activated_at IS NOT NULL)"),
            ]
            indexes = ((('reseller', 'id'), False), (('customer', 'id'), False), (('order_state', 'ended_on'), False))
    db.create_tables([Subscription])

    class Command(Base):
        id = BigAutoField()
        reference = CharField(unique=True, max_length=36)
        request_key = CharField(unique=True, null=True, max_length=64)
        kind = CharField(max_length=20)
        state = CharField(max_length=10)
        subscription = ForeignKeyField(Subscription, on_delete='RESTRICT')
        reseller = ForeignKeyField(Reseller, on_delete='RESTRICT')
        requested_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        requested_at = UTCDateTimeField()
        quantity = IntegerField(null=True)
        sku_code = CharField(null=True, max_length=30)
        expires_on = DateField(null=True)
        details = JSONField(null=True)
        change = JSONField(null=True)
        attempt = IntegerField(default=0)
        completed_steps = IntegerField(default=0)
        due_at = UTCDateTimeField(null=True)
        lease = CharField(null=True, max_length=36)
        lease_until = UTCDateTimeField(null=True)
        deadline_at = UTCDateTimeField(null=True)
        absent_at = UTCDateTimeField(null=True)
        executed_at = UTCDateTimeField(null=True)
        settled_at = UTCDateTimeField(null=True)
        error_code = CharField(max_length=60, default='')
        error_message = TextField(default='')
        error_reference = CharField(max_length=60, default='')
        class Meta:
            database = db
            table_name = 'command'
            constraints = [
                Check("kind IN ('Create', 'SoftCancel', 'HardCancel', 'Renew', 'Recreate', 'ModifyAttributes', 'ModifyQuantity', 'Reduce')"),
                Check("state IN ('scheduled', 'queued', 'sending', 'unknown', 'parked', 'confirmed', 'rejected', 'cancelled', 'closed')"),
            ]
            indexes = ((('subscription', 'requested_at'), False), (('reseller', 'requested_at'), False), (('state', 'due_at'), False), (('requested_at', 'id'), False))
    Command.add_index(
        Command.index(
            Command.subscription, unique=True, name='command_one_open',
            where=SQL("state IN ('queued', 'sending', 'unknown', 'parked')")))
    db.create_tables([Command])

    class Attempt(Base):
        id = BigAutoField()
        command = ForeignKeyField(Command, on_delete='RESTRICT')
        number = IntegerField()
        purpose = CharField(max_length=10)
        started_at = UTCDateTimeField()
        finished_at = UTCDateTimeField(null=True)
        result = CharField(max_length=20, default='')
        note = TextField(default='')
        request = TextField(default='')
        response = TextField(default='')
        http_status = IntegerField(null=True)
        class Meta:
            database = db
            table_name = 'attempt'
            constraints = [
                Check("purpose IN ('execute', 'read', 'person')"),
            ]
    db.create_tables([Attempt])

    class AuditEntry(Base):
        id = BigAutoField()
        at = UTCDateTimeField()
        action = CharField(index=True, max_length=60)
        actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        actor_name = CharField(max_length=210)
        reseller = ForeignKeyField(Reseller, null=True, on_delete='RESTRICT')
        subject = CharField(max_length=30)
        subject_id = BigIntegerField(null=True)
        details = JSONField(null=True)
        sealed_as = BigIntegerField(null=True, unique=True)
        seal = CharField(null=True, max_length=64)
        class Meta:
            database = db
            table_name = 'audit_entry'
            constraints = [
                Check('(seal IS NULL) = (sealed_as IS NULL)'),
            ]
            indexes = ((('subject', 'subject_id'), False),)
    AuditEntry.add_index(
        AuditEntry.index(AuditEntry.id, name='audit_entry_unsealed', where=SQL('seal IS NULL')))
    db.create_tables([AuditEntry])

    class GatewayHold(Base):
        gateway = CharField(primary_key=True, max_length=30)
        reason = TextField()
        held_at = UTCDateTimeField()
        class Meta:
            database = db
            table_name = 'gateway_hold'
    db.create_tables([GatewayHold])

    class LoginFailure(Base):
        id = BigAutoField()
        username_hash = CharField(index=True, max_length=64)
        address_hash = CharField(index=True, max_length=64)
        failed_at = UTCDateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'login_failure'
    db.create_tables([LoginFailure])

    class PriceList(Base):
        id = BigAutoField()
        product = ForeignKeyField(Product, on_delete='RESTRICT')
        valid_from = DateField()
        class Meta:
            database = db
            table_name = 'price_list'
            indexes = ((('product', 'valid_from'), True),)
    db.create_tables([PriceList])

    class Price(Base):
        id = BigAutoField()
        price_list = ForeignKeyField(PriceList, on_delete='CASCADE')
        sku = ForeignKeyField(Sku, on_delete='RESTRICT')
        min_quantity = IntegerField()
        max_quantity = IntegerField()
        price_cents = BigIntegerField()
        class Meta:
            database = db
            table_name = 'price'
            constraints = [
                Check('min_quantity >= 1'),
                Check('max_quantity >= min_quantity'),
                Check('price_cents >= 0'),
            ]
            indexes = ((('price_list', 'min_quantity'), True), (('price_list', 'sku'), True))
    db.create_tables([Price])

    class ResellerDiscount(Base):
        id = BigAutoField()
        reseller = ForeignKeyField(Reseller, on_delete='RESTRICT')
        valid_from = DateField()
        basis_points = IntegerField()
        class Meta:
            database = db
            table_name = 'reseller_discount'
            constraints = [
                Check('basis_points BETWEEN 0 AND 10000'),
            ]
            indexes = ((('reseller', 'valid_from'), True),)
    db.create_tables([ResellerDiscount])

    class Session(Base):
        token_hash = CharField(primary_key=True, max_length=64)
        user = ForeignKeyField(User, on_delete='CASCADE')
        created_at = UTCDateTimeField()
        seen_at = UTCDateTimeField()
        expires_at = UTCDateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'session'
    db.create_tables([Session])

    class Setting(Base):
        id = BigAutoField()
        name = CharField(max_length=40)
        valid_from = DateField()
        value = CharField(max_length=200)
        class Meta:
            database = db
            table_name = 'setting'
            indexes = ((('name', 'valid_from'), True),)
    db.create_tables([Setting])

    class Term(Base):
        id = BigAutoField()
        subscription = ForeignKeyField(Subscription, on_delete='RESTRICT')
        quantity = IntegerField()
        starts_at = UTCDateTimeField()
        ends_at = UTCDateTimeField(null=True)
        command = ForeignKeyField(Command, null=True, on_delete='RESTRICT')
        class Meta:
            database = db
            table_name = 'term'
            constraints = [
                Check('quantity >= 1'),
                Check('ends_at IS NULL OR ends_at > starts_at'),
            ]
            indexes = ((('subscription', 'starts_at'), True), (('starts_at', 'ends_at'), False))
    db.create_tables([Term])

    class UsedChallenge(Base):
        token = CharField(primary_key=True, max_length=128)
        expires_at = UTCDateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'used_challenge'
    db.create_tables([UsedChallenge])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('used_challenge'))
    migrator.migrate(migrator.drop_table('term'))
    migrator.migrate(migrator.drop_table('setting'))
    migrator.migrate(migrator.drop_table('session'))
    migrator.migrate(migrator.drop_table('reseller_discount'))
    migrator.migrate(migrator.drop_table('price'))
    migrator.migrate(migrator.drop_table('price_list'))
    migrator.migrate(migrator.drop_table('login_failure'))
    migrator.migrate(migrator.drop_table('gateway_hold'))
    migrator.migrate(migrator.drop_table('audit_entry'))
    migrator.migrate(migrator.drop_table('attempt'))
    migrator.migrate(migrator.drop_table('command'))
    migrator.migrate(migrator.drop_table('subscription'))
    migrator.migrate(migrator.drop_table('user'))
    migrator.migrate(migrator.drop_table('sku'))
    migrator.migrate(migrator.drop_table('product'))
    migrator.migrate(migrator.drop_table('customer'))
    migrator.migrate(migrator.drop_table('reseller'))
