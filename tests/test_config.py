"""What the environment must say, and what production refuses."""

import pytest

from config import ConfigError, Stage, read_config

PRODUCTION = {
    "SEATDESK_ENV": "production",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "DATABASE_URL": "postgresql://seatdesk@127.0.0.1/seatdesk",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SEATDESK_PUBLIC_URL": "https://desk.example",
    "SEATDESK_VENDOR_URL": "https://vendor.example/Subscriptions/v2.0/api/Subscription/",
    "SEATDESK_VENDOR_CLIENT_CERT": "/etc/seatdesk/client.pem",
    "SEATDESK_VENDOR_CLIENT_KEY": "/etc/seatdesk/client.key",
}


def test_a_whole_production_environment_is_taken() -> None:
    config = read_config(PRODUCTION)
    assert config.stage is Stage.PRODUCTION
    assert config.is_https
    assert not config.vendor.has_extensions


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"SEATDESK_ENV"}))
def test_production_refuses_to_start_without(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read_config({**PRODUCTION, name: ""})


def test_what_is_not_said_is_production() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        read_config({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEATDESK_DEMO_NOW", "2017-07-23T15:00"),
        ("SEATDESK_CLOCK_OFFSET", "-3600"),
        ("SEATDESK_VENDOR_URL", "http://127.0.0.1:8001/Subscriptions/v2.0/api/Subscription/"),
        ("SECRET_KEY", "short"),
    ],
)
def test_production_refuses_what_belongs_to_a_demo(name: str, value: str) -> None:
    with pytest.raises(ConfigError):
        read_config({**PRODUCTION, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEATDESK_ENV", "staging"),
        ("SEATDESK_ZONE", "Europe/Atlantis"),
        ("SEATDESK_VENDOR_DEADLINE", "soon"),
        ("SEATDESK_VENDOR_EXTENSIONS", "perhaps"),
    ],
)
def test_an_unusable_value_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read_config({"SEATDESK_ENV": "demo", name: value})
