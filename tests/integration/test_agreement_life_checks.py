"""One changed byte of what was signed, or a move that nobody recorded, is found and named by its own rule."""

from __future__ import annotations

import os
import random
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from agreements import triggers
from agreements.life_tables import AgreementDocument, AgreementFrozen
from agreements.tables import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementRate,
    AgreementSignature,
    AgreementUnit,
    AgreementVersion,
    PartyRole,
    PartySide,
)
from placement.agreed import check
from placement.demo.agreements import Side, write_agreement
from placement.demo.writing import Writer
from tests.agreement_data import Maker
from tests.conftest import NOW
from tests.integration.test_agreements_check import sound  # noqa: F401 - the fixture of sound agreements
from tests.placing import TODAY, add_unit, person

SEALED = ("agreement_signature", "agreement_event", "agreement_frozen", "agreement_document", "audit_event")


def breaches(database, rule):
    with Session(database.writer) as session:
        found = next(one for one in check.run(session, NOW) if one.id == rule).breaches
        session.rollback()
    return found


def plant(database, statement, **values):
    """Change stored rows as somebody with the database's own password would: the seals are taken away first."""
    with database.transaction() as session:
        dialect = session.get_bind().dialect.name
        for table in SEALED:
            for one in triggers.unseal(table, dialect):
                session.execute(sa.text(one))
        session.execute(sa.text(statement), values)


PLANTED = [
    ("A1", "UPDATE agreement_unit SET places = places - 1 WHERE version_id = :v", "are not those of the frozen text"),
    ("A1", "UPDATE agreement_version SET valid_to = valid_from WHERE id = :v", "are not those of the frozen text"),
    ("A1", "UPDATE agreement_version SET terms = replace(terms, 'half_year', 'quarter') WHERE id = :v", "frozen text"),
    ("A1", "UPDATE agreement_frozen SET canonical = replace(canonical, 'Koivu', 'Koiva') WHERE version_id = :v",
     "the frozen text was changed"),
    ("A1", "UPDATE agreement_version SET content_hash = replace(content_hash, substr(content_hash, 1, 8), '00000000')"
     " WHERE id = :v", "fingerprint of the version"),
    ("A1", "UPDATE agreement SET title = 'Muu' WHERE id = (SELECT agreement_id FROM agreement_version WHERE id = :v)",
     "are not those of the frozen text"),
    ("A4", "UPDATE agreement_version SET predecessor = 3 WHERE id = :v", "names 3 as its predecessor"),
    ("A5", "UPDATE agreement_version SET status = 'terminated' WHERE id = :v", "its moves lead to signed"),
    ("A5", "DELETE FROM agreement_event WHERE version_id = :v AND move = 'activated'", "its record differ"),
    ("A5", "UPDATE agreement_event SET from_status = 'hearing' WHERE version_id = :v AND move = 'signed'",
     "starts from hearing"),
    ("A5", "DELETE FROM audit_event WHERE action = 'agreement-signed'", "0 audit events for 1 times signed"),
    ("A6", "UPDATE agreement_version SET activated_on = '2026-11-01' WHERE id = :v", "without a reason"),
    ("A10", "DELETE FROM agreement_unit WHERE version_id = (SELECT v.id FROM agreement_version v JOIN agreement a"
     " ON a.id = v.agreement_id WHERE a.kind = 'legacy_28' AND :v > 0)", "lost the days before the end"),
    ("A11", "UPDATE agreement_signature SET method = 'built-im' WHERE version_id = :v", "changed after it was given"),
    ("A11", "UPDATE agreement_signature SET user_id = user_id + 1 WHERE version_id = :v", "changed after it was given"),
    ("A13", "UPDATE agreement_party SET organisation_id = (SELECT id FROM organisation WHERE authority_code ="
     " 'edc-sisa-suomi') WHERE side = 'state' AND :v > 0 AND version_id = (SELECT v.id FROM agreement_version v JOIN"
     " agreement a ON a.id = v.agreement_id WHERE a.kind = 'legacy_28')", "a body that has ended was replaced"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "statement", "said"), PLANTED)
def test_each_planted_breach_is_found_by_its_rule(database, sound, rule, statement, said):  # noqa: F811
    assert breaches(database, rule) == []
    plant(database, statement, v=sound["version"].id)
    assert any(said in one for one in breaches(database, rule))


def test_signatures_that_can_be_changed_are_told(database, sound):  # noqa: F811
    plant(database, "SELECT 1")
    assert {"agreement_signature can be changed", "agreement_document can be changed"} <= set(breaches(database, "A11"))


@pytest.mark.parametrize("place", [0, -1])
def test_a_changed_byte_of_a_stored_document_is_found(database, sound, place):  # noqa: F811
    key = {"v": sound["version"].id, "l": "fi"}
    where = "WHERE version_id = :v AND language = :l"
    with database.read_only() as session:
        pdf = bytearray(session.scalar(sa.text(f"SELECT pdf FROM agreement_document {where}"), key))
    pdf[place] ^= 1
    plant(database, f"UPDATE agreement_document SET pdf = :pdf {where}", **key, pdf=bytes(pdf))
    assert any("is not the file that was stored" in one for one in breaches(database, "A12"))


def test_another_hash_inside_a_document_is_found(database, sound):  # noqa: F811
    key = {"v": sound["version"].id, "l": "sv"}
    where = "WHERE version_id = :v AND language = :l"
    with database.read_only() as session:
        pdf = session.scalar(sa.text(f"SELECT pdf FROM agreement_document {where}"), key)
    plant(
        database,
        f"UPDATE agreement_document SET pdf = :pdf {where}",
        **key,
        pdf=pdf.replace(sound["version"].content_hash.encode(), b"0" * 64),
    )
    assert any("does not name the stored fingerprint" in one for one in breaches(database, "A12"))


def test_a_day_that_is_told_otherwise_than_it_is_counted_is_found(database, sound, monkeypatch):  # noqa: F811
    from agreements import in_force

    monkeypatch.setattr(in_force, "covered_on", lambda rows, day, chapter: None)
    assert any("has an agreement, and is told otherwise" in one for one in breaches(database, "A7"))


@pytest.mark.parametrize(
    ("column", "value", "move"),
    [("ended_on", "2026-11-21", "terminated"), ("end_reason", "'x'", "terminated"), ("heard_on", "2026-08-01", "heard"),
     ("hearing_statement", "'Ei puolla.'", "heard"), ("hearing_due_on", "2026-08-01", "sent-to-hearing")],
)  # fmt: skip
def test_what_a_move_set_besides_the_text_is_kept_by_the_trail(database, sound, column, value, move):  # noqa: F811
    """The hearing and the end come after or beside the frozen text: no fingerprint of it holds them."""
    with database.transaction() as session:
        make, people = Maker(session), {"county-signatory": person(session, "county-signatory")}
        writer = Writer(session=session, rng=random.Random(5), at=NOW, on=TODAY, people=people)
        sides = [Side(make.county, PartySide.COUNTY, people["county-signatory"]),
                 Side(make.centre, PartySide.STATE, person(session, "state-signatory")),
                 Side(make.town, PartySide.MUNICIPALITY, role=PartyRole.HEARD)]  # fmt: skip
        unit = add_unit(session, "Haapa", places=7, agreed=False)
        made = write_agreement(writer, AgreementKind.FOUNDING, "Haapa", sides, [(unit, 7)], first_day=-60, last_day=400,
                               ended_day=-2)  # fmt: skip
        key, ref = made.id, session.get(Agreement, made.agreement_id).ref
    assert breaches(database, "A5") == []
    value = value if value.startswith("'") else f"'{value}'"
    plant(database, f"UPDATE agreement_version SET {column} = {value} WHERE id = :v", v=key)
    assert breaches(database, "A5") == [f"{ref} v1: what was recorded as {move} is not what was set then"]


WHOLE = {
    AgreementVersion: "id = :v",
    AgreementSignature: "version_id = :v",
    AgreementDocument: "version_id = :v AND language = 'fi'",
    AgreementFrozen: "version_id = :v",
    AgreementParty: "version_id = :v",
    AgreementUnit: "version_id = :v",
    AgreementRate: "version_id = :v",
}
"""What makes a signed version, its document and its signatures: every column of these rows is flipped."""
NOT_SAID = {"made_at", "frozen_at"}
"""When this copy of a text or document was written: nothing that anybody signed."""
FLIPPED = [
    (table.__tablename__, column.name, where)
    for table, where in WHOLE.items()
    for column in table.__table__.columns
    if column.name not in NOT_SAID and not (column.primary_key and column.name in ("id", "version_id"))
]


def flip(value, rng):
    """Return the value with one byte (one bit of a number, one day) changed; a text stays one."""
    if isinstance(value, bool | int):
        return value ^ 1 << rng.randrange(3)
    if isinstance(value, datetime | date):
        return value + timedelta(days=rng.choice((-1, 1, 30)))
    place = rng.randrange(len(value))
    if isinstance(value, bytes):
        return value[:place] + bytes([value[place] ^ 1 << rng.randrange(8)]) + value[place + 1 :]
    other = rng.choice([one for one in '0123456789abcdefXYZ"' if one != value[place]])
    return value[:place] + other + value[place + 1 :]


def flips(database, sound, count, seed):  # noqa: F811
    """Change one byte at a time and see it found and named, or refused by the database; each change is taken back."""
    rng, name = random.Random(seed), sound["agreement"].ref
    missed, refused, columns = [], 0, set()
    plant(database, "SELECT 1")
    with Session(database.writer) as session:
        places = [one for one in FLIPPED if stored(session, sound, one) is not None]
        for number in range(count):
            table, column, where = place = places[number % len(places)]
            before = stored(session, sound, place)
            after, tried = flip(before, rng), session.begin_nested()
            columns.add((table, column))
            try:
                update = sa.text(f"UPDATE {table} SET {column} = :after WHERE {where} AND {column} = :before")
                session.execute(update, {"v": sound["version"].id, "after": after, "before": before})
            except sa.exc.IntegrityError:
                refused += 1
            else:
                session.expire_all()
                found = [one for result in check.run(session, NOW) for one in result.breaches if name in one]
                missed += [] if found else [f"{table}.{column}: {before!r:.60} -> {after!r:.60}"]
            tried.rollback()
            session.expunge_all()
        session.rollback()
    named = count - refused - len(missed)
    print(f"{count} changed bytes in {len(columns)} columns (seed {seed}): {named} found and named, {refused} refused")
    assert missed == []
    assert named > count // 2


def stored(session, sound, place):  # noqa: F811
    table, column, where = place
    row = session.execute(sa.text(f"SELECT {column} FROM {table} WHERE {where}"), {"v": sound["version"].id}).first()
    return bytes(row[0]) if row and isinstance(row[0], memoryview) else row[0] if row else None


def test_a_changed_byte_anywhere_is_found_and_named(database, sound):  # noqa: F811
    flips(database, sound, 24, seed=1)


@pytest.mark.soak
def test_five_hundred_changed_bytes_are_found_and_named(database, sound):  # noqa: F811
    flips(database, sound, 500, seed=int(os.environ.get("PLACEMENT_TEST_SEED", "1")))
