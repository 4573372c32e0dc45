"""The checks of agreements: nothing in sound rows, and each planted breach named with its agreement and version."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements import in_force
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
    VersionStatus,
)
from placement.agreed import check
from placement.demo.agreements import Side, write_agreement
from placement.demo.writing import Writer
from placement.people.queries import mandates_of
from placement.units import queries
from tests.agreement_data import DAY, Maker
from tests.conftest import NOW
from tests.placing import TODAY, add_unit, person

RULES = [f"A{number}" for number in range(1, 14)]


@pytest.fixture
def sound(database):
    """A home in force, one that ended under an earlier law with a body that is no more, and a returned version."""
    with database.transaction() as session:
        make = Maker(session)
        unit = add_unit(session, "Koivu", places=7, agreed=False)
        past = add_unit(session, "Haavikko", places=7, agreed=False)
        keys = ("county-signatory", "municipality-signatory", "state-signatory")
        people = {key: person(session, key) for key in keys}
        writer = Writer(session=session, rng=random.Random(3), at=NOW, on=TODAY, people=people)
        signers = list(people.values())
        sides = [
            Side(make.county, PartySide.COUNTY, signers[0]),
            Side(make.town, PartySide.MUNICIPALITY, signers[1]),
            Side(make.centre, PartySide.STATE, signers[2]),
        ]
        kind = AgreementKind.THREE_PARTY
        version = write_agreement(writer, kind, "Koivu", sides, [(unit, 7)], first_day=-30, last_day=400)
        old = [*sides[:2], Side(make.ely, PartySide.STATE, signers[2])]
        write_agreement(
            writer, AgreementKind.LEGACY_28, "Haavikko", old, [(past, 7)], first_day=-900, last_day=-400, quota=7
        )
        other = write_agreement(
            writer, kind, "Palautettu", sides, [(past, 7)], first_day=40, last_day=900, status=VersionStatus.RETURNED
        )
        return {
            "unit": unit,
            "agreement": session.get(Agreement, version.agreement_id),
            "version": version,
            "other": session.get(Agreement, other.agreement_id),
        }


def breaches(database, rule):
    with Session(database.writer) as session:
        return next(one for one in check.run(session, NOW) if one.id == rule).breaches


def test_sound_agreements_pass_every_rule_and_each_is_really_compared(database, sound):
    with Session(database.writer) as session:
        found = check.run(session, NOW)
    assert [one.id for one in found] == RULES
    assert all(one.checked > 0 and one.breaches == [] for one in found)


def sign_again(session, version, key, **changes):
    party = session.exec(
        select(AgreementParty).where(AgreementParty.version_id == version.id).order_by(col(AgreementParty.id))
    ).all()[-1]
    user = person(session, key)
    values = {
        "version_id": version.id,
        "party_id": party.id,
        "user_id": user.id,
        "mandate_id": mandates_of(session, user.id, TODAY)[0].id,
        "method": "built-in",
        "content_hash": version.content_hash,
        "signed_at": datetime(2026, 10, 20, 9, tzinfo=UTC),
        **changes,
    }
    session.add(AgreementSignature(**values))
    session.flush()


def other_home(session, parties=None, **changes):
    make = Maker(session)
    unit = add_unit(session, "Haapa", places=7, agreed=False)
    version = make.version(make.agreement(title="Haapa"), parties or make.three(state=None), **changes)
    make.covers(version, unit)
    return version


def test_a_version_in_force_without_a_signature_is_found(database, sound):
    with database.transaction() as session:
        other_home(session)
    assert any("the state has not signed" in one for one in breaches(database, "A2"))


def test_a_version_without_a_side_that_the_law_requires_is_found(database, sound):
    with database.transaction() as session:
        other_home(session, Maker(session).three()[:2])
    assert any("has no signatory for the state" in one for one in breaches(database, "A2"))


@pytest.mark.parametrize(
    ("signer", "changes", "said"),
    [
        ("state-signatory", {"content_hash": "b" * 64}, "not over the stored content"),
        ("county-signatory", {}, "one person signed for 2 bodies"),
        ("reviewer", {"signed_at": datetime(2020, 1, 1, tzinfo=UTC)}, "rests on no mandate"),
    ],
)
def test_a_signature_over_other_content_by_one_person_or_without_mandate_is_found(
    database, sound, signer, changes, said
):
    with database.transaction() as session:
        sign_again(session, other_home(session), signer, **changes)
    assert any(said in one for one in breaches(database, "A2"))


def test_two_agreements_in_force_on_one_home_are_found(database, sound):
    with database.transaction() as session:
        make = Maker(session)
        make.covers(make.version(make.agreement(AgreementKind.FOUNDING), make.three()), sound["unit"])
    assert any("are both in force" in one for one in breaches(database, "A3"))


def test_a_missing_version_number_is_found(database, sound):
    with database.transaction() as session:
        Maker(session).version(sound["agreement"], [], number=3, status=VersionStatus.DRAFT, activated_on=None)
    assert any("[1, 3]" in one for one in breaches(database, "A4"))


def test_a_version_put_in_force_before_it_was_signed_is_found(database, sound):
    with database.transaction() as session:
        other_home(session, Maker(session).three(), activated_on=TODAY - 300 * DAY)
    assert any("before it was signed" in one for one in breaches(database, "A6"))


def test_a_returned_version_that_was_put_in_force_is_found(database, sound):
    with database.transaction() as session:
        row = session.exec(select(AgreementVersion).where(AgreementVersion.agreement_id == sound["other"].id)).first()
        row.activated_on = TODAY
        session.add(row)
    assert any("returned and yet put in force" in one for one in breaches(database, "A8"))


@pytest.mark.parametrize(("first", "said"), [(5, "two rates"), (None, "no rate")])
def test_a_day_with_two_rates_or_none_is_found(database, sound, first, said):
    with database.transaction() as session:
        rate = session.exec(select(AgreementRate).where(AgreementRate.version_id == sound["version"].id)).one()
        if first is None:
            rate.valid_to = TODAY
        else:
            extra = {"version_id": rate.version_id, "unit_id": rate.unit_id, "day_cents": 1, "empty_day_cents": 0}
            session.add(AgreementRate(valid_from=TODAY + first * DAY, **extra))
        session.add(rate)
    assert any(said in one for one in breaches(database, "A9"))


def test_a_signature_of_who_is_only_heard_is_found(database, sound):
    with database.transaction() as session:
        party = session.exec(select(AgreementParty).where(AgreementParty.version_id == sound["version"].id)).first()
        party.role = PartyRole.HEARD
        session.add(party)
    assert any("is of no signatory" in one for one in breaches(database, "A11"))


@pytest.mark.parametrize(
    "statement", ["UPDATE agreement_signature SET method = method", "DELETE FROM agreement_signature"]
)
def test_a_signature_can_be_neither_changed_nor_deleted(database, sound, statement):
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.transaction() as session:
        session.execute(sa.text(statement))


def test_what_is_in_force_is_told_by_chapter_with_its_clause_and_price(database, sound):
    with database.read_only() as session:
        found = in_force.in_force(session, sound["unit"].id, TODAY)
        assert set(found) == {"founding", "placing", "services", "reimbursement"}
        assert found["founding"].clause.agreement_ref == sound["agreement"].ref
        assert (found["founding"].rate, found["reimbursement"].rate.day_cents) == (None, 24_550)
        assert in_force.in_force(session, sound["unit"].id, TODAY - 31 * DAY) == {}


def test_a_day_without_the_agreement_that_its_kind_needs_has_no_basis(database, sound):
    with database.read_only() as session:
        before = in_force.basis(session, sound["unit"].id, TODAY - 31 * DAY, needs_agreement=True)
        assert (before.code, before.stands) == ("agreement-missing", False)
        assert in_force.basis(session, sound["unit"].id, TODAY, needs_agreement=True).stands
        foster = in_force.basis(session, sound["unit"].id, TODAY - 31 * DAY, needs_agreement=False)
        assert (foster.code, foster.stands) == ("not-needed", True)


def test_an_own_price_of_a_unit_stands_before_the_one_for_all(database, sound):
    with database.transaction() as session:
        session.add(AgreementRate(version_id=sound["version"].id, valid_from=sound["version"].valid_from, day_cents=1))
    with database.read_only() as session:
        assert in_force.in_force(session, sound["unit"].id, TODAY)["services"].rate.day_cents == 24_550


def test_quotas_hold_on_the_days_of_their_version_only(database, sound):
    with database.read_only() as session:
        facts = queries.everything_about(session, [sound["unit"].id])[sound["unit"].id]
        assert facts.quotas_on(TODAY) == {None: 7}
        assert facts.quotas_on(TODAY - 31 * DAY) == {}


def test_places_of_a_version_may_change_over_time(database, sound):
    with database.transaction() as session:
        row = session.exec(select(AgreementUnit).where(AgreementUnit.version_id == sound["version"].id)).one()
        row.valid_to = TODAY
        session.add(row)
        session.add(AgreementUnit(version_id=row.version_id, unit_id=row.unit_id, valid_from=TODAY + DAY, places=5))
    with database.read_only() as session:
        covered = in_force.founding_coverage(session, [sound["unit"].id])[sound["unit"].id]
        assert [in_force.covered_on(covered, TODAY + n * DAY, "founding").places for n in (0, 1)] == [7, 5]
