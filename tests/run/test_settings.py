import stat
from pathlib import Path
from urllib.parse import unquote

import pytest

from config import Stage, read_config
from launcher import settings
from launcher.words import StartRefused


def given(folder: Path, **environ: str) -> dict[str, str]:
    common = settings.common_environ(environ, instance=folder, sockets=folder, port=8000)
    return common | settings.demo_environ(environ, instance=folder, port=8000)


def test_the_product_reads_what_the_launcher_gives(tmp_path):
    config = read_config(given(tmp_path, SEATDESK_DEMO_NOW="2017-07-23T15:00"))
    assert config.stage is Stage.DEMO
    assert config.instance == tmp_path
    assert config.clock.offset.total_seconds() < -9 * 365 * 86400
    assert config.vendor.url.endswith("/Subscriptions/v2.0/api/Subscription/")
    assert config.database_url == f"sqlite:///{tmp_path}/seatdesk.db"


def test_a_second_start_keeps_every_secret(tmp_path):
    first, second = given(tmp_path), given(tmp_path)
    kept = ("SECRET_KEY", "SEATDESK_DEMO_PASSWORD", "SEATDESK_CLOCK_OFFSET")
    assert [first[name] for name in kept] == [second[name] for name in kept]


def test_another_password_on_an_existing_book_is_refused(tmp_path):
    given(tmp_path, SEATDESK_DEMO_PASSWORD="the first one")
    assert given(tmp_path)["SEATDESK_DEMO_PASSWORD"] == "the first one"
    with pytest.raises(StartRefused, match="got their password at the first start"):
        given(tmp_path, SEATDESK_DEMO_PASSWORD="another one")


def test_secrets_are_for_the_owner_alone(tmp_path):
    given(tmp_path)
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("secret-key", "demo-password")}
    assert modes == {"secret-key": 0o600, "demo-password": 0o600}


def test_two_books_have_different_secrets(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    a, b = given(tmp_path / "a"), given(tmp_path / "b")
    assert a["SECRET_KEY"] != b["SECRET_KEY"]
    assert a["SEATDESK_DEMO_PASSWORD"] != b["SEATDESK_DEMO_PASSWORD"]


def test_the_users_own_database_queue_and_password_are_taken(tmp_path):
    own = {
        "DATABASE_URL": "postgresql://desk@db.example/desk",
        "REDIS_URL": "redis://queue.example",
        "SEATDESK_DEMO_PASSWORD": "chosen by hand",
    }
    environ = given(tmp_path, **own)
    assert {name: environ[name] for name in own} == own


def test_a_folder_with_blanks_and_accents_is_quoted_in_addresses(tmp_path):
    folder = tmp_path / "voća 100%"
    folder.mkdir()
    environ = given(folder)
    assert unquote(environ["DATABASE_URL"]) == f"sqlite:///{folder}/seatdesk.db"
    assert unquote(environ["REDIS_URL"]) == f"unix://{folder}/redis.sock"


def test_production_refuses_the_demo_settings():
    assert settings.is_demo({"SEATDESK_ENV": "production"}) is False
    for name in ("SEATDESK_DEMO_NOW", "SEATDESK_DEMO_PASSWORD"):
        with pytest.raises(StartRefused, match=f"{name} cannot be set in production"):
            settings.is_demo({"SEATDESK_ENV": "production", name: "2017-07-23T15:00"})


def test_an_unknown_stage_is_refused():
    assert settings.is_demo({}) is True
    with pytest.raises(StartRefused, match="SEATDESK_ENV must be demo or production here, not 'prod'"):
        settings.is_demo({"SEATDESK_ENV": "prod"})
