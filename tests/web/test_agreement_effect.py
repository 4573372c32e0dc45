"""What an amendment would change in the open claim is what it does change, on the tour's own claims."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlmodel import select

from agreements import in_force
from agreements.claim_tables import Claim, ClaimStatus
from agreements.claim_values import Gate
from agreements.tables import Agreement, AgreementVersion
from placement.agreed import effect
from placement.demo.command import fill as fill_demo
from placement.reimbursed import preparing
from placement.units.tables import Unit
from tests.conftest import NOW
from tests.placing import actor
from tests.web.test_agreement_life import all_sign, db, text, typed, version_of, words

FROM = date(2026, 8, 15)  # in the middle of a month of the open claim


@pytest.fixture
def tour(app):
    with db(app).transaction() as session:
        fill_demo(session, "small", seed=1, at=NOW)
    with db(app).read_only() as session:
        agreement = session.exec(select(Agreement).where(Agreement.title == "Metsäkoto ja Kotipesä")).one()
        claim = session.exec(select(Claim).where(Claim.status == ClaimStatus.DRAFT, Claim.gate == Gate.PAYMENT)).one()
        return agreement.ref, claim.ref


def lowered(sign_in, ref, price="200,00"):
    """Begin a version from FROM on with another price for every unit."""
    client = sign_in("coordinator")
    client.post(f"/agreements/{ref}/amendment")
    days = {"valid_from": typed(FROM), "valid_to": "30.9.2030"}
    client.post(f"/agreements/{ref}/validity", {"seen": "0", "language": "fi", **days})
    for number in range(4):
        page = text(client.get(f"/agreements/{ref}/rates"))
        gone = re.search(r'name="row" value="(\d+)"', page).group(1)
        client.post(f"/agreements/{ref}/rates/remove", {"seen": str(number), "row": gone})
    client.post(f"/agreements/{ref}/rates", {"seen": "4", "unit": "", "price_day": price, "price_empty": "0", **days})
    return client


def test_the_open_claim_becomes_what_the_preview_said(app, sign_in, tour):
    ref, claim_ref = tour
    client = lowered(sign_in, ref)
    page = words(text(client.get(f"/agreements/{ref}/check")))
    assert claim_ref in page
    client.post(f"/agreements/{ref}/signature")
    with db(app).read_only() as session:
        told = effect.effect(session, actor(session, "coordinator"), version_of(app, ref, 2), NOW)
        stranger = effect.effect(session, actor(session, "municipality-signatory"), version_of(app, ref, 2), NOW)
        assert in_force.SUPPOSED not in session.info or not session.info[in_force.SUPPOSED]
    assert stranger.claims == (), "the sum of a county's claim is not the other parties' to see"
    change = next(one for one in told.claims if one.ref == claim_ref)
    assert change.after_cents < change.before_cents
    all_sign(sign_in, ref)
    client.post(f"/agreements/{ref}/activation", {"reason": "Hinta tarkistettiin."})
    with db(app).transaction() as session:
        officer = actor(session, "claims-officer")
        claim = session.exec(select(Claim).where(Claim.ref == claim_ref)).one()
        written = preparing.refresh(session, officer, claim_ref, version=claim.version, at=NOW)
        assert preparing.sum_of_facts(session, written, NOW.date()) == change.after_cents
        total = sum(row.claimed_cents for row in preparing.reads.lines(session, written))
    assert total == change.after_cents


def test_a_price_that_changes_in_mid_month_counts_each_day_at_its_own(app, sign_in, tour):
    ref, _claim = tour
    lowered(sign_in, ref)
    with db(app).read_only() as session:
        version = session.exec(
            select(AgreementVersion).join(Agreement).where(Agreement.ref == ref, AgreementVersion.number == 2)
        ).one()
        unit = session.exec(select(Unit.id).where(Unit.name == "Kotipesä")).one()
        with in_force.supposing(session, [version.id]):
            rows = effect.coverage(session, [unit])
            prices = in_force.rates(session, {one.version_id for one in rows})

            def price(day):
                found = [one for one in rows if one.period.covers(day)]
                return [in_force.rate_on(prices[one.version_id], unit, day).day_cents for one in found]

            assert price(date(2026, 8, 14)) == [24_550]
            assert price(date(2026, 8, 15)) == [20_000]
        assert [one.number for one in effect.coverage(session, [unit]) if one.period.covers(FROM)] == [1]
