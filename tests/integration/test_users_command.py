"""Accounts from the command line: added with a dated mandate, listed, disabled with their sessions."""

from __future__ import annotations

import io

import pytest
from sqlmodel import select

from placement import cli
from placement.audit.tables import AuditEvent
from placement.db import Database
from placement.people.passwords import Passwords
from placement.people.tables import User, UserMandate, UserSession
from tests.conftest import NOW, SETTINGS


@pytest.fixture
def users(sqlite_url, monkeypatch, capsys):
    for name, value in {**SETTINGS, "PLACEMENT_DATABASE_URL": sqlite_url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(["users", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def opened(sqlite_url):
    database = Database(sqlite_url)
    yield database
    database.close()


NEW = ("add", "Liisa@county.fi", "--name", "Liisa L", "--role", "social-worker", "--organisation", "08")


def test_an_account_is_added_with_its_mandate_and_a_password_shown_once(users, opened):
    code, out, _ = users(*NEW, "--may-decide", "--from", "2026-12-01", "--to", "2027-11-30", "--basis", "HR 12")
    password = out.split("(shown once): ")[1].split()[0]
    with opened.read_only() as session:
        user = session.exec(select(User).where(User.login == "liisa@county.fi")).one()
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
        actions = session.exec(select(AuditEvent.action)).all()

    assert code == 0
    assert Passwords(cheap=True).matches(user.password_hash, password)
    assert (mandate.may_decide, str(mandate.valid_from), str(mandate.valid_to)) == (True, "2026-12-01", "2027-11-30")
    assert actions.count("user-added") == actions.count("mandate-given") == 1


def test_a_known_user_name_gets_a_further_mandate_and_keeps_the_password(users, opened):
    users(*NEW)
    code, out, _ = users("add", "liisa@county.fi", "--role", "municipality-worker", "--organisation", "837")
    with opened.read_only() as session:
        user = session.exec(select(User).where(User.login == "liisa@county.fi")).one()
        mandates = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).all()

    assert code == 0
    assert "password" not in out
    assert [str(one.role) for one in mandates] == ["social-worker", "municipality-worker"]


@pytest.mark.parametrize(
    ("arguments", "way_out"),
    [
        (("add",), "give the user name"),
        (("add", "x", "--role", "king", "--organisation", "08"), "--role must be one of"),
        (("add", "x", "--name", "X", "--role", "reviewer"), "--organisation"),
        (("add", "x", "--role", "reviewer", "--organisation", "08"), "--name"),
        (("add", "x", "--name", "X", "--role", "reviewer", "--organisation", "08"), "another --organisation"),
        (("add", "x", "--name", "X", "--role", "social-worker", "--organisation", "zz"), "no organisation"),
        (("add", "x", "--name", "X", "--role", "unit-manager", "--organisation", "08"), "--unit"),
        (("add", "x", "--name", "X", "--role", "coordinator", "--organisation", "08", "--may-decide"), "leave --may"),
        (("disable", "nobody"), "no such user name"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_and_nothing_is_saved(users, opened, arguments, way_out):
    code, _, err = users(*arguments)
    with opened.read_only() as session:
        assert session.exec(select(User).where(User.login == "x")).first() is None

    assert (code, err.count("\n")) == (1, 1)
    assert way_out in err


def test_disabling_ends_every_session_and_twice_is_harmless(users, opened):
    users(*NEW)
    with opened.transaction() as session:
        user = session.exec(select(User).where(User.login == "liisa@county.fi")).one()
        session.add(UserSession(token_hash="x", user_id=user.id, created_at=NOW, seen_at=NOW))
    code, out, _ = users("disable", "LIISA@county.fi")
    users("disable", "liisa@county.fi")
    with opened.read_only() as session:
        assert session.exec(select(UserSession.ended_at).where(UserSession.token_hash == "x")).one() == NOW
        assert session.exec(select(AuditEvent.action)).all().count("user-disabled") == 1

    assert (code, "1 sessions ended" in out) == (0, True)
    listed = users("list")[1]
    assert "liisa@county.fi\tLiisa L\tdisabled\tsocial-worker" in listed
