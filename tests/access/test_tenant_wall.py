"""PostgreSQL keeps tenants apart by itself: policies on their tables, and connections that forget whom they served."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from peewee import Model, ProgrammingError

import file_models
import jobs.exports
import models
from app import create_app
from auth.actors import actor_of
from database import across_tenants, as_tenant, connect_to, db, migrate, serve_tenant, write_transaction
from file_models import ExportFile, ExportPart
from models import Adoption, Attempt, AuditEntry, Case, Customer, Reconciliation, ResellerDiscount, Subscription, User
from operations.bulk_copy import copy_rows
from operations.write_export import ExportClaim
from tenant_wall import served
from tests.access.two_tenants import Tenants, set_up_tenants
from tests.admin_views.browser import Browser, config_for
from tests.admin_views.desk import text
from tests.services.postgres import OWNER, PostgresServer
from tests.small_book import NOW

NOT_WALLED = {
    "product": "the same for everybody",
    "sku": "the same for everybody",
    "price_list": "the same for everybody",
    "price": "the same for everybody",
    "setting": "the same for everybody",
    "session": "read before it is known who asks, and by the hash of a secret",
    "login_failure": "hashes, counted before it is known who asks",
    "used_challenge": "read before it is known who asks",
    "audit_head": "one row for all",
    "gateway_hold": "about the vendor",
    "gateway_contact": "about the vendor",
    "reconciliation": "how many were compared, never whose",
    "term": "a policy is tried for each row and doubles a report's time; reached by the ids of licences",
    "selection_row": "a policy is tried for each row of a plan; reached by the ids of selections and licences",
}
TABLES = [
    model
    for room in (models, file_models)
    for model in vars(room).values()
    if isinstance(model, type) and issubclass(model, models.BaseModel) and model is not models.BaseModel
]
WALLED = sorted(
    {model for model in TABLES if model._meta.table_name not in NOT_WALLED}, key=lambda model: model._meta.table_name
)


@pytest.fixture
def app(postgres_database: str) -> Flask:
    return create_app(config_for(postgres_database))


@pytest.fixture
def tenants(app: Flask) -> Tenants:
    both = set_up_tenants(app)
    run = Reconciliation.create(source="vendor", started_at=NOW, lease_until=NOW)
    for licence in (both.desk.licence, both.desk.foreign_licence):
        Case.create(
            kind="quantity",
            vendor_id=licence.subscription_id,
            subscription=licence,
            reseller=licence.reseller,
            run=run,
            found_at=NOW,
            seen_at=NOW,
        )
        command = licence.commands.get()
        Attempt.create(command=command, number=1, purpose="execute", started_at=NOW)
        Adoption.create(command=command, attempt=1, executed_at=NOW, stated_at=NOW, due_at=NOW)
        AuditEntry.create(at=NOW, action="x", actor_name="x", reseller=licence.reseller, subject="command")
    return both


@pytest.fixture
def behind(tenants: Tenants) -> Iterator[Tenants]:
    """The wall stands before everything but the rows of the first reseller."""
    with as_tenant(tenants.desk.bluth.id):
        yield tenants


def owners_of(model: type[Model]) -> list[int | None]:
    """Whose each row is that a bare SELECT finds, whatever role finds it."""
    keys = [key for (key,) in model.select(model._meta.primary_key).tuples()]
    with across_tenants():
        return [owner_of(model.get_by_id(key)) for key in keys]


def owner_of(row: Model) -> int | None:
    if isinstance(row, models.Reseller):
        return row.id
    if isinstance(row, Attempt | Adoption):
        return row.command.reseller_id
    return row.export.reseller_id if isinstance(row, ExportPart) else row.reseller_id


def standing() -> tuple[str, str]:
    """Which role the connection acts as, and whose rows it names."""
    return db.execute_sql("SELECT current_user, COALESCE(current_setting('seatdesk.reseller', true), '')").fetchone()


def test_every_table_of_a_tenant_has_a_policy(tenants: Tenants) -> None:
    found = db.execute_sql(
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid WHERE relrowsecurity AND polcmd = '*'"
    )
    assert {name for (name,) in found.fetchall()} == {model._meta.table_name for model in WALLED}
    assert NOT_WALLED.keys() <= {model._meta.table_name for model in TABLES}


@pytest.mark.parametrize("model", WALLED, ids=lambda model: model._meta.table_name)
def test_a_bare_select_finds_no_row_of_another_reseller(model: type[Model], behind: Tenants) -> None:
    bluth, sitwell = behind.desk.bluth.id, behind.desk.sitwell.id
    with across_tenants():
        everybodys = set(owners_of(model))
    assert {bluth, sitwell} <= everybodys
    assert set(owners_of(model)) == ({bluth, None} if model is User else {bluth})


@pytest.mark.parametrize("model", WALLED, ids=lambda model: model._meta.table_name)
def test_rows_of_another_reseller_can_be_neither_changed_nor_removed(model: type[Model], behind: Tenants) -> None:
    key = model._meta.primary_key
    column = next(field for field in model._meta.sorted_fields if field is not key)
    with across_tenants():
        theirs = [getattr(row, key.name) for row in model.select() if owner_of(row) != behind.desk.bluth.id]
        before = list(model.select().where(key.in_(theirs)).order_by(key).tuples())
    assert theirs
    assert model.update({column: column}).where(key.in_(theirs)).execute() == 0
    assert model.delete().where(key.in_(theirs)).execute() == 0
    with across_tenants():
        assert list(model.select().where(key.in_(theirs)).order_by(key).tuples()) == before


def test_a_row_cannot_be_written_for_another_reseller(behind: Tenants) -> None:
    desk = behind.desk
    for write in (
        lambda: ResellerDiscount.create(reseller=desk.sitwell, valid_from=date(2018, 1, 1), basis_points=1),
        lambda: Customer.create(reseller=desk.sitwell, company_name="X", name_key="x", country="RS"),
        lambda: ExportFile.create(owner=desk.people["stan"], reseller=None, screen="x", file_name="x", created_at=NOW),
        lambda: Customer.update(reseller=desk.sitwell).where(Customer.id == desk.tunel.id).execute(),
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            write()


def test_many_rows_are_copied_for_ones_own_reseller_and_refused_for_another(behind: Tenants) -> None:
    names = ("at", "action", "actor_name", "reseller", "subject", "details")
    desk = behind.desk
    with write_transaction():
        for _time in range(2):
            copy_rows(AuditEntry, names, [(NOW, "many", "x", desk.bluth.id, "y", {"a": "b\tc"}) for _ in range(1_100)])
    assert AuditEntry.select().where(AuditEntry.action == "many").count() == 2_200
    assert AuditEntry.get(AuditEntry.action == "many").details == {"a": "b\tc"}
    with pytest.raises(ProgrammingError, match="row-level security"):
        copy_rows(AuditEntry, names, [(NOW, "many", "x", desk.sitwell.id, "y", None)])


def test_without_a_named_reseller_the_tenant_role_reaches_nothing(behind: Tenants) -> None:
    db.execute_sql("SELECT set_config('seatdesk.reseller', '', false)")
    assert Subscription.select().count() == 0


def test_names_of_people_that_stand_on_ones_own_requests_are_read_though_they_are_others(behind: Tenants) -> None:
    stan = behind.desk.people["stan"]
    assert User.get_or_none(User.id == stan.id) is None
    with across_tenants():
        command = behind.desk.licence.commands.get()
        type(command).update(requested_by=stan).where(type(command).id == command.id).execute()
    assert User.get_by_id(stan.id).name == "Stanislav Kanarinac"


def test_a_rollback_gives_back_what_held_before_it(behind: Tenants) -> None:
    inside = standing()
    with pytest.raises(ZeroDivisionError), write_transaction(), across_tenants():
        1 / (Subscription.select().count() - 2)
    assert standing() == inside
    with pytest.raises(ProgrammingError), write_transaction(), across_tenants():
        db.execute_sql("SELECT nothing FROM nowhere")
    assert standing() == inside


def test_a_connection_opened_anew_while_a_reseller_is_served_is_behind_the_wall(behind: Tenants) -> None:
    db.obj.manual_close()
    assert Subscription.select().count() == 1
    db.close()
    assert Subscription.select().count() == 1


def test_a_connection_that_cannot_stand_behind_the_wall_is_not_used(
    tenants: Tenants, postgres_server: PostgresServer
) -> None:
    serve_tenant(tenants.desk.bluth.id)
    db.close()
    postgres_server.execute(f"REVOKE {OWNER}_tenant FROM {OWNER}")
    try:
        with pytest.raises(ProgrammingError, match="permission denied to set role"):
            Subscription.select().count()
        assert db.is_closed()
    finally:
        postgres_server.execute(f"GRANT {OWNER}_tenant TO {OWNER}")
        serve_tenant(None)


@pytest.fixture
def browser_of(app: Flask) -> Callable[[User], Browser]:
    return lambda user: Browser(app).enter(user)


@pytest.fixture
def screens(app: Flask) -> None:
    """Screens with mistakes: one forgets the tenant filter, one breaks off inside a transaction."""

    def unfiltered() -> str:
        return " ".join(str(row.customer.company_name) for row in Subscription.select())

    def breaking_off() -> str:
        with write_transaction():
            Customer.update(city="").execute()
            raise ZeroDivisionError

    app.add_url_rule("/unfiltered", view_func=unfiltered)
    app.add_url_rule("/breaking-off", view_func=breaking_off)


@pytest.mark.usefixtures("screens")
def test_a_screen_that_forgot_its_filter_shows_ones_own_rows_alone(
    tenants: Tenants, browser_of: Callable[[User], Browser]
) -> None:
    people = tenants.desk.people
    assert text(browser_of(people["blake"]).get("/unfiltered")) == tenants.desk.tunel.company_name
    assert text(browser_of(people["stan"]).get("/unfiltered")) == tenants.desk.canary.company_name
    assert len(text(browser_of(people["ops"]).get("/unfiltered"))) > len(tenants.desk.canary.company_name)


@pytest.mark.usefixtures("screens")
def test_a_pooled_connection_serves_one_user_after_another_and_forgets_each(
    tenants: Tenants, browser_of: Callable[[User], Browser]
) -> None:
    desk = tenants.desk
    blake, stan, ops = (browser_of(desk.people[name]) for name in ("blake", "stan", "ops"))
    db.close()  # from here on each request takes a connection from the pool, which has this one alone
    for browser, path, own in (
        (blake, "/unfiltered", [desk.tunel]),
        (stan, "/unfiltered", [desk.canary]),
        (blake, "/breaking-off", None),
        (ops, "/unfiltered", [desk.tunel, desk.canary]),
        (blake, "/subscriptions/export/csv/", None),
        (stan, "/breaking-off", None),
        (blake, "/customers/edit/?id=abc", None),
        (stan, "/unfiltered", [desk.canary]),
        (ops, "/unfiltered", [desk.tunel, desk.canary]),
    ):
        answer = browser.get(path)
        assert own is None or text(answer) == " ".join(customer.company_name for customer in own)
        assert (answer.status_code == 500) is (path == "/breaking-off")
        assert (served.get(), db.is_closed(), len(db.obj._connections)) == (None, True, 1)
    assert standing() == (OWNER, "")
    assert Customer.select().where(Customer.city == "").count() == 0


@pytest.mark.usefixtures("screens")
def test_nobody_is_served_a_connection_on_which_the_wall_was_left_up(
    tenants: Tenants, browser_of: Callable[[User], Browser]
) -> None:
    stan, ops = (browser_of(tenants.desk.people[name]) for name in ("stan", "ops"))
    serve_tenant(tenants.desk.bluth.id)
    assert text(stan.get("/unfiltered")) == tenants.desk.canary.company_name  # on the open connection
    serve_tenant(tenants.desk.bluth.id)
    served.set(None)
    assert tenants.desk.canary.company_name in text(ops.get("/unfiltered"))
    serve_tenant(tenants.desk.bluth.id)
    served.set(None)  # forgotten without a word to the connection, which goes back to the pool so
    db.close()
    assert tenants.desk.canary.company_name in text(ops.get("/unfiltered"))


def test_threads_that_share_the_pool_never_meet_each_others_rows(tenants: Tenants) -> None:
    own = {reseller.id: {reseller.id} for reseller in (tenants.desk.bluth, tenants.desk.sitwell)}
    own[None] = set.union(*own.values())

    def serve(number: int) -> bool:
        served_now = list(own)[number % 3]
        with db.connection_context():
            serve_tenant(served_now)
            seen = {reseller_id for (reseller_id,) in Subscription.select(Subscription.reseller).tuples()}
            if number % 4:  # the others give the connection back with the wall still up
                serve_tenant(None)
        served.set(None)
        return seen == own[served_now]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(serve, range(400)))
    assert len(db.obj._connections) <= 8


def test_a_login_without_a_tenant_role_works_with_the_first_wall_and_says_so(
    tenants: Tenants, postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = db.obj.database
    postgres_server.execute("CREATE ROLE alone LOGIN")
    postgres_server.execute(f"GRANT {OWNER} TO alone")
    db.close()
    try:
        connect_to(url.replace(f"{OWNER}@", "alone@"))
        migrate()
        with as_tenant(tenants.desk.bluth.id):
            assert Subscription.select().count() == 2
        assert "PostgreSQL does not keep tenants apart" in caplog.text
        assert "alone_tenant" in caplog.text
    finally:
        db.obj.close_all()
        connect_to(url).connect()
        postgres_server.execute("DROP ROLE alone")


def test_a_tenant_role_that_was_never_given_the_tables_is_not_used_until_the_next_migration(
    tenants: Tenants, caplog: pytest.LogCaptureFixture
) -> None:
    url = db.obj.database
    db.execute_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {OWNER}_tenant")
    with as_tenant(tenants.desk.bluth.id):
        assert Subscription.select().count() == 2
    assert "may use the tables" in caplog.text
    db.obj.close_all()
    connect_to(url).connect()
    migrate()
    with as_tenant(tenants.desk.bluth.id):
        assert Subscription.select().count() == 1


def test_the_job_that_writes_a_file_stands_behind_the_wall_of_its_owner(app: Flask, tenants: Tenants) -> None:
    export = ExportFile.get_by_id(tenants.own["export"])
    (source,) = jobs.exports._sources
    with source(ExportClaim(export, actor_of(export.owner), "lease")) as sheet:
        assert standing() == (f"{OWNER}_tenant", str(tenants.desk.bluth.id))
        assert sheet.rows == 1
    assert standing() == (OWNER, "")


def test_a_login_that_may_make_roles_makes_its_tenant_role(postgres_server: PostgresServer) -> None:
    postgres_server.execute("CREATE ROLE maker LOGIN CREATEROLE")
    postgres_server.execute("CREATE DATABASE made OWNER maker")
    before = db.obj
    made = connect_to(postgres_server.url("made", user="maker"))
    try:
        migrate()
        with as_tenant(1):
            assert standing() == ("maker_tenant", "1")
            assert Subscription.select().count() == 0
    finally:
        made.close_all()
        db.initialize(before)
        postgres_server.drop("made")
        postgres_server.execute("DROP ROLE maker_tenant")
        postgres_server.execute("DROP ROLE maker")
