"""The checks: clean on the demo with a calculation, and each planted breach found by its own rule."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from placement.checks import everything
from placement.checks.privacy import no_person_in_plain_text
from placement.children import access
from placement.children.tables import Child
from placement.clock import business_day, frozen
from placement.config import load
from placement.crypto import vault
from placement.db import Database
from placement.decisions import runs
from placement.decisions.problem_builder import Asked
from placement.decisions.runs import Scope
from placement.decisions.solving import execute
from placement.demo.command import fill
from placement.models import APPEND_ONLY
from placement.people.queries import county_by_code
from tests.conftest import NOW, SETTINGS

ON = business_day(NOW)
RULES = {
    *(f"X{n}" for n in range(1, 8)),
    *(f"C{n}" for n in range(1, 19)),
}


def load_demo(database: Database) -> None:
    """Load the tour and calculate one set of proposals for its first county."""
    with database.transaction() as session:
        fill(session, "small", seed=1, at=NOW)
        scope = Scope((county_by_code(session, "08").id or 0,), None)
        run = runs.start(session, None, scope, Asked(ON), NOW).id or 0
    execute(database, frozen(NOW), run)


def results_of(database: Database, logs: tuple[Path, ...] = ()) -> dict[str, tuple[int, list[str]]]:
    with Session(database.writer) as session:
        found = everything.run(session, NOW, logs)
        session.rollback()
    return {one.id: (one.checked, one.breaches) for one in found}


@pytest.fixture(scope="module")
def demo_file(filled_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("checks") / "demo.db"
    shutil.copy(filled_file, file)
    database = Database(f"sqlite:///{file}")
    load_demo(database)
    with database.writer.connect() as connection:
        connection.connection.driver_connection.execute("pragma wal_checkpoint(truncate)")  # type: ignore[union-attr]
    database.close()
    return file


@pytest.fixture
def demo(demo_file: Path, tmp_path: Path) -> Iterator[Database]:
    values = load(SETTINGS)
    vault.open(values.encryption_keys, values.secret_key)
    file = tmp_path / "demo.db"
    shutil.copy(demo_file, file)
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


def test_the_demo_breaks_no_rule_and_every_rule_has_something_to_compare(database):
    load_demo(database)
    found = results_of(database)

    assert {key: found[key][1] for key in RULES if found[key][1]} == {}
    assert set(found) >= RULES
    assert {key for key in RULES if found[key][0] == 0} == set()


def test_checking_changes_nothing(demo):
    tables = ("use_log", "audit_event", "child", "hold", "stay")

    def counted() -> list[int]:
        with demo.reader.connect() as connection:
            return [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in tables]

    before = counted()
    results_of(demo)
    assert counted() == before


def plant(database: Database, *statements: str) -> None:
    """Write with raw SQL, as somebody with the database file could: seals and keys out of the way."""
    with database.writer.connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("pragma foreign_keys=off")
        for table in APPEND_ONLY:
            for word in ("update", "delete"):
                raw.execute(f"DROP TRIGGER IF EXISTS {table}_no_{word}")
        for statement in statements:
            assert raw.execute(statement).rowcount != 0, statement
        raw.execute("pragma foreign_keys=on")


FIRST_STAY = "SELECT min(id) FROM stay"
MADE = "(SELECT min(id) FROM decision WHERE status = 'made')"
LIVING = f"(SELECT min(child_id) FROM stay WHERE start <= '{ON}' AND \"end\" > '{ON}')"
OTHER_COUNTY = "(SELECT id FROM organisation WHERE county_code = '04')"
MUST = "(SELECT g.id FROM sibling_group g WHERE g.mode = 'must' LIMIT 1)"
HOLD = (
    'INSERT INTO hold (child_id, unit_id, county_id, start, "end", made_by, made_at, expires_at, extended) '
    "SELECT child_id, unit_id, county_id, start, \"end\", decided_by, '{made}', '{ends}', 0 "
    "FROM decision WHERE id = (SELECT min(id) FROM decision)"
)
BREACHES = {
    "X1 a stay of another county's child": (
        "X1", f"UPDATE stay SET county_id = {OTHER_COUNTY} WHERE id = ({FIRST_STAY})"),
    "X1 a child of a municipality": (
        "X1", "UPDATE child SET county_id = (SELECT id FROM organisation WHERE municipality_code = '837') "
        "WHERE id = (SELECT max(id) FROM child)"),
    "X1 siblings of two counties": ("X1", f"UPDATE sibling_group SET county_id = {OTHER_COUNTY} WHERE id = {MUST}"),
    "X3 a decision without its event": (
        "X3", f"DELETE FROM audit_event WHERE action = 'decision-made' "
        f"AND object_ref = (SELECT ref FROM decision WHERE id = {MADE})"),
    "X3 a hold that nobody started": (
        "X3", HOLD.format(made="2026-11-24 08:00:00.000000", ends="2026-11-24 08:30:00.000000")),
    "X3 a grant that nobody recorded": (
        "X3", "INSERT INTO purpose_grant (child_id, user_id, purpose, reveals_protected, granted_at, expires_at) "
        "SELECT min(c.id), min(u.id), x'00', 0, '2026-11-24 08:00:00.000000', '2026-11-24 09:00:00.000000' "
        "FROM child c, app_user u"),
    "X4 a look without a purpose": (
        "X4", "INSERT INTO use_log (seq, at, user_id, user_name, organisation_id, child_id, relation, data_used, "
        "endpoint, prev_hash, hash) SELECT 1, '2026-11-24 08:00:00.000000', 1, 'x', county_id, id, 'purpose', "
        "'record', 'x', '', '' FROM child WHERE id = (SELECT min(id) FROM child)"),
    "X4 a look from another county": (
        "X4", "INSERT INTO use_log (seq, at, user_id, user_name, organisation_id, child_id, relation, data_used, "
        f"endpoint, prev_hash, hash) SELECT 1, '2026-11-24 08:00:00.000000', 1, 'x', {OTHER_COUNTY}, min(id), 'case', "
        "'record', 'x', '', '' FROM child WHERE county_id <> " + OTHER_COUNTY),
    "X5 one letter of an event changed": (
        "X5", "UPDATE audit_event SET reason = 'x' WHERE seq = (SELECT max(seq) FROM audit_event)"),
    "X5 an event taken out": ("X5", "DELETE FROM audit_event WHERE seq = 3"),
    "X5 a chain that does not meet its anchor": (
        "X5", "INSERT INTO audit_anchor (chain, seq, hash, at) VALUES ('audit_event', 1, 'f', "
        "'2026-11-24 08:00:00.000000')"),
    "X7 a moment with another offset": (
        "X7", "UPDATE child SET updated_at = '2026-11-24T10:00:00+02:00' WHERE id = (SELECT min(id) FROM child)"),
    "X7 a day with a time": (
        "X7", "UPDATE child SET permit_on = '2026-11-24 00:00:00' WHERE id = (SELECT min(id) FROM child)"),
    "C1 more children than places": (
        "C1", f"UPDATE stay SET unit_id = (SELECT unit_id FROM stay WHERE id = ({FIRST_STAY}))"),
    "C2 more places than the law allows": ("C2", "UPDATE unit_capacity SET places = 9 WHERE unit_id = 1"),
    "C3 two places on one day": (
        "C3", f"UPDATE stay SET child_id = (SELECT child_id FROM stay WHERE id = ({FIRST_STAY})) "
        f"WHERE id = 1 + ({FIRST_STAY})"),
    "C4 a stay before the child came": (
        "C4", f"UPDATE child SET entered_on = '{ON}' WHERE id = {LIVING}"),
    "C4 a stay after the right": (
        "C4", f"UPDATE stay SET realised_end = NULL, decided_end = '2060-01-01' WHERE id = ({FIRST_STAY})"),
    "C5 a child in a closed unit": (
        "C5", f"UPDATE unit SET closed_on = '{ON}' WHERE id = (SELECT unit_id FROM stay WHERE id = ({FIRST_STAY}))"),
    "C6 a hold kept beside the stay": (
        "C6", HOLD.format(made="2020-01-01 08:00:00.000000", ends="2099-01-01 08:00:00.000000"),
        "UPDATE decision SET hold_id = (SELECT max(id) FROM hold) WHERE id = (SELECT min(id) FROM decision)"),
    "C7 a decision that booked nothing": ("C7", f"UPDATE stay SET decision_id = NULL WHERE decision_id = {MADE}"),
    "C7 a decision that confirms another child's": (
        "C7", f"UPDATE decision SET confirms_id = {MADE} WHERE id = (SELECT max(id) FROM decision "
        "WHERE status = 'made' AND kind = 'placement' "
        f"AND child_id <> (SELECT child_id FROM decision WHERE id = {MADE}))"),
    "C7 a refusal by no rule": (
        "C7", "INSERT INTO booking_refusal (unit_id, child_id, user_id, at, code) "
        "SELECT min(u.id), min(c.id), 1, '2026-11-24 08:00:00.000000', 'mood' FROM unit u, child c"),
    "C9 a closure over the children's heads": (
        "C9", "INSERT INTO closure (unit_id, valid_from, places, reason, emergency) "
        f"SELECT unit_id, '{ON}', 7, 'x', 0 FROM stay WHERE child_id = {LIVING}"),
    "C10 a day that counts twice": (
        "C10", f"UPDATE stay SET child_id = (SELECT child_id FROM stay WHERE id = ({FIRST_STAY})) "
        f"WHERE id = 1 + ({FIRST_STAY})"),
    "C11 a child in two units": (
        "C11", f"UPDATE stay SET child_id = (SELECT child_id FROM stay WHERE id = ({FIRST_STAY})) "
        f"WHERE id = 1 + ({FIRST_STAY})"),
    "C12 no mandate": ("C12", f"UPDATE decision SET mandate_id = NULL WHERE id = {MADE}"),
    "C12 no reasons": ("C12", f"UPDATE decision SET reasons = NULL WHERE id = {MADE}"),
    "C12 nobody heard": ("C12", f"UPDATE decision SET child_hearing = NULL WHERE id = {MADE}"),
    "C13 a broken rule without a second official": (
        "C13", "UPDATE decision SET broken_rules = '[{\"code\":\"gender\"}]' WHERE id = " + MADE),
    "C14 another state than the proposal's": (
        "C14", f"UPDATE decision SET proposal_row_id = (SELECT min(id) FROM proposal_row) WHERE id = {MADE}"),
    "C18 siblings apart without a reason": (
        "C18", f"INSERT INTO sibling_member (child_id, group_id) SELECT min(child_id), {MUST} FROM stay GROUP BY "
        "unit_id LIMIT 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREACHES)
def test_a_planted_breach_is_found_by_its_rule(demo, name):
    rule, *statements = BREACHES[name]
    assert results_of(demo)[rule][1] == []
    plant(demo, *statements)

    assert results_of(demo)[rule][1] != []


def test_a_number_that_differs_from_the_rows_is_found(demo, monkeypatch):
    from placement.units import check

    monkeypatch.setattr(check, "_counted", lambda *_: -1)
    assert results_of(demo)["C8"][1] != []


def test_a_query_that_forgets_its_scope_is_found(demo, monkeypatch):
    monkeypatch.setattr(access, "in_scope", lambda _actor, _at: sa.true())
    assert results_of(demo)["X2"][1] != []


def test_showing_a_child_without_a_row_in_the_use_log_is_found(demo, monkeypatch):
    monkeypatch.setattr(access, "log_views", lambda *_, **__: None)
    assert results_of(demo)["X4"][1] != []


def test_a_status_that_does_not_follow_from_the_stays_is_found(demo, monkeypatch):
    from placement.checks import stays
    from placement.children.rules import Status

    monkeypatch.setattr(stays, "status", lambda *_, **__: Status.WAITING)
    assert results_of(demo)["C17"][1] != []


def change_result(database: Database, change) -> None:
    with database.writer.begin() as connection:
        text = connection.exec_driver_sql("SELECT result FROM run").scalar()
        result = json.loads(text)
        change(result)
        connection.execute(sa.text("UPDATE run SET result = :result"), {"result": json.dumps(result)})


def test_a_result_that_claims_another_value_is_found(demo):
    def change(result):
        result["levels"][0]["value"] -= 1

    change_result(demo, change)
    assert results_of(demo)["C15"][1] != []


def test_a_locked_child_that_was_moved_is_found(demo):
    with demo.reader.connect() as connection:
        text = connection.exec_driver_sql("SELECT input FROM run").scalar()
    locked = [child for child in json.loads(text)["children"] if child.get("locked")]

    def change(result):
        result["assignment"][locked[0]["id"]] = locked[-1]["locked"]

    assert locked[0]["locked"] != locked[-1]["locked"]
    change_result(demo, change)
    assert results_of(demo)["C16"][1] != []


@pytest.mark.parametrize("where", ["audit_event", "run", "log"])
def test_a_childs_name_in_plain_text_is_found_wherever_it_stands(demo, tmp_path, where):
    with demo.read_only() as session:
        child = session.exec(select(Child)).first()
        name, code = f"{child.first_name} {child.last_name}", child.identity_code
    log = tmp_path / "placement.log"
    log.write_text("nothing\n")
    if where == "audit_event":
        plant(demo, f"UPDATE audit_event SET reason = 'about {name}' WHERE seq = 1")
    elif where == "run":
        plant(demo, f"UPDATE run SET explanation = explanation || '{code}'")
    else:
        log.write_text(f"nothing\nsaved {name}\n")
    with demo.read_only() as session:
        found = no_person_in_plain_text(session, [log])

    assert len(found.breaches) == 1
    assert name not in found.breaches[0]
