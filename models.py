"""Tables only: fields, keys, indexes, checks, __str__. No queries, no save(), no business verbs.

Instants end in _at and are UTC; dates end in _on or valid_from and belong to the distributor's zone; money is whole
cents, discounts are whole basis points. A name that people search or sort by has a stored search key beside it.
"""

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

from access import Role
from database import UTCDateTimeField, db, index_where, one_of
from licensing.states import OPEN_STATES, CancelKind, CommandKind, CommandState, DriftKind, OrderState


class BaseModel(Model):
    """The common database binding."""

    class Meta:
        database = db
        legacy_table_names = False


class Reseller(BaseModel):
    """A company that buys from the distributor at a discount."""

    id = BigAutoField()
    name = CharField(max_length=200)
    name_key = CharField(max_length=200, unique=True)
    vendor_pin = CharField(max_length=50)
    is_archived = BooleanField(default=False)
    version = IntegerField(default=1)

    def __str__(self):
        return self.name


class ResellerDiscount(BaseModel):
    """The discount of a reseller from a month on."""

    id = BigAutoField()
    reseller = ForeignKeyField(Reseller, backref="discounts", on_delete="RESTRICT")
    valid_from = DateField()
    basis_points = IntegerField()

    class Meta:
        indexes = ((("reseller", "valid_from"), True),)
        constraints = [Check("basis_points BETWEEN 0 AND 10000")]


class User(BaseModel):
    """Somebody who signs in. reseller is empty for the distributor and for an auditor of everything."""

    id = BigAutoField()
    username = CharField(max_length=60)
    username_key = CharField(max_length=60, unique=True)
    password_hash = CharField(max_length=255)
    must_change_password = BooleanField(default=True)
    name = CharField(max_length=100)
    surname = CharField(max_length=100, default="")
    name_key = CharField(max_length=210, index=True)
    title = CharField(max_length=100, default="")
    phone = CharField(max_length=60, default="")
    email = CharField(max_length=200, default="")
    role = CharField(max_length=30)
    reseller = ForeignKeyField(Reseller, backref="users", null=True, on_delete="RESTRICT")
    is_active = BooleanField(default=True)
    csv_format = CharField(max_length=10, default="comma")
    picture = BlobField(null=True)
    picture_type = CharField(max_length=20, default="")
    version = IntegerField(default=1)

    class Meta:
        constraints = [one_of("role", Role), one_of("csv_format", ("comma", "semicolon"))]

    def __str__(self):
        return f"{self.name} {self.surname}".strip()


class Session(BaseModel):
    """One signed-in browser; only the hash of its token is kept."""

    token_hash = CharField(max_length=64, primary_key=True)
    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    created_at = UTCDateTimeField()
    seen_at = UTCDateTimeField()
    expires_at = UTCDateTimeField(index=True)


class LoginFailure(BaseModel):
    """One failed sign-in, for the throttle; keys are hashes of the user name and of the address."""

    id = BigAutoField()
    username_hash = CharField(max_length=64, index=True)
    address_hash = CharField(max_length=64, index=True)
    failed_at = UTCDateTimeField(index=True)


class UsedChallenge(BaseModel):
    """A human check that was used once and is not taken again before it expires."""

    token = CharField(max_length=128, primary_key=True)
    expires_at = UTCDateTimeField(index=True)


class Customer(BaseModel):
    """The company that uses licences: the details that are wanted; each licence keeps what the vendor confirmed."""

    id = BigAutoField()
    reseller = ForeignKeyField(Reseller, backref="customers", on_delete="RESTRICT")
    company_name = CharField(max_length=200)
    name_key = CharField(max_length=200)
    address_line_1 = CharField(max_length=200, default="")
    address_line_2 = CharField(max_length=200, default="")
    city = CharField(max_length=100, default="")
    post_code = CharField(max_length=20, default="")
    country = CharField(max_length=2)
    state = CharField(max_length=100, default="")
    email = CharField(max_length=200, default="")
    website = CharField(max_length=200, default="")
    phone = CharField(max_length=60, default="")
    fax = CharField(max_length=60, default="")
    contact_person = CharField(max_length=200, default="")
    is_archived = BooleanField(default=False)
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("reseller", "name_key"), False), (("name_key", "id"), False))

    def __str__(self):
        return self.company_name


class Product(BaseModel):
    """What is licensed; its volume bands are in the price lists."""

    id = BigAutoField()
    code = CharField(max_length=20, unique=True)
    name = CharField(max_length=200)
    name_key = CharField(max_length=200, index=True)

    def __str__(self):
        return self.name


class Sku(BaseModel):
    """A product in one volume band."""

    id = BigAutoField()
    product = ForeignKeyField(Product, backref="skus", on_delete="RESTRICT")
    code = CharField(max_length=30, unique=True)

    def __str__(self):
        return self.code


class PriceList(BaseModel):
    """The prices of one product, whole, from a month on."""

    id = BigAutoField()
    product = ForeignKeyField(Product, backref="price_lists", on_delete="RESTRICT")
    valid_from = DateField()

    class Meta:
        indexes = ((("product", "valid_from"), True),)


class Price(BaseModel):
    """One volume band of a price list: the price of one seat for one month."""

    id = BigAutoField()
    price_list = ForeignKeyField(PriceList, backref="prices", on_delete="CASCADE")
    sku = ForeignKeyField(Sku, backref="prices", on_delete="RESTRICT")
    min_quantity = IntegerField()
    max_quantity = IntegerField()
    price_cents = BigIntegerField()

    class Meta:
        indexes = ((("price_list", "min_quantity"), True), (("price_list", "sku"), True))
        constraints = [
            Check("min_quantity >= 1"),
            Check("max_quantity >= min_quantity"),
            Check("price_cents >= 0"),
        ]


class Subscription(BaseModel):
    """One licence as it stands now. ended_on is the earlier of both dates: the first unusable day, empty for ever."""

    id = BigAutoField()
    reseller = ForeignKeyField(Reseller, backref="subscriptions", on_delete="RESTRICT")
    customer = ForeignKeyField(Customer, backref="subscriptions", on_delete="RESTRICT")
    product = ForeignKeyField(Product, backref="subscriptions", on_delete="RESTRICT")
    sku = ForeignKeyField(Sku, backref="subscriptions", on_delete="RESTRICT")
    quantity = IntegerField()
    order_state = CharField(max_length=10, default=OrderState.PENDING)
    subscription_id = CharField(max_length=60, null=True, unique=True)
    activation_code = CharField(max_length=60, null=True, index=True)
    activated_at = UTCDateTimeField(null=True)
    expires_on = DateField(null=True)
    cancelled_on = DateField(null=True)
    cancel_kind = CharField(max_length=4, null=True)
    ended_on = DateField(null=True)
    last_request = CharField(max_length=20, default="")
    confirmed_details = JSONField(null=True)
    ordered_by = ForeignKeyField(User, backref="orders", null=True, on_delete="RESTRICT")
    ordered_at = UTCDateTimeField()
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("reseller", "id"), False), (("customer", "id"), False), (("order_state", "ended_on"), False))
        constraints = [
            Check("quantity >= 1"),
            one_of("order_state", OrderState),
            one_of("cancel_kind", CancelKind),
            Check("(cancelled_on IS NULL) = (cancel_kind IS NULL)"),
            Check("order_state <> 'live' OR (subscription_id IS NOT NULL AND activated_at IS NOT NULL)"),
        ]


class SubscriptionCount(BaseModel):
    """How many licences a reseller has, apart from failed orders, and how many of those; triggers keep it (0007)."""

    reseller = ForeignKeyField(Reseller, primary_key=True, on_delete="CASCADE")
    listed = IntegerField(default=0)
    failed = IntegerField(default=0)


class Selection(BaseModel):
    """The rows somebody chose for one command, frozen when chosen; open until its batch starts.

    reseller is the owner's at that time. version counts every change of the plan, so that nothing starts but what was
    shown. planned_on is the first day of the month by which the plan was charged.
    """

    id = BigAutoField()
    owner = ForeignKeyField(User, backref="selections", on_delete="RESTRICT")
    reseller = ForeignKeyField(Reseller, null=True, on_delete="RESTRICT")
    origin = CharField(max_length=10)
    retried_batch = BigIntegerField(null=True)
    filter_text = TextField(default="")
    rows = IntegerField()
    state = CharField(max_length=10, default="open")
    kind = CharField(max_length=20, null=True)
    parameters = JSONField(null=True)
    version = IntegerField(default=1)
    created_at = UTCDateTimeField()
    planned_at = UTCDateTimeField(null=True)
    planned_on = DateField(null=True)

    class Meta:
        indexes = ((("state", "created_at"), False),)
        constraints = [
            one_of("origin", ("ticked", "filter", "retry")),
            one_of("state", ("open", "started")),
            one_of("kind", CommandKind),
        ]


class SelectionRow(BaseModel):
    """One chosen licence and what the plan says of it; version stays empty until it is planned.

    quantity to cancel_kind are how it stood when planned. sku and price_cents are today's for the quantity, new_ ones
    for the quantity after. this_ and next_ are what the running and the following month charge: seats, SKU, price of a
    seat; 0 seats where the month is not charged; new_ with the command. Discounts are basis points.
    """

    id = BigAutoField()
    selection = ForeignKeyField(Selection, backref="chosen", on_delete="CASCADE", index=False)
    position = IntegerField()
    subscription = ForeignKeyField(Subscription, on_delete="CASCADE")
    is_added = BooleanField(default=False)
    version = IntegerField(null=True)
    customer_version = IntegerField(null=True)
    is_eligible = BooleanField(default=False)
    is_ticked = BooleanField(default=False)
    takes_cheaper = BooleanField(default=False)
    is_set_aside = BooleanField(default=False)
    reason_code = CharField(max_length=30, default="")
    reason = JSONField(null=True)
    order_state = CharField(max_length=10, null=True)
    open_state = CharField(max_length=10, null=True)
    quantity = IntegerField(null=True)
    expires_on = DateField(null=True)
    cancelled_on = DateField(null=True)
    cancel_kind = CharField(max_length=4, null=True)
    new_quantity = IntegerField(null=True)
    new_expires_on = DateField(null=True)
    sku = CharField(max_length=30, null=True)
    price_cents = BigIntegerField(null=True)
    new_sku = CharField(max_length=30, null=True)
    new_price_cents = BigIntegerField(null=True)
    this_discount = IntegerField(null=True)
    this_quantity = IntegerField(null=True)
    this_sku = CharField(max_length=30, null=True)
    this_price_cents = BigIntegerField(null=True)
    this_new_quantity = IntegerField(null=True)
    this_new_sku = CharField(max_length=30, null=True)
    this_new_price_cents = BigIntegerField(null=True)
    this_note = CharField(max_length=30, null=True)
    next_discount = IntegerField(null=True)
    next_quantity = IntegerField(null=True)
    next_sku = CharField(max_length=30, null=True)
    next_price_cents = BigIntegerField(null=True)
    next_new_quantity = IntegerField(null=True)
    next_new_sku = CharField(max_length=30, null=True)
    next_new_price_cents = BigIntegerField(null=True)
    next_note = CharField(max_length=30, null=True)
    cheaper_quantity = IntegerField(null=True)
    cheaper_sku = CharField(max_length=30, null=True)
    cheaper_price_cents = BigIntegerField(null=True)

    class Meta:
        indexes = ((("selection", "position"), True),)
        constraints = [Check("is_eligible OR NOT is_ticked")]


class Upload(BaseModel):
    """A spreadsheet somebody sent, kept for two days, and what was found in it; reseller is that of its owner then.

    One that is waiting is read by a job, which notes each beginning in attempts.
    """

    id = BigAutoField()
    owner = ForeignKeyField(User, backref="uploads", on_delete="RESTRICT")
    reseller = ForeignKeyField(Reseller, null=True, on_delete="RESTRICT")
    purpose = CharField(max_length=10)
    file_name = CharField(max_length=100)
    content = BlobField()
    result = JSONField()
    state = CharField(max_length=10, default="read", index=True)
    attempts = IntegerField(default=0)
    created_at = UTCDateTimeField(index=True)

    class Meta:
        constraints = [one_of("purpose", ("changes", "orders")), one_of("state", ("waiting", "read", "refused"))]


class Batch(BaseModel):
    """One run of a command on the ticked rows of a selection; its id is the number that people see.

    reseller is that of every chosen row, empty where there are several: who sees all of them sees the batch. rows were
    ticked, set_aside of them changed before the start and got no command; left_out were chosen and not ticked.
    """

    id = BigAutoField()
    selection = ForeignKeyField(Selection, backref="batches", unique=True, on_delete="RESTRICT")
    reseller = ForeignKeyField(Reseller, null=True, on_delete="RESTRICT")
    kind = CharField(max_length=20)
    parameters = JSONField(null=True)
    started_by = ForeignKeyField(User, backref="batches", null=True, on_delete="RESTRICT")
    started_at = UTCDateTimeField()
    rows = IntegerField()
    set_aside = IntegerField()
    left_out = IntegerField()
    stopped_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    stopped_at = UTCDateTimeField(null=True)

    class Meta:
        constraints = [one_of("kind", CommandKind)]

    def __str__(self):
        return str(self.id)


class Command(BaseModel):
    """One request to the vendor: the outbox row, the request and the line of the Request List in one.

    requested_at, executed_at and settled_at are business time; due_at, lease_until, deadline_at and absent_at are real
    time. Of the commands of a subscription at most one is open, which a partial unique index holds.
    """

    id = BigAutoField()
    reference = CharField(max_length=36, unique=True)
    request_key = CharField(max_length=64, null=True, unique=True)
    kind = CharField(max_length=20)
    state = CharField(max_length=10)
    subscription = ForeignKeyField(Subscription, backref="commands", on_delete="RESTRICT")
    reseller = ForeignKeyField(Reseller, backref="commands", on_delete="RESTRICT")
    batch = ForeignKeyField(Batch, backref="commands", null=True, on_delete="RESTRICT", index=False)
    requested_by = ForeignKeyField(User, backref="requests", null=True, on_delete="RESTRICT")
    requested_at = UTCDateTimeField()
    quantity = IntegerField(null=True)
    sku_code = CharField(max_length=30, null=True)
    expires_on = DateField(null=True)
    details = JSONField(null=True)
    change = JSONField(null=True)
    attempt = IntegerField(default=0)
    completed_steps = IntegerField(default=0)
    due_at = UTCDateTimeField(null=True)
    lease = CharField(max_length=36, null=True)
    lease_until = UTCDateTimeField(null=True)
    deadline_at = UTCDateTimeField(null=True)
    absent_at = UTCDateTimeField(null=True)
    executed_at = UTCDateTimeField(null=True)
    settled_at = UTCDateTimeField(null=True)
    error_code = CharField(max_length=60, default="")
    error_message = TextField(default="")
    error_reference = CharField(max_length=60, default="")

    class Meta:
        indexes = (
            (("subscription", "requested_at"), False),
            (("reseller", "requested_at"), False),
            (("state", "due_at"), False),
            (("requested_at", "id"), False),
        )
        constraints = [one_of("kind", CommandKind), one_of("state", CommandState)]


_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)
index_where(Command.subscription, unique=True, name="command_one_open", where=f"state IN ({_OPEN})")
index_where(Command.batch, Command.state, name="command_of_batch", where="batch_id IS NOT NULL")
# The single clicks that wait, which go before the rows of a batch.
index_where(Command.due_at, name="command_single_queued", where="state = 'queued' AND batch_id IS NULL")


class Attempt(BaseModel):
    """One exchange with the vendor for a command: what was sent, when, what came back; secrets masked."""

    id = BigAutoField()
    command = ForeignKeyField(Command, backref="attempts", on_delete="RESTRICT")
    number = IntegerField()
    purpose = CharField(max_length=10)
    started_at = UTCDateTimeField()
    finished_at = UTCDateTimeField(null=True)
    result = CharField(max_length=20, default="")
    note = TextField(default="")
    request = TextField(default="")
    response = TextField(default="")
    http_status = IntegerField(null=True)

    class Meta:
        constraints = [one_of("purpose", ("execute", "read", "person"))]


class Term(BaseModel):
    """A quantity held while usable on the half-open span [starts_at, ends_at): what billing reads."""

    id = BigAutoField()
    subscription = ForeignKeyField(Subscription, backref="terms", on_delete="RESTRICT")
    quantity = IntegerField()
    starts_at = UTCDateTimeField()
    ends_at = UTCDateTimeField(null=True)
    command = ForeignKeyField(Command, backref="terms", null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("subscription", "starts_at"), True), (("starts_at", "ends_at"), False))
        constraints = [Check("quantity >= 1"), Check("ends_at IS NULL OR ends_at > starts_at")]


class AuditEntry(BaseModel):
    """Who did what to which row; sealed into a hash chain, in the order of sealed_as, after it was written."""

    id = BigAutoField()
    at = UTCDateTimeField()
    action = CharField(max_length=60, index=True)
    actor = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    actor_name = CharField(max_length=210)
    reseller = ForeignKeyField(Reseller, null=True, on_delete="RESTRICT")
    subject = CharField(max_length=30)
    subject_id = BigIntegerField(null=True)
    details = JSONField(null=True)
    sealed_as = BigIntegerField(null=True, unique=True)
    seal = CharField(max_length=64, null=True)

    class Meta:
        indexes = ((("subject", "subject_id"), False),)
        constraints = [Check("(seal IS NULL) = (sealed_as IS NULL)")]


index_where(AuditEntry.id, name="audit_entry_unsealed", where="seal IS NULL")


class AuditHead(BaseModel):
    """The end of the chain, in one row: how many entries are sealed, and the last seal. So a missing end shows, too."""

    id = IntegerField(primary_key=True, default=1)
    sealed = BigIntegerField(default=0)
    seal = CharField(max_length=64)

    class Meta:
        constraints = [Check("id = 1")]


class Setting(BaseModel):
    """A setting of the installation; valid_from is the first of the month from which it holds."""

    id = BigAutoField()
    name = CharField(max_length=40)
    valid_from = DateField()
    value = CharField(max_length=200)

    class Meta:
        indexes = ((("name", "valid_from"), True),)


class GatewayHold(BaseModel):
    """A gateway that is not used until somebody looked and, where it needs one, a later comparison found nothing."""

    gateway = CharField(max_length=30, primary_key=True)
    reason = TextField()
    held_at = UTCDateTimeField()
    needs_reconciliation = BooleanField(default=False)


class GatewayContact(BaseModel):
    """How often in a row a gateway got no answer, and since when it counts as down; probe_due_at is real time."""

    gateway = CharField(max_length=30, primary_key=True)
    failures = IntegerField(default=0)
    down_since = UTCDateTimeField(null=True)
    probe_due_at = UTCDateTimeField(null=True)
    reason = TextField(default="")


class Adoption(BaseModel):
    """What a person found at the vendor about a parked command; read there before it is taken. due_at is real time.

    attempt is that of the command when it was stated; the ids are for a Create alone; answer says why it was refused.
    """

    id = BigAutoField()
    command = ForeignKeyField(Command, backref="adoptions", on_delete="RESTRICT")
    attempt = IntegerField()
    subscription_id = CharField(max_length=60, default="")
    activation_code = CharField(max_length=60, default="")
    executed_at = UTCDateTimeField()
    stated_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    stated_at = UTCDateTimeField()
    state = CharField(max_length=10, default="asked")
    due_at = UTCDateTimeField()
    answer = TextField(default="")

    class Meta:
        constraints = [one_of("state", ("asked", "taken", "refused"))]


index_where(Adoption.command, unique=True, name="adoption_one_asked", where="state = 'asked'")


class Reconciliation(BaseModel):
    """One comparison of the usable licences with the vendor's state; lease_until is real time and moves on with it."""

    id = BigAutoField()
    source = CharField(max_length=10)
    state = CharField(max_length=10, default="running")
    started_at = UTCDateTimeField()
    finished_at = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField()
    compared = IntegerField(default=0)
    left_out = IntegerField(default=0)
    unreadable = IntegerField(default=0)
    open_cases = IntegerField(default=0)
    note = TextField(default="")

    class Meta:
        constraints = [one_of("source", ("vendor", "file")), one_of("state", ("running", "finished", "failed"))]


index_where(Reconciliation.state, unique=True, name="reconciliation_one_running", where="state = 'running'")


class Case(BaseModel):
    """A difference from the vendor until it is gone; run last saw it; without a subscription it is missing here."""

    id = BigAutoField()
    kind = CharField(max_length=20)
    state = CharField(max_length=10, default="open")
    vendor_id = CharField(max_length=60)
    subscription = ForeignKeyField(Subscription, null=True, on_delete="CASCADE")
    reseller = ForeignKeyField(Reseller, null=True, on_delete="RESTRICT")
    here = JSONField(null=True)
    there = JSONField(null=True)
    run = ForeignKeyField(Reconciliation, backref="cases", on_delete="RESTRICT", index=False)
    found_at = UTCDateTimeField()
    seen_at = UTCDateTimeField()
    settled_at = UTCDateTimeField(null=True)
    closed_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    closing_note = TextField(default="")

    class Meta:
        table_name = "drift_case"
        indexes = ((("state", "id"), False), (("reseller", "id"), False))
        constraints = [one_of("kind", DriftKind), one_of("state", ("open", "closed", "gone"))]


index_where(Case.vendor_id, Case.kind, unique=True, name="drift_case_one", where="state <> 'gone'")
