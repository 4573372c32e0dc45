"""Signing in with a password and a one-time code; locks, production, and where one lands."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pyotp
import pytest
from sqlmodel import select

from placement.clock import frozen
from placement.people import service
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Role
from tests.client import JudgingClient
from tests.conftest import NOW

PASSWORD = "tuulinen aamu rannalla"


@pytest.fixture
def person(app):
    """A real account: a login, a password, a mandate of a year."""
    kit = app.extensions["placement"]
    with kit.database.transaction() as session:
        county = session.exec(select(Organisation).where(Organisation.county_code == "08")).one()
        user = User(login="aino.aalto@pirha.invalid", name="Aino Aalto", created_at=NOW)
        session.add(user)
        session.flush()
        service.set_password(session, user, PASSWORD, kit.passwords, at=NOW)
        session.add(
            UserMandate(
                user_id=user.id, role=Role.COORDINATOR, organisation_id=county.id,
                valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31),
            )
        )  # fmt: skip
        return user.id


def sign_in(client, password=PASSWORD, login="aino.aalto@pirha.invalid", status=303, query=""):
    client.get("/login")
    return client.post(f"/login{query}", {"login": login, "password": password}, status=status)


def test_the_right_password_leads_to_today(stranger, person):
    assert sign_in(stranger).headers["Location"] == "/today"
    assert "Aino Aalto" in stranger.get("/today").get_data(as_text=True)


def test_a_wrong_password_and_an_unknown_name_answer_the_same(stranger, person):
    def seen(answer):
        main = answer.get_data(as_text=True).split("<main", 1)[1]
        main = main.replace("nobody@x.invalid", "aino.aalto@pirha.invalid")
        return re.sub(r'name="(csrf_token|[a-z_]*key)"[^>]*value="[^"]*"', "", main)

    wrong = seen(sign_in(stranger, password="wrong", status=422))
    unknown = seen(sign_in(stranger, login="nobody@x.invalid", status=422))
    assert wrong == unknown


def test_five_wrong_tries_lock_the_account_for_fifteen_minutes(stranger, app, person):
    for _ in range(5):
        sign_in(stranger, password="wrong", status=422)
    sign_in(stranger, status=429)
    app.extensions["placement"].clock = frozen(NOW + timedelta(minutes=16))
    assert sign_in(stranger).headers["Location"] == "/today"


def test_a_one_time_code_is_asked_for_and_works_once(stranger, app, person):
    secret = pyotp.random_base32()
    with app.extensions["placement"].database.transaction() as session:
        session.get(User, person).totp_secret = secret
    code = pyotp.TOTP(secret).at(NOW)
    assert sign_in(stranger).headers["Location"] == "/login/code"
    stranger.get("/today", status=303)
    stranger.post("/login/code", {"code": "000000"}, status=422)
    assert stranger.post("/login/code", {"code": code}).headers["Location"] == "/today"

    again = JudgingClient(app)
    sign_in(again)
    again.post("/login/code", {"code": code}, status=422)


def test_setting_up_codes_needs_a_code_of_the_new_secret(stranger, app, person):
    sign_in(stranger)
    page = stranger.get("/settings/code").get_data(as_text=True)
    secret = page.split('id="totp-key">', 1)[1].split("<", 1)[0]
    stranger.post("/settings/code", {"code": "123456"}, status=422)
    stranger.post("/settings/code", {"code": pyotp.TOTP(secret).at(NOW)})
    with app.extensions["placement"].database.read_only() as session:
        assert session.get(User, person).totp_secret == secret


def test_a_new_password_ends_the_sessions(stranger, app, person):
    sign_in(stranger)
    stranger.get("/settings")
    stranger.post("/settings/password", {"current": PASSWORD, "password": "short"}, status=422)
    stranger.post("/settings/password", {"current": "wrong", "password": "uusi pitkä salasana"}, status=422)
    stranger.post("/settings/password", {"current": PASSWORD, "password": "uusi pitkä salasana"})
    assert "/login" in stranger.get("/today", status=303).headers["Location"]
    assert sign_in(stranger, password="uusi pitkä salasana").headers["Location"] == "/today"


def test_a_mandate_that_has_ended_lets_nobody_in(stranger, app, person):
    app.extensions["placement"].clock = frozen(NOW + timedelta(days=60))
    assert "mandate" in sign_in(stranger, status=422).get_data(as_text=True)


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil", "javascript:alert(1)", "/no-page", ""],
)
def test_after_signing_in_one_never_lands_elsewhere(stranger, person, target):
    assert sign_in(stranger, query=f"?next={target}").headers["Location"] == "/today"


def test_after_signing_in_one_lands_where_one_wanted(stranger, person):
    assert sign_in(stranger, query="?next=/units?kind=supported_housing").headers["Location"].startswith("/units?kind=")


def test_outside_the_demo_there_is_no_demo_sign_in(make_app):
    from cryptography.fernet import Fernet

    app = make_app(
        PLACEMENT_ENV="production",
        PLACEMENT_SECRET_KEY="k" * 40,
        PLACEMENT_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
    )
    client = JudgingClient(app)
    page = client.get("/login").get_data(as_text=True)
    assert "start-social-worker" not in page
    assert "DEMO" not in page
    client.post("/login/demo", {"account": "social-worker"}, status=404)
