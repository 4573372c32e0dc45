"""The life of a placement as services, on both databases: what is recorded moves every count, and twins are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from placement.audit.tables import AuditEvent
from placement.checks import everything
from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.booking import BookingRefused
from placement.decisions.drafts import Start
from placement.decisions.tables import Stay
from placement.moves import absences, life, no_place, presence, transfers
from placement.moves.absences import AbsenceCommand
from placement.moves.life import Reason
from placement.moves.rules import month_of
from placement.moves.tables import Absence, NoPlace, StayNotBegun, Transfer
from placement.people.tables import UserMandate
from placement.permissions import Actor
from placement.refusals import Conflict, NotFound, Refusal, Refusals
from placement.units import capacity
from placement.units.tables import Unit
from tests.conftest import NOW
from tests.deciding import decide
from tests.placing import TODAY, actor, add_child, add_stay, add_unit, county, person

DAY = timedelta(days=1)


@pytest.fixture
def do(database: Any) -> Callable[[Callable[[Session], Any]], Any]:
    return database.write


def manager(session: Session, unit: Unit) -> Actor:
    """Return the demo's unit manager with this unit."""
    user = person(session, "unit-manager")
    mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
    mandate.unit_id = unit.id
    session.add(mandate)
    session.flush()
    return actor(session, "unit-manager")


def decided(session: Session, unit: Unit, start: date, **child: Any) -> tuple[Child, Stay]:
    """A child with a decision on a place from `start` on; nobody has recorded the arrival."""
    who = actor(session, "social-worker")
    found = add_child(session, **child)
    decide(session, who, Start(found.ref, unit.ref, start=start), NOW)
    return found, session.exec(select(Stay).where(Stay.child_id == found.id)).one()


def codes(refused: pytest.ExceptionInfo[Any]) -> set[str]:
    one = refused.value
    return {fault.code for fault in one.faults} if isinstance(one, Refusals) else {one.code}


def counts(session: Session, unit: Unit, day: date) -> int:
    return capacity.counts(session, [unit.id or 0], day, NOW)[unit.id or 0].stays


def breaches(session: Session, at: datetime = NOW) -> list[str]:
    wanted = {f"C{n}" for n in range(1, 19)} | {"X1", "X7"}
    return [f"{one.id} {text}" for one in everything.run(session, at) if one.id in wanted for text in one.breaches]


def test_an_arrival_on_another_day_than_decided_moves_every_count(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu", places=1)
        child, stay = decided(session, koivu, TODAY)
        life.record_arrival(
            session, manager(session, koivu), child.ref, TODAY, TODAY - DAY, version=stay.version, at=NOW
        )
        assert (counts(session, koivu, TODAY - DAY), counts(session, koivu, TODAY - 2 * DAY)) == (1, 0)
        stay = session.exec(select(Stay)).one()
        assert (stay.start, stay.decided_start, stay.planned_start) == (TODAY - DAY, TODAY, TODAY)
        assert breaches(session) == []

    do(work)


def test_an_earlier_arrival_needs_a_place_on_those_days(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu", places=1)
        add_stay(session, add_child(session, "Ennen", waiting=False), koivu, end=TODAY)
        child, stay = decided(session, koivu, TODAY)
        with pytest.raises(Refusal) as refused:
            life.record_arrival(
                session, actor(session, "social-worker"), child.ref, TODAY, TODAY - DAY, version=stay.version, at=NOW
            )
        assert codes(refused) == {"no-place-those-days"}
        life.record_arrival(
            session, actor(session, "social-worker"), child.ref, TODAY, TODAY, version=stay.version, at=NOW
        )

    do(work)


@pytest.mark.parametrize(
    ("arrived", "code"),
    [(TODAY + DAY, "day-in-future"), (date(2026, 5, 31), "before-entry")],
)
def test_an_arrival_outside_what_can_have_happened_is_refused(do, arrived, code):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        child, stay = decided(session, koivu, TODAY)
        with pytest.raises(Refusals) as refused:
            life.record_arrival(
                session, actor(session, "social-worker"), child.ref, TODAY, arrived, version=stay.version, at=NOW
            )
        assert codes(refused) == {code}

    do(work)


def test_a_later_arrival_of_a_moving_child_keeps_the_old_place_until_then(do):
    """On a moving day the child is counted in exactly one unit, whichever day it turns out to be (C10)."""

    def work(session: Session) -> None:
        old, new = add_unit(session, "Vanha", places=1), add_unit(session, "Uusi", places=1)
        who = actor(session, "social-worker")
        child = add_child(session, waiting=False)
        add_stay(session, child, old, start=TODAY - 60 * DAY, end=TODAY + 300 * DAY)
        decide(session, who, Start(child.ref, new.ref, start=TODAY), NOW)
        later = NOW + 3 * DAY
        stay = session.exec(select(Stay).where(Stay.unit_id == new.id)).one()
        life.record_arrival(session, who, child.ref, TODAY, TODAY + 2 * DAY, version=stay.version, at=later)
        for day in (TODAY, TODAY + DAY):
            assert (counts(session, old, day), counts(session, new, day)) == (1, 0)
        assert (counts(session, old, TODAY + 2 * DAY), counts(session, new, TODAY + 2 * DAY)) == (0, 1)
        assert breaches(session, later) == []

    do(work)


def test_a_child_who_did_not_come_frees_the_place_and_waits_again(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu", places=1)
        child, stay = decided(session, koivu, TODAY)
        assert counts(session, koivu, TODAY) == 1
        life.not_begun(
            session, manager(session, koivu), child.ref, TODAY, Reason("did-not-come"), version=stay.version, at=NOW
        )
        assert counts(session, koivu, TODAY) == 0
        assert session.get_one(Child, child.id).waiting_since == TODAY
        assert session.exec(select(StayNotBegun)).one().kind == "not-arrived"
        assert breaches(session) == []

    do(work)


def test_a_move_that_is_called_off_lets_the_old_stay_go_on_as_decided(do):
    def work(session: Session) -> None:
        old, new = add_unit(session, "Vanha", places=1), add_unit(session, "Uusi", places=1)
        who = actor(session, "social-worker")
        child, first = decided(session, old, TODAY - 30 * DAY, place_from=TODAY - 30 * DAY)
        life.record_arrival(session, who, child.ref, TODAY - 30 * DAY, TODAY - 30 * DAY, version=first.version, at=NOW)
        until = first.end
        start = TODAY + 20 * DAY
        decide(session, who, Start(child.ref, new.ref, start=start), NOW)
        stay = session.exec(select(Stay).where(Stay.unit_id == new.id)).one()
        assert session.exec(select(Stay).where(Stay.unit_id == old.id)).one().end == start
        reason = Reason("stays-where-lives")
        life.not_begun(session, who, child.ref, start, reason, version=stay.version, at=NOW)
        kept = session.exec(select(Stay).where(Stay.unit_id == old.id)).one()
        assert (kept.end, kept.end_reason) == (until, None)
        assert session.get_one(Child, child.id).waiting_since is None
        assert breaches(session) == []

    do(work)


def test_a_stay_that_began_cannot_be_called_off(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        child = add_child(session, waiting=False)
        stay = add_stay(session, child, koivu, start=TODAY - 5 * DAY)
        with pytest.raises(Conflict) as refused:
            life.not_begun(
                session,
                actor(session, "social-worker"),
                child.ref,
                TODAY - 5 * DAY,
                Reason("ill"),
                version=stay.version,
                at=NOW,
            )
        assert codes(refused) == {"arrived-already"}

    do(work)


def test_a_departure_ends_the_stay_its_absence_and_lets_the_child_wait(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu", places=1)
        who = actor(session, "social-worker")
        child = add_child(session, waiting=False)
        start = TODAY - 50 * DAY
        stay = add_stay(session, child, koivu, start=start, end=TODAY + 100 * DAY)
        away = AbsenceCommand("ran-away", TODAY - 9 * DAY, police_told_on=TODAY - 9 * DAY)
        absences.record_absence(session, who, child.ref, start, away, version=stay.version, at=NOW)
        life.record_departure(
            session,
            who,
            child.ref,
            start,
            TODAY - DAY,
            Reason("did-not-return"),
            needs_place=True,
            version=stay.version,
            at=NOW,
        )
        assert (counts(session, koivu, TODAY - 2 * DAY), counts(session, koivu, TODAY - DAY)) == (1, 0)
        assert session.exec(select(Absence)).one().back_on == TODAY - DAY
        assert session.get_one(Child, child.id).waiting_since == TODAY - DAY
        assert breaches(session) == []

    do(work)


@pytest.mark.parametrize(
    ("left", "code"),
    [
        (TODAY + DAY, "day-in-future"),
        (TODAY - 50 * DAY, "left-before-coming"),
        (TODAY - 60 * DAY, "left-before-coming"),
    ],
)
def test_a_departure_outside_the_stay_is_refused(do, left, code):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        child = add_child(session, waiting=False)
        start = TODAY - 50 * DAY
        stay = add_stay(session, child, koivu, start=start)
        with pytest.raises(Refusals) as refused:
            life.record_departure(
                session,
                actor(session, "social-worker"),
                child.ref,
                start,
                left,
                Reason("own-wish"),
                needs_place=False,
                version=stay.version,
                at=NOW,
            )
        assert codes(refused) == {code}

    do(work)


@pytest.mark.parametrize("late", [0, 1])
def test_who_arrived_in_the_next_home_has_left_the_first_one_by_then(do, late):
    """The day of the move can be recorded as the leaving day, a later one cannot: two stays would cover it (C3)."""

    def work(session: Session) -> None:
        who, start, moved = actor(session, "social-worker"), TODAY - 50 * DAY, TODAY - 10 * DAY
        child = add_child(session, waiting=False)
        first = add_stay(session, child, add_unit(session, "Koivu"), start=start, end=moved)
        add_stay(session, child, add_unit(session, "Haapa"), start=moved)

        def leave() -> None:
            life.record_departure(
                session,
                who,
                child.ref,
                start,
                moved + late * DAY,
                Reason("moved"),
                needs_place=False,
                version=first.version,
                at=NOW,
            )

        if late:
            with pytest.raises(Refusal) as refused:
                leave()
            assert codes(refused) == {"child-has-stay"}
        else:
            leave()
        assert breaches(session) == []

    do(work)


def test_who_does_not_come_keeps_the_old_place_until_the_next_move_that_is_decided(do):
    """Koivu, then Haapa, then Mänty are decided; the child never came to Haapa and lives in Koivu until Mänty (C3)."""

    def work(session: Session) -> None:
        who = actor(session, "social-worker")
        koivu, haapa, manty = (add_unit(session, name) for name in ("Koivu", "Haapa", "Mänty"))
        child = add_child(session, waiting=False)
        add_stay(session, child, koivu, start=TODAY - 50 * DAY, end=TODAY + 300 * DAY)
        for unit, days in ((haapa, 0), (manty, 20)):
            decide(session, who, Start(child.ref, unit.ref, start=TODAY + days * DAY), NOW)
        middle = session.exec(select(Stay).where(Stay.unit_id == haapa.id)).one()
        life.not_begun(session, who, child.ref, TODAY, Reason("did-not-come"), version=middle.version, at=NOW)
        days = [TODAY + n * DAY for n in (0, 19, 20)]
        assert [counts(session, koivu, day) for day in days] == [1, 1, 0]
        assert [counts(session, manty, day) for day in days] == [0, 0, 1]
        assert breaches(session) == []

    do(work)


def test_a_stay_cannot_last_beyond_the_eighteenth_birthday_in_a_home(do):
    """The last day before the birthday is a day of the stay; the birthday is the latest leaving day (C4)."""

    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        who = actor(session, "social-worker")
        child = add_child(session, waiting=False, birth_date=date(2008, 11, 20), entered_on=date(2026, 1, 1))
        start = date(2026, 8, 1)
        stay = add_stay(session, child, koivu, start=start, end=date(2026, 11, 20))
        leave = {"needs_place": False, "version": stay.version, "at": NOW}
        with pytest.raises(Refusals) as refused:
            life.record_departure(session, who, child.ref, start, date(2026, 11, 21), Reason("turned-adult"), **leave)
        assert codes(refused) == {"right-ended"}
        life.record_departure(session, who, child.ref, start, date(2026, 11, 20), Reason("turned-adult"), **leave)

    do(work)


def test_absences_do_not_overlap_and_running_away_has_happened(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        who = actor(session, "social-worker")
        child = add_child(session, waiting=False)
        start = TODAY - 50 * DAY
        stay = add_stay(session, child, koivu, start=start)

        def away(**days: Any) -> None:
            command = AbsenceCommand(**{"kind": "visit", **days})
            absences.record_absence(session, who, child.ref, start, command, version=stay.version, at=NOW)

        away(started_on=TODAY - 20 * DAY, back_on=TODAY - 15 * DAY)
        for days, code in (
            ({"started_on": TODAY - 16 * DAY}, "absences-overlap"),
            ({"started_on": start - DAY, "back_on": start}, "outside-stay"),
            ({"started_on": TODAY - 5 * DAY, "back_on": TODAY - 5 * DAY}, "back-before-leaving"),
            ({"kind": "ran-away", "started_on": TODAY + DAY}, "day-in-future"),
            ({"started_on": TODAY - 5 * DAY, "police_told_on": TODAY - 6 * DAY}, "told-before-leaving"),
        ):
            with pytest.raises(Refusals) as refused:
                away(**days)
            assert code in codes(refused)
        away(started_on=TODAY - 15 * DAY)
        assert counts(session, koivu, TODAY) == 1

    do(work)


@pytest.mark.parametrize(
    ("moment", "arrived_on"),
    [
        (datetime(2026, 3, 28, 22, 30, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 20, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 21, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 21, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 3, 31, 21, 30, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_night_of_a_changed_clock_and_the_last_of_a_quarter_count_by_helsinki_days(do, moment, arrived_on):
    """A child who comes at night is there on the Helsinki day; a stay of two nights over the change is two days."""

    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        who = actor(session, "social-worker")
        assert business_day(moment) == arrived_on
        child = add_child(session, waiting=False, entered_on=date(2026, 1, 1))
        stay = add_stay(session, child, koivu, start=arrived_on - DAY, end=arrived_on + 200 * DAY)
        stay.realised_start = None
        session.add(stay)
        session.flush()
        life.record_arrival(session, who, child.ref, arrived_on - DAY, arrived_on, version=stay.version, at=moment)
        session.refresh(stay)
        left = arrived_on + 2 * DAY
        life.record_departure(
            session,
            who,
            child.ref,
            arrived_on,
            left,
            Reason("own-wish"),
            needs_place=False,
            version=stay.version,
            at=moment + 3 * DAY,
        )
        found = presence.of_unit(session, koivu.id or 0, arrived_on) + (
            presence.of_unit(session, koivu.id or 0, left - DAY) if month_of(left - DAY) != month_of(arrived_on) else []
        )
        assert sum(one.days for one in found) == 2

    do(work)


def test_a_move_on_the_last_day_of_a_quarter_counts_each_day_once(do):
    def work(session: Session) -> None:
        old, new = add_unit(session, "Vanha"), add_unit(session, "Uusi")
        child = add_child(session, waiting=False, entered_on=date(2026, 1, 1))
        last = date(2026, 9, 30)
        add_stay(session, child, old, start=date(2026, 8, 1), end=last)
        add_stay(session, child, new, start=last, end=date(2026, 10, 31))
        september = [presence.of_unit(session, unit.id or 0, last) for unit in (old, new)]
        assert [sum(one.days for one in found) for found in september] == [29, 1]
        october = [presence.of_unit(session, unit.id or 0, date(2026, 10, 1)) for unit in (old, new)]
        assert [sum(one.days for one in found) for found in october] == [0, 30]

    do(work)


def test_a_second_decision_for_one_child_finds_the_first(do):
    def work(session: Session) -> None:
        koivu, haapa = add_unit(session, "Koivu"), add_unit(session, "Haapa")
        who = actor(session, "social-worker")
        child, _stay = decided(session, koivu, TODAY + 7 * DAY)
        with pytest.raises(BookingRefused) as refused:
            decide(session, who, Start(child.ref, haapa.ref, start=TODAY + DAY), NOW)
        assert refused.value.code == "child-has-stay"

    do(work)


def ask(session: Session, child: Child, *, handed: tuple[str, ...] = ("needs",), days: int = 30) -> Transfer:
    command = transfers.TransferCommand(county(session, "04").id or 0, TODAY + days * DAY, "Sisko asuu siellä.", handed)
    return transfers.ask(session, actor(session, "social-worker"), child.ref, command, at=NOW)


def test_a_transfer_gives_the_other_county_a_record_of_its_own_with_what_may_be_handed_over(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu", places=1)
        child = add_child(session, waiting=False, own_view="Haluan jäädä.", school="Koulu", needs={"trauma": 2})
        add_stay(session, child, koivu, start=TODAY - 50 * DAY, end=TODAY + 100 * DAY)
        row = ask(session, child)
        assert counts(session, koivu, TODAY + 40 * DAY) == 1
        other = actor(session, "other-social-worker")
        transfers.accept(session, other, row.ref, version=row.version, at=NOW)
        new = session.get_one(Child, row.new_child_id)
        assert (new.county_id, new.birth_date, new.first_name) == (county(session, "04").id, child.birth_date, "Aava")
        assert (new.own_view, new.school, new.waiting_since) == (None, None, TODAY + 30 * DAY)
        assert counts(session, koivu, TODAY + 29 * DAY) == 1
        assert counts(session, koivu, TODAY + 30 * DAY) == 0
        assert breaches(session) == []
        with pytest.raises(Conflict):
            transfers.accept(session, other, row.ref, version=row.version, at=NOW)

    do(work)


def test_a_refused_transfer_changes_nothing(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        child = add_child(session, waiting=False)
        add_stay(session, child, koivu, start=TODAY - 50 * DAY)
        row = ask(session, child)
        other = actor(session, "other-social-worker")
        with pytest.raises(NotFound):
            transfers.withdraw(session, other, row.ref, version=row.version, at=NOW)
        with pytest.raises(Conflict):
            ask(session, child)
        transfers.refuse(session, other, row.ref, "no-places", None, version=row.version, at=NOW)
        assert counts(session, koivu, TODAY + 100 * DAY) == 1
        assert len(session.exec(select(Child)).all()) == 1
        ask(session, child)
        assert breaches(session) == []

    do(work)


def test_no_suitable_place_is_looked_at_again_every_week_until_there_is_one(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu", places=1)
        add_stay(session, add_child(session, "Asuja", waiting=False), koivu, end=TODAY + 20 * DAY)
        child = add_child(session)
        who = actor(session, "social-worker")
        row = no_place.declare(session, who, child.ref, at=NOW)
        assert row.blocking == '{"unit-full": 1}'
        assert no_place.due(session, TODAY + 6 * DAY) == []
        assert no_place.due(session, TODAY + 7 * DAY) == [child.id]
        again = no_place.try_again(session, None, child.id or 0, at=NOW + 7 * DAY)
        assert (again.tries, again.ended_on, again.retry_on) == (2, None, TODAY + 14 * DAY)
        found = no_place.try_again(session, None, child.id or 0, at=NOW + 21 * DAY)
        assert (found.end_code, found.found) == ("place-found", 1)
        assert no_place.due(session, TODAY + 60 * DAY) == []
        with pytest.raises(Refusal) as refused:
            no_place.declare(session, who, child.ref, at=NOW + 21 * DAY)
        assert codes(refused) == {"there-is-a-place"}
        assert session.exec(select(NoPlace)).one().tries == 3

    do(work)


def test_a_month_is_confirmed_as_it_was_shown_and_a_later_change_shows(do):
    def work(session: Session) -> None:
        koivu = add_unit(session, "Koivu")
        child = add_child(session, waiting=False)
        start = TODAY - 100 * DAY
        stay = add_stay(session, child, koivu, start=start)
        who = manager(session, koivu)
        october = date(2026, 10, 1)
        shown = presence.sheet(session, koivu.id or 0, october)
        assert shown.days == 31
        with pytest.raises(Conflict):
            presence.confirm(session, who, october, "other", "", at=NOW)
        with pytest.raises(Refusal) as refused:
            presence.confirm(session, who, TODAY, presence.sheet(session, koivu.id or 0, TODAY).seal, "", at=NOW)
        assert codes(refused) == {"month-not-over"}
        presence.confirm(session, who, october, shown.seal, "", at=NOW)
        presence.confirm(session, who, october, shown.seal, "", at=NOW)
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "presence-confirmed")).all()
        assert len(events) == 1
        life.record_departure(
            session,
            who,
            child.ref,
            start,
            date(2026, 10, 20),
            Reason("own-wish"),
            needs_place=False,
            version=stay.version,
            at=NOW,
        )
        changed = presence.sheet(session, koivu.id or 0, october)
        assert (changed.changed, changed.days) == (True, 19)

    do(work)


def test_a_manager_records_in_the_own_unit_only(do):
    def work(session: Session) -> None:
        koivu, haapa = add_unit(session, "Koivu"), add_unit(session, "Haapa")
        child, stay = decided(session, koivu, TODAY)
        with pytest.raises(NotFound):
            life.record_arrival(session, manager(session, haapa), child.ref, TODAY, TODAY, version=stay.version, at=NOW)

    do(work)
