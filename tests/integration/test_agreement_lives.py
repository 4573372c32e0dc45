"""Random lives of agreements: whatever people try, in whatever order, what is stored breaks no rule of agreements.

A refused act must leave nothing behind; the moves that were carried out are counted here, apart from the code.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from agreements import check, drafting, in_force, life, signing
from agreements.agreement_rules import CHAPTERS, Required, leading, periods_in_force, status_on
from agreements.check import Law
from agreements.content import move_fingerprint
from agreements.draft_rules import Places, Price
from agreements.drafting import Edit, NewAgreement, Party
from agreements.period import Period
from agreements.refused import Refused
from agreements.signing import SigningRequest
from agreements.tables import Agreement, AgreementVersion
from agreements.terms import Terms
from placement import references
from placement.agreed import acting, facts, queries
from placement.db import Database
from placement.people.tables import Organisation, UserMandate
from placement.permissions import Role
from tests.agreement_data import Maker
from tests.placing import TODAY, actor, add_unit, person
from tests.placing import town as town_of

LIVES, MANY_LIVES = 30, int(os.environ.get("PLACEMENT_LIVES", "3000"))
STEPS = 90
DAY = timedelta(days=1)


class Proof:
    code = "built-in"

    def proves(self, request):
        return request.proof == "right"


class World:
    """One agreement's people and units, a clock that only goes forward, and the moves that were carried out."""

    def __init__(self, session, seed):
        self.session, self.rng = session, random.Random(seed)
        self.make = Maker(session)
        self.at = datetime(2026, 3, 1, 9, tzinfo=UTC)
        self.user = person(session, "coordinator").id
        self.units = [add_unit(session, f"Koti {n}", places=7, agreed=False) for n in range(2)]
        self.bodies = {"county": self.make.county, "municipality": self.make.town, "state": self.make.centre}
        self.mandates = []
        for key in ("county-signatory", "municipality-signatory", "state-signatory", "county-lead"):
            found = session.exec(select(UserMandate).where(UserMandate.user_id == person(session, key).id)).first()
            self.mandates.append((found.id, acting.facts(found)))
        ended = UserMandate(
            user_id=person(session, "payer").id, role=Role.SIGNATORY, organisation_id=self.make.centre.id,
            valid_from=date(2020, 1, 1), valid_to=date(2026, 2, 1),
        )  # fmt: skip
        twice = UserMandate(
            user_id=person(session, "county-signatory").id, role=Role.SIGNATORY,
            organisation_id=self.make.town.id, valid_from=date(2020, 1, 1),
        )  # fmt: skip
        session.add_all([ended, twice])
        session.flush()
        self.mandates += [(one.id, acting.facts(one)) for one in (ended, twice)]
        self.refs, self.moved, self.done, self.sealed = [], Counter(), Counter(), {}
        self.heirs = {}

    def today(self):
        return signing.signing_day(self.at)

    def version(self):
        rows = self.session.exec(select(AgreementVersion).order_by(col(AgreementVersion.id))).all()
        return self.rng.choice(rows[-2:])

    def edit(self, version, section):
        seen = drafting.edits(self.session, version.id).get(section)
        stale = self.rng.random() < 0.1
        return Edit(self.user, self.at, (seen.edit_no if seen else 0) + stale)

    def count(self, version, move):
        ref = next(ref for key, ref in self.refs if key == version.agreement_id)
        self.moved[ref, version.number, move] += 1
        if fingerprint := move_fingerprint(version, move):
            self.sealed[ref, version.number, move] = fingerprint


def start(world):
    ref = references.new("AG")
    sides = world.rng.choice([("county", "municipality", "state"), ("county", "state")])
    first = world.today() + world.rng.randint(-40, 200) * DAY
    last = None if world.rng.random() < 0.3 else first + world.rng.randint(0, 500) * DAY
    parties = [Party(world.bodies[side].id, side, "signatory") for side in sides]
    if "municipality" not in sides:
        parties.append(Party(world.bodies["municipality"].id, "municipality", "heard"))
    kind = world.rng.choice(["three_party", "founding"])
    new = NewAgreement(ref, kind, "Koti", world.make.county.id, None, first, last)
    version = drafting.start(world.session, new, parties, by=world.user, at=world.at)
    world.refs.append((version.agreement_id, ref))
    world.count(version, "started")


def write(world):
    version = world.version()
    term = Period(version.valid_from, version.valid_to)
    unit = world.rng.choice(world.units)
    last = term.last if world.rng.random() < 0.8 else term.first + 3 * DAY
    part = Period(term.first, last if last is None or last >= term.first else term.first)
    act = world.rng.choice([0, 0, 0, 1, 1, 2, 3])
    if act == 0:
        drafting.save_places(world.session, version.id, [Places(unit.id, part, world.rng.randint(0, 7))], {},
                             world.edit(version, "units"))  # fmt: skip
    elif act == 1:
        row = Price(None, term, world.rng.choice([0, *[24_550] * 4]), world.rng.choice([0, 0, 0, 26_000]))
        drafting.save_prices(world.session, version.id, [row], world.edit(version, "rates"))
        drafting.save_places(world.session, version.id, [Places(unit.id, term, 7)], {}, world.edit(version, "units"))
        drafting.save_terms(world.session, version.id, "costs", Terms(notice_months=3, cost_basis="place_day"),
                            world.edit(version, "costs"))  # fmt: skip
    elif act == 2:
        first = world.today() + world.rng.randint(-20, 90) * DAY
        drafting.save_term(world.session, version.id, first, first + world.rng.randint(-1, 400) * DAY, "sv",
                           world.edit(version, "validity"))  # fmt: skip
    else:
        drafting.save_terms(world.session, version.id, "costs", terms_of(world),
                            world.edit(version, "costs"))  # fmt: skip
        drafting.save_clause(world.session, version.id, "disputes", library_no=None, text="Oma ehto.",
                             edit=world.edit(version, "clause-disputes"))  # fmt: skip


def terms_of(world):
    return Terms(notice_months=world.rng.randint(0, 12), cost_basis=world.rng.choice(["place_day", "actual"]))


def hear(world):
    version = world.version()
    due = world.today() + world.rng.randint(-1, 20) * DAY
    life.send_to_hearing(world.session, version.id, due_on=due, problems=(), by=world.user, at=world.at)
    world.count(version, "sent-to-hearing")


def answer(world):
    version = world.version()
    life.state_opinion(world.session, version.id, statement=world.rng.choice(["", "Puoltaa."]), by=world.user,
                       at=world.at)  # fmt: skip
    world.count(version, "heard")


def freeze(world):
    version = world.version()
    found = problems_of(world, version)
    life.send_for_signature(
        world.session, version.id, problems=found, names=names_of(world),
        typeset=lambda _values, content_hash, _lang: b"%PDF sha256:" + content_hash.encode(), by=world.user,
        at=world.at,
    )  # fmt: skip
    world.count(version, "sent-for-signature")


def names_of(world):
    rows = world.session.exec(select(Organisation).where(col(Organisation.id).in_(bodies_of(world))))
    return {"organisations": {str(one.id): one.name_fi for one in rows}, "units": {}}


def bodies_of(world):
    return {one.id for one in world.bodies.values()} | set(world.heirs)


def problems_of(world, version):
    agreement = world.session.get(Agreement, version.agreement_id)
    return facts.problems(world.session, facts.load(world.session, agreement, version), world.today())


def unsigned_mandates(world, version):
    """Return the mandates of those whose turn to sign it is: the parties that have not."""
    done = {row.party_id for row in life.signatures_of(world.session, version.id)}
    bodies = {
        one.organisation_id
        for one in acting.parties_of(world.session, version)
        if one.role.value == "signatory" and one.id not in done
    }
    return [one for one in world.mandates[:3] if one[1].organisation_id in bodies]


def sign(world):
    version = world.version()
    key, mandate = world.rng.choice(world.mandates[:3] * 3 + world.mandates)
    missing = unsigned_mandates(world, version)
    if missing and world.rng.random() < 0.7:
        key, mandate = world.rng.choice(missing)
    shown = version.content_hash if world.rng.random() < 0.95 else "0" * 64
    before = version.status
    request = SigningRequest(version.id, shown or "", key, mandate, world.rng.random() < 0.95, True,
                             world.rng.choice(["right"] * 9 + ["wrong"]))  # fmt: skip
    signing.sign(world.session, request, Proof(), at=world.at)
    if version.status.value == "signed" and before.value == "in-signing":
        world.count(version, "signed")


def succeed(world):
    """The municipality joins another one: what it signed stays, who acts for the heir signs from now on."""
    if world.heirs:
        raise Refused("joined-already")
    town, heir = world.bodies["municipality"], town_of(world.session, "536")
    town.valid_to, town.successor_id = world.today() - DAY, heir.id
    mandate = UserMandate(
        user_id=person(world.session, "reviewer-2").id, role=Role.SIGNATORY, organisation_id=heir.id,
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    world.session.add_all([town, mandate])
    world.session.flush()
    world.mandates[:3] = [*[one for one in world.mandates[:3] if one[1].organisation_id != town.id],
                          (mandate.id, acting.facts(mandate))]  # fmt: skip
    world.heirs, world.bodies["municipality"] = {town.id: heir.id}, heir


def give_back(world):
    version = world.version()
    old, new = life.give_back(world.session, version.id, reason=world.rng.choice(["", "Hinta."]), heirs=world.heirs,
                              by=world.user, at=world.at)  # fmt: skip
    world.count(old, "returned")
    world.count(new, "started")


def activate(world):
    version = world.version()
    already = version.activated_on is not None
    life.activate(world.session, version.id, retroactive_reason=world.rng.choice([None, "Viivästyi."]), by=world.user,
                  at=world.at)  # fmt: skip
    if not already:
        world.count(version, "activated")


def amend(world):
    new = life.amend(world.session, world.version().id, heirs=world.heirs, by=world.user, at=world.at)
    world.count(new, "started")


def terminate(world):
    version = world.version()
    last = world.today() + world.rng.randint(-10, 300) * DAY
    life.terminate(world.session, version.id, last_day=last, reason="Päättyy.", by_consent=world.rng.random() < 0.5,
                   by=world.user, at=world.at)  # fmt: skip
    world.count(version, "terminated")


ACTS = [
    start, *[write] * 9, hear, hear, answer, *[freeze] * 9, *[sign] * 30, give_back, *[activate] * 6,
    *[amend] * 2, *[terminate] * 3, succeed,
]  # fmt: skip


def live(world):
    start(world)
    for _ in range(STEPS):
        world.at += timedelta(hours=world.rng.choice([1, 5, 30, 200]))
        act = world.rng.choice(ACTS)
        tried, counted = world.session.begin_nested(), (world.moved.copy(), list(world.refs), dict(world.sealed))
        try:
            act(world)
            tried.commit()
            world.done[act.__name__] += 1
        except Refused:
            tried.rollback()
            world.moved, world.refs, world.sealed = counted


def law(world):
    homes = [unit.id for unit in world.units]
    covered = in_force.founding_coverage(world.session, homes)
    every = world.session.exec(select(UserMandate)).all()
    return Law(
        on=world.today(),
        required=lambda kind, _on, _parties: [
            Required("founding", side, "signatory", "§") for side in ("county", "state")
        ],
        mandates={row.id: acting.facts(row) for row in every},
        ended_bodies=set(world.heirs),
        audited=world.moved,
        sealed=world.sealed,
        homes=homes,
        stays=[(homes[0], TODAY - 5 * DAY, TODAY)],
        has_basis=lambda unit, day: in_force.covered_on(covered[unit], day, "founding") is not None,
    )


def lived(url, seeds):
    """Live each life and judge it; return what was done and how often each rule was compared."""
    database, done, compared = Database(url), Counter(), Counter()
    for seed in seeds:
        with Session(database.writer) as session:
            world = World(session, seed)
            live(world)
            results = check.run(session, law(world))
            found = [breach for one in results for breach in one.breaches]
            assert found == [], f"life {seed}: {found}"
            in_force_is_told_alike(world)
            done += world.done
            compared += Counter({one.id: one.checked for one in results})
            session.rollback()
    database.close()
    print(f"{len(seeds)} lives, {sum(done.values())} acts carried out: {dict(done)}; compared {dict(compared)}")
    assert {act.__name__ for act in ACTS} <= set(done)
    assert {f"A{number}" for number in range(1, 14)} == {rule for rule, count in compared.items() if count}


def in_force_is_told_alike(world):
    """The one statement that tells what is in force on a day says what the rules say of every version."""
    keys = [unit.id for unit in world.units]
    rows = in_force.coverage(world.session, keys)
    for _ in range(8):
        day = TODAY + world.rng.randint(-60, 700) * DAY
        for key in keys:
            said = in_force.in_force(world.session, key, day)
            for chapter in CHAPTERS["three_party"]:
                ruled = in_force.covered_on([one for one in rows if one.unit_id == key], day, chapter)
                told = said[chapter].clause if chapter in said else None
                assert (told and told.version_id) == (ruled and ruled.version_id), (key, day, chapter)
    heads = actor_heads(world)
    for key, ref in world.refs:
        versions = drafting.versions_of(world.session, key)
        facts_ = [in_force.version_facts(row) for row in versions]
        periods = periods_in_force(facts_)
        first = leading(facts_, periods, world.today())
        head = heads[ref]
        told = (head.facts.number, head.status, head.period, head.newer)
        assert told == (
            first.number, status_on(first, periods.get(first.id), world.today()), periods.get(first.id),
            any(one.number > first.number for one in facts_),
        ), ref  # fmt: skip


def actor_heads(world):
    who = actor(world.session, "coordinator")
    return {one.ref: one for one in queries.seen_heads(world.session, who, world.today())}


@pytest.mark.slow
def test_no_random_life_breaks_a_rule(sqlite_url):
    lived(sqlite_url, range(LIVES))


@pytest.mark.soak
def test_none_of_thousands_of_random_lives_breaks_a_rule(sqlite_url):
    seed = int(os.environ.get("PLACEMENT_TEST_SEED", "1"))
    lived(sqlite_url, range(seed * 100_000, seed * 100_000 + MANY_LIVES))
