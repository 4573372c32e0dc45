"""Importing children and units: all faults named, nothing written half, nothing written twice."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, func, select

from placement.audit.tables import AuditEvent, UseLog
from placement.children import service as children
from placement.children.tables import Child, SiblingMember
from placement.clock import business_day
from placement.imports.plan import work_out
from placement.imports.writing import RowsRefused, carry_out, undo
from placement.people.queries import actor_of, mandates_of
from placement.people.tables import User
from placement.refusals import Conflict, NotFound
from placement.units.tables import Unit, UnitLanguage
from tests.conftest import NOW
from tests.unit.placement.imports.sheets import (
    CHILD_HEADER,
    UNIT_HEADER,
    child_row,
    csv_file,
    unit_row,
    xlsx_file,
)


def actor(session: Session, key: str = "coordinator"):
    user = session.exec(select(User).where(User.demo_key == key)).one()
    return actor_of(session, user, mandates_of(session, user.id, business_day(NOW))[0])


def planned(session, what, content, name="sheet.csv", key="coordinator"):
    return work_out(session, actor(session, key), what, name, content, at=NOW, lang="en", invented_codes=True)


def imported(database, what, content, name="sheet.csv", *, skip_bad=False):
    with database.transaction() as session:
        plan = planned(session, what, content, name)
        return carry_out(session, actor(session), plan, skip_bad=skip_bad, at=NOW)


def count(database, table) -> int:
    with database.read_only() as session:
        return session.exec(select(func.count()).select_from(table)).one()


PLANTED = {
    (3, "identity_code"): (0, "010203-000A"),
    (17, "first_name"): (1, ""),
    (31, "last_name"): (2, "x" * 121),
    (48, "municipality"): (3, "Tampera"),
    (77, "ground"): (4, "because"),
    (101, "entered_on"): (5, "31.2.2026"),
    (102, "entered_on"): (5, "1.4.2027"),
    (140, "representative_name"): (6, ""),
    (155, "languages"): (7, "somali"),
    (156, "languages"): (7, "klingon 5"),
    (157, "languages"): (7, "somali 6"),
    (158, "languages"): (7, "somali 5; so 4"),
    (200, "needs"): (8, "massage 2"),
    (201, "needs"): (8, "trauma 900"),
    (250, "waiting_since"): (9, "24.12.2026"),
    (300, "own_view"): (10, ""),
    (350, "own_view_on"): (11, "yesterday"),
    (400, "own_view_how"): (12, "guessing"),
    (450, "identity_code"): (0, child_row(7)[0]),
    (501, "identity_code"): (0, "hello"),
}


def sheet_of_500(*, faults: bool) -> list[list[str]]:
    rows = [list(CHILD_HEADER), *(child_row(number) for number in range(500))]
    if faults:
        for (row, _column), (index, text) in PLANTED.items():
            rows[row - 1][index] = text
    return rows


@pytest.mark.parametrize(("name", "file"), [("a.csv", csv_file), ("a.xlsx", xlsx_file)])
def test_each_of_twenty_planted_faults_is_named_by_row_and_column_and_nothing_is_written(database, name, file):
    content = file(sheet_of_500(faults=True))
    with database.read_only() as session:
        plan = planned(session, "children", content, name)

    assert {(one.row, one.column) for one in plan.problems} == set(PLANTED)
    assert len(plan.problems) == 20
    with pytest.raises(RowsRefused):
        imported(database, "children", content, name)
    assert count(database, Child) == 0


def test_the_corrected_file_is_written_once_even_when_sent_twice(database):
    content = csv_file(sheet_of_500(faults=False), "cp1252")
    first, _ = imported(database, "children", content)
    second, _ = imported(database, "children", content)

    assert (first.written, second.written, second.already_there) == (500, 0, 500)
    assert count(database, Child) == 500


def test_good_rows_alone_are_written_when_that_is_asked_for(database):
    batch, problems = imported(database, "children", csv_file(sheet_of_500(faults=True)), skip_bad=True)

    assert (batch.written, batch.left_out, len(problems)) == (480, 20, 20)
    assert count(database, Child) == 480


def test_an_imported_child_is_what_the_row_says(database):
    imported(database, "children", csv_file([CHILD_HEADER, child_row(0)]))
    with database.read_only() as session:
        child = session.exec(select(Child)).one()
        added = session.exec(select(AuditEvent).where(AuditEvent.action == "child-imported")).all()

    assert (child.first_name, str(child.birth_date), child.gender.value) == ("Etu0", "2010-01-01", "F")
    assert str(child.waiting_since) == "2026-11-02"
    assert [event.object_ref for event in added] == [child.ref]


def test_siblings_of_one_mark_become_one_group(database):
    header = [*CHILD_HEADER, "sibling_group", "sibling_mode"]
    rows = [[*child_row(number), "A", "must"] for number in range(3)]
    imported(database, "children", csv_file([header, *rows]))

    assert count(database, SiblingMember) == 3


def test_a_sibling_group_of_one_row_is_a_typing_mistake(database):
    header = [*CHILD_HEADER, "sibling_group", "sibling_mode"]
    with database.read_only() as session:
        plan = planned(session, "children", csv_file([header, [*child_row(0), "A", "must"]]))

    assert [(one.fault.code, one.column) for one in plan.problems] == [("sibling-alone", "sibling_group")]


def test_units_are_added_with_their_languages_services_and_places(database):
    batch, _ = imported(
        database, "units", xlsx_file([UNIT_HEADER, *(unit_row(number) for number in range(40))]), "a.xlsx"
    )

    assert batch.written == 40
    assert count(database, Unit) == 40
    with database.read_only() as session:
        unit = session.exec(select(Unit).where(Unit.name == "Mallikoti 0")).one()
        spoken = session.exec(select(UnitLanguage).where(UnitLanguage.unit_id == unit.id)).all()
    assert (unit.price_day_cents, unit.age_max_months) == (24_550, 17 * 12 + 11)
    assert {one.code: one.hours for one in spoken} == {"so": 40, "fi": 0}


def test_more_places_than_the_law_allows_are_refused_at_the_places(database):
    row = unit_row(0)
    row[4] = "8"
    with database.read_only() as session:
        plan = planned(session, "units", csv_file([UNIT_HEADER, row]))

    assert [(one.fault.code, one.row, one.place) for one in plan.problems] == [("above-ceiling", 2, "E")]


def test_a_unit_that_is_here_with_another_price_is_refused_at_the_price(database):
    imported(database, "units", csv_file([UNIT_HEADER, unit_row(0)]))
    row = unit_row(0)
    row[9] = "250,00"
    with database.read_only() as session:
        same = planned(session, "units", csv_file([UNIT_HEADER, unit_row(0)]))
        other = planned(session, "units", csv_file([UNIT_HEADER, row]))

    assert [len(same.already), same.problems] == [1, []]
    assert [(one.fault.code, one.column) for one in other.problems] == [("unit-differs", "price_day")]


def test_a_unit_in_another_county_is_refused(database):
    row = unit_row(0)
    row[2] = "Espoo"
    with database.read_only() as session:
        plan = planned(session, "units", csv_file([UNIT_HEADER, row]))

    assert [(one.fault.code, one.column) for one in plan.problems] == [("municipality-elsewhere", "municipality")]


def test_an_import_can_be_taken_back_whole(database):
    batch, _ = imported(database, "children", csv_file(sheet_of_500(faults=False)[:20]))
    with database.transaction() as session:
        undo(session, actor(session), batch.token, at=NOW)

    assert count(database, Child) == 0
    assert imported(database, "children", csv_file(sheet_of_500(faults=False)[:20]))[0].written == 19


def test_an_import_that_somebody_worked_on_is_not_taken_back(database):
    batch, _ = imported(database, "children", csv_file([CHILD_HEADER, child_row(0), child_row(1)]))
    with database.transaction() as session:
        ref = session.exec(select(Child.ref).order_by(col(Child.id))).first()
        children.state_purpose(session, actor(session), ref, "A look at the child", reveal=False, at=NOW)
    with pytest.raises(Conflict) as refused, database.transaction() as session:
        undo(session, actor(session), batch.token, at=NOW)

    assert (refused.value.code, refused.value.facts["ref"]) == ("undo-touched", ref)
    assert count(database, Child) == 2


def test_another_person_cannot_take_an_import_back(database):
    batch, _ = imported(database, "children", csv_file([CHILD_HEADER, child_row(0)]))
    with pytest.raises(NotFound), database.transaction() as session:
        undo(session, actor(session, "social-worker"), batch.token, at=NOW)


def test_who_may_not_import_units_finds_nothing(database):
    with pytest.raises(NotFound), database.read_only() as session:
        planned(session, "units", csv_file([UNIT_HEADER, unit_row(0)]), key="social-worker")


def test_a_preview_of_500_rows_takes_a_handful_of_statements(database):
    import sqlalchemy as sa

    content = csv_file(sheet_of_500(faults=False))
    imported(database, "children", content)
    seen = []
    with database.read_only() as session:
        who = actor(session)
        sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *args: seen.append(args[2]))
        work_out(session, who, "children", "a.csv", content, at=NOW, lang="fi", invented_codes=True)

    assert len(seen) <= 12


def test_a_preview_looks_at_no_childs_record(database):
    content = csv_file([CHILD_HEADER, child_row(0)])
    imported(database, "children", content)
    with database.read_only() as session:
        planned(session, "children", content)

    assert count(database, UseLog) == 0
