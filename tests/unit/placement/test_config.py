"""What a production system refuses to start with, and what a demo starts without."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from placement import config
from placement.config import BadSetting

GOOD = {
    "PLACEMENT_ENV": "production",
    "PLACEMENT_SECRET_KEY": "a-random-text-of-more-than-thirty-two-signs",
    "PLACEMENT_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in (
        "PLACEMENT_ENV", "PLACEMENT_DATABASE_URL", "PLACEMENT_SECRET_KEY", "PLACEMENT_ENCRYPTION_KEYS",
        "PLACEMENT_CLOCK", "PLACEMENT_QUEUE_URL", "FLASK_DEBUG",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


def test_production_starts_with_keys_of_its_own():
    assert not config.load(GOOD).demo


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"PLACEMENT_SECRET_KEY": ""}, "PLACEMENT_SECRET_KEY"),
        ({"PLACEMENT_SECRET_KEY": "dev"}, "PLACEMENT_SECRET_KEY"),
        ({"PLACEMENT_SECRET_KEY": config._demo_key("session")}, "PLACEMENT_SECRET_KEY"),
        ({"PLACEMENT_ENCRYPTION_KEYS": ""}, "PLACEMENT_ENCRYPTION_KEYS"),
        ({"PLACEMENT_ENCRYPTION_KEYS": "no-key"}, "PLACEMENT_ENCRYPTION_KEYS"),
        ({"PLACEMENT_ENCRYPTION_KEYS": config._demo_key("encryption")}, "PLACEMENT_ENCRYPTION_KEYS"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"PLACEMENT_ENV": "staging"}, "PLACEMENT_ENV"),
        ({"PLACEMENT_DATABASE_URL": "mysql://x"}, "PLACEMENT_DATABASE_URL"),
    ],
)
def test_production_does_not_start_unsafe_and_names_the_setting(change, named):
    with pytest.raises(BadSetting, match=named):
        config.load({**GOOD, **change})


def test_nothing_set_is_a_demo():
    assert config.load({}).env == "demo"


def test_half_a_production_is_no_demo():
    with pytest.raises(BadSetting, match="PLACEMENT_ENCRYPTION_KEYS"):
        config.load({"PLACEMENT_SECRET_KEY": GOOD["PLACEMENT_SECRET_KEY"]})


def test_the_clock_stands_still_in_a_demo_only():
    instant = {"PLACEMENT_CLOCK": "2026-11-24T09:00:00+02:00"}
    assert config.load({"PLACEMENT_ENV": "demo", **instant}).clock is not None
    assert config.load({**GOOD, **instant}).clock is None


@pytest.mark.parametrize("clock", ["yesterday", "2026-11-24T09:00:00"])
def test_a_clock_that_cannot_be_read_is_named(clock):
    with pytest.raises(BadSetting, match="PLACEMENT_CLOCK"):
        config.load({"PLACEMENT_ENV": "demo", "PLACEMENT_CLOCK": clock})


def test_a_postgresql_address_means_psycopg_3():
    url = config.load({"PLACEMENT_DATABASE_URL": "postgresql://u@h/d"}).database_url
    assert url == "postgresql+psycopg://u@h/d"
