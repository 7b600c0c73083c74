import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from database import db, migrate
from models import Product
from tests.services.valkey import ValkeyServer


@pytest.mark.parametrize("number", [1, 2])
def test_each_test_gets_a_migrated_database_without_rows(database, number):
    assert migrate() == []
    Product.create(code=f"P{number}", name="Basic", name_key="basic")
    assert Product.select().count() == 1


def test_postgres_is_not_superuser_root_and_answers(postgres_url):
    connection = psycopg2.connect(postgres_url)
    cursor = connection.cursor()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
    connection.close()


def test_valkey_keeps_its_data_over_a_kill(valkey_server: ValkeyServer):
    with valkey_server.connect() as connection:
        connection.set("kept", "1")
        time.sleep(1.2)  # the append-only file is written to disk every second
    valkey_server.kill()
    valkey_server.start()
    with valkey_server.connect() as connection:
        assert connection.get("kept") == b"1"


def test_another_process_reads_the_same_database(database):
    Product.create(code="P", name="Basic", name_key="basic")
    program = (
        "import sys, database; database.connect_to(sys.argv[1]); from models import Product; print(Product.get().code)"
    )
    root = Path(__file__).parents[2]
    printed = subprocess.check_output([sys.executable, "-c", program, database], cwd=root, text=True)
    assert printed == "P\n"
    assert not db.is_closed()
