"""An old key can be taken away once every field stands under the new one."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from sqlmodel import select

from placement import key_rotation
from placement.children.tables import Child
from placement.config import load
from placement.crypto import NoKeys, vault
from placement.demo.command import fill
from tests.conftest import NOW, SETTINGS


@pytest.fixture
def keys():
    """The key in use and a new one; the test's own vault is put back afterwards."""
    values = load(SETTINGS)
    yield values.encryption_keys[0], Fernet.generate_key().decode()
    vault.open(values.encryption_keys, values.secret_key)


def test_after_rotation_the_old_key_is_not_needed(database, keys):
    old, new = keys
    secret = load(SETTINGS).secret_key
    with database.transaction() as session:
        fill(session, "small", seed=1, at=NOW)
    vault.open((new, old), secret)
    with database.transaction() as session:
        assert key_rotation.rotate(session).fields > 100
    vault.open((new,), secret)
    with database.read_only() as session:
        assert all(child.first_name for child in session.exec(select(Child)))


def test_without_rotation_the_old_key_is_needed(database, keys):
    _, new = keys
    with database.transaction() as session:
        fill(session, "small", seed=1, at=NOW)
    vault.open((new,), load(SETTINGS).secret_key)
    with pytest.raises(NoKeys), database.read_only() as session:
        session.exec(select(Child)).all()
