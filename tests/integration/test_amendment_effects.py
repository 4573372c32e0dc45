"""Random amendments: what the preview says of places, prices and the open claim is what holds once they are in force.

Each amendment of the tour's agreement is drafted, previewed, signed and put in force by the services; then places are
counted, the claim is written anew from the facts, and both are compared with what was said. All is taken back.
"""

from __future__ import annotations

import os
import random
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from agreements import claim_reads, drafting, in_force, life, signing
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import Gate
from agreements.draft_rules import Places, Price
from agreements.drafting import Edit
from agreements.period import Period
from agreements.signing import SigningRequest
from agreements.tables import Agreement
from placement.agreed import acting, effect
from placement.db import Database
from placement.demo.command import fill as fill_demo
from placement.reimbursed import preparing
from placement.units import capacity
from placement.units.rules import capacity_on, count_on
from tests.agreement_data import AnyProof
from tests.conftest import NOW
from tests.placing import TODAY, actor

SEED = int(os.environ.get("PLACEMENT_TEST_SEED", "1"))
SIGNERS = ("county-signatory", "municipality-signatory", "state-signatory")
DAY = timedelta(days=1)
LAST = date(2030, 9, 30)


@pytest.fixture
def tour(sqlite_url):
    database = Database(sqlite_url)
    with database.transaction() as session:
        fill_demo(session, "small", seed=1, at=NOW)
    yield database
    database.close()


def amended(session, agreement, rng):
    """Return a draft that changes what a person may change: first day, places, prices, which units are in it."""
    who = actor(session, "coordinator")
    newest = drafting.versions_of(session, agreement.id)[-1]
    units = sorted(effect.units_of(session, newest))
    draft = life.amend(session, newest.id, heirs={}, by=who.user_id, at=NOW)
    first = TODAY + rng.choice((rng.randint(-145, -56), rng.randint(-145, 200))) * DAY  # the claim ends 56 days ago
    last = LAST if rng.random() < 0.7 else first + rng.randint(20, 200) * DAY
    kept = units if rng.random() < 0.7 else rng.sample(units, rng.randint(1, len(units)))
    edit = Edit(who.user_id, NOW, 0)
    drafting.save_term(session, draft.id, first, last, "fi", edit)
    term = Period(first, last)
    rows, prices = [], []
    for unit in kept:
        parts = [term]
        if rng.random() < 0.5 and term.days > 2:
            middle = first + rng.randint(1, term.days - 1) * DAY
            parts = [Period(first, middle - DAY), Period(middle, last)]
        rows += [Places(unit, part, rng.randint(0, 7)) for part in parts]
        prices += [Price(unit, part, rng.randint(9_000, 30_000), 9_000) for part in parts]
    drafting.save_places(session, draft.id, rows, {}, edit)
    drafting.save_prices(session, draft.id, prices, edit)
    return draft


def put_in_force(session, draft):
    """Freeze, sign by three and activate: the moves of the library, with a stand-in for the typesetting."""
    life.send_for_signature(
        session, draft.id, problems=(), names={"organisations": {}, "units": {}},
        typeset=lambda _values, content_hash, _lang: b"%PDF sha256:" + content_hash.encode(), by=1, at=NOW,
    )  # fmt: skip
    for key in SIGNERS:
        who = actor(session, key)
        mandate_id, mandate = acting.signing_mandate(session, who, TODAY)
        request = SigningRequest(draft.id, draft.content_hash, mandate_id, mandate, True, True, "x")
        signing.sign(session, request, AnyProof(), at=NOW)
    life.activate(session, draft.id, retroactive_reason="Tarkistettiin.", by=1, at=NOW)


def compare(session, agreement, claims, rng):
    """Preview one amendment, let it happen, and return what came out otherwise, and whether the claim moved."""
    officer = actor(session, "claims-officer")
    draft = amended(session, agreement, rng)
    before = {one.ref: preparing.sum_of_facts(session, one, TODAY) for one in claims}
    units = effect.units_of(session, draft)
    days = sorted({max(TODAY, draft.valid_from) + rng.randint(0, 364) * DAY for _ in range(30)})
    old = capacity.books(session, units, NOW)
    told = effect.effect(session, officer, draft, NOW)
    assert not session.info[in_force.SUPPOSED], "the supposition outlived the preview"
    put_in_force(session, draft)
    faults = []
    said = {one.ref: one.after_cents for one in told.claims}
    for claim in claims:
        expected = said.get(claim.ref, before[claim.ref])
        written = preparing.refresh(session, officer, claim.ref, version=claim.version, at=NOW)
        total = sum(row.claimed_cents for row in claim_reads.lines(session, written))
        faults += [f"claim {claim.ref}: said {expected}, became {total}"] if total != expected else []
    new = capacity.books(session, units, NOW)
    for key, book in new.items():
        changes = [one for one in told.places if one.unit.id == key]
        for one in changes:
            happened = (capacity_on(old[key], one.day), capacity_on(book, one.day), count_on(book, one.day).taken)
            faults += [f"{one}: became {happened}"] if happened != (one.before, one.after, one.taken) else []
        for day in days:
            pair = capacity_on(old[key], day), capacity_on(book, day)
            latest = next((one for one in reversed(changes) if one.day <= day), None)
            if pair[0] != pair[1] and (latest is None or (latest.before, latest.after) != pair):
                faults.append(f"unit {key} on {day}: {pair} was not said")
    rows = effect.coverage(session, units)
    ceiling = sum(effect.ceiling(session, one, rows, told.money.first, told.money.last) for one in new.values())
    faults += [f"ceiling: said {told.money.after_cents}, is {ceiling}"] if ceiling != told.money.after_cents else []
    return faults, bool(said), bool(told.places)


def amendments(database, count):
    faults, moved, places = [], 0, 0
    with Session(database.writer) as session:
        agreement = session.exec(select(Agreement).where(Agreement.title == "Metsäkoto ja Kotipesä")).one()
        for number in range(count):
            tried = session.begin_nested()
            found = select(Claim).where(Claim.status == ClaimStatus.DRAFT, Claim.gate == Gate.PAYMENT)
            wrong, claim_moved, places_moved = compare(
                session, agreement, list(session.exec(found)), random.Random(SEED * 10_000 + number)
            )
            faults += [f"amendment {number}: {one}" for one in wrong]
            moved, places = moved + claim_moved, places + places_moved
            tried.rollback()
            session.expire_all()
        session.rollback()
    print(f"{count} amendments (seed {SEED}): {moved} move the open claim, {places} places; {len(faults)} faults")
    assert faults == []
    assert moved > count // 4
    assert places > count // 4


def test_random_amendments_do_what_their_preview_said(tour):
    amendments(tour, 8)


@pytest.mark.soak
def test_five_hundred_random_amendments_do_what_their_preview_said(tour):
    amendments(tour, 500)
