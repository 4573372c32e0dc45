"""J6: the effect before anything is booked, hearing, made by another person, paid back or paid, findings, requests."""

from __future__ import annotations

import re

import pytest
from sqlmodel import func, select

from agreements import claim_reads, claims
from agreements.claim_tables import ClaimStatus
from agreements.claim_values import Gate
from agreements.ledger_tables import LedgerEntry
from agreements.payment_tables import Recovery
from agreements.period import Period
from placement import references
from placement.reviewing.tables import Correction
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.web import review_world as world
from tests.web.review_world import words


@pytest.fixture
def app(worked_app):
    return worked_app


@pytest.fixture
def enter(app):
    def sign_in(account, lang="en"):
        client = JudgingClient(app, lang=lang)
        client.sign_in(account)
        return client

    return sign_in


def entries(app):
    with world.database(app).read_only() as session:
        return session.exec(select(func.count()).select_from(LedgerEntry)).one()


def correction(app):
    with world.database(app).read_only() as session:
        return session.exec(select(Correction).order_by(Correction.id.desc())).first()


def paid(app, enter):
    """An application that is decided and paid in full; returns its reference."""
    ref = world.decided(app)
    payment = world.confirmed(enter("payer"), app, ref)
    enter("payer-2").post(f"/payments/{payment}/release")
    return ref


def rent(app, ref):
    return next(row for row in world.lines(app, ref) if row.cost_kind == "rent")


def form(app, ref, cents, **more):
    line = rent(app, ref)
    return {"claim": ref, f"line-{line.line_no}": f"{cents // 100},{cents % 100:02d}", **more}


def propose(client, app, ref, cents, *, ground="county-asks", key="k1"):
    data = form(app, ref, cents, ground=ground, reason="Vuokranantaja hyvitti vuokraa.", step="propose")
    client.post("/corrections/new", {**data, "idempotency_key": key})
    return correction(app).ref


@pytest.mark.parametrize("lang", ["fi"])
def test_the_effect_is_shown_and_nothing_is_booked(app, enter, lang):
    ref = paid(app, enter)
    officer = enter("claims-officer", lang)
    before, proposed = entries(app), correction(app)
    line = rent(app, ref)
    page = officer.get(f"/corrections/new?claim={ref}")
    assert {"fi": "Maksettu maksu", "sv": "Utförd betalning", "en": "Payment made"}[lang] in words(page)
    shown = words(officer.post("/corrections/new", form(app, ref, line.claimed_cents - 10_000), status=200))
    assert {"fi": "ennen, muutos ja jälkeen", "sv": "före, ändring", "en": "before, change and after"}[
        lang
    ] in shown.lower()
    assert {"fi": "31.12.2031", "sv": "31.12.2031", "en": "31 December 2031"}[lang] in shown
    assert entries(app) == before
    assert correction(app) == proposed


def test_a_correction_is_made_by_another_person_with_links_both_ways(app, enter):
    ref = paid(app, enter)
    officer, examiner = enter("claims-officer"), enter("payment-examiner")
    line = rent(app, ref)
    before = entries(app)
    co = propose(officer, app, ref, line.claimed_cents - 10_000)
    assert propose(officer, app, ref, line.claimed_cents - 10_000) == co
    officer.post(f"/corrections/{co}/make", status=403)
    assert "Corrections to make" in words(examiner.get("/today"))
    examiner.post(f"/corrections/{co}/make")
    assert entries(app) == before + 2
    page = examiner.get(f"/corrections/{co}").get_data(as_text=True)
    reversal, booked = re.findall(r'href="(/ledger/\d+)"', page)[:2]
    assert "takes back" in words(examiner.get(f"/corrections/{co}"))
    first = words(examiner.get(reversal))
    assert "Takes back Entry" in first
    assert co in first
    assert co in words(examiner.get(booked))
    taken_back = re.search(r'id="reverses" href="(/ledger/\d+)"', examiner.get(reversal).get_data(as_text=True)).group(
        1
    )
    assert reversal in examiner.get(taken_back).get_data(as_text=True)
    examiner.post(f"/corrections/{co}/make", status=409)
    assert examiner.get(f"/claims/{ref}/decision/2.pdf?lang=fi").data.startswith(b"%PDF")
    assert world.breaches(app) == {}


def test_against_the_county_it_is_heard_first(app, enter):
    ref = paid(app, enter)
    officer, examiner = enter("claims-officer"), enter("payment-examiner")
    line = rent(app, ref)
    co = propose(officer, app, ref, line.claimed_cents - 10_000, ground="stay-changed")
    examiner.post(f"/corrections/{co}/make", status=409)
    examiner.post(f"/corrections/{co}/hearing", {"due_on": ""}, status=422)
    examiner.post(f"/corrections/{co}/hearing", {"due_on": "8.12.2026"})
    examiner.post(f"/corrections/{co}/make", status=409)
    page = officer.get(f"/corrections/{co}").get_data(as_text=True)
    url = re.search(r'id="answer-hearing" href="([^"]+)"', page).group(1)
    officer.post(url, {"statement": "Hyväksymme korjauksen."})
    examiner.post(f"/corrections/{co}/make")
    assert world.breaches(app) == {}


def claimed_anew(app, ref):
    """The reference of a claim sent since that has the rent of an application, where it was refused."""
    line = rent(app, ref)
    with world.database(app).transaction() as session:
        first = claim_reads.claim_by_ref(session, ref)
        period = Period(line.first_day, line.last_day)
        what = claims.Start(references.new("CL"), first.gate, first.county_id, first.authority_id, period)
        other = claims.start(session, what, [claim_reads.value_of(line)], by=first.prepared_by, at=NOW)
        step = {"version": other.version, "by": first.sent_by, "at": NOW, "on": NOW.date(), "declared": True}
        claims.send(session, other.id or 0, claims.Surroundings(), **step)
        return other.ref


def test_a_line_that_another_claim_took_over_is_told_before_anybody_signs(app, enter):
    ref = world.one_claim(app, ClaimStatus.IN_REVIEW, Gate.PAYMENT).ref
    world.decided(app, {rent(app, ref).line_no: 0})
    line = rent(app, ref)
    officer, examiner = enter("claims-officer"), enter("payment-examiner")
    co = propose(officer, app, ref, line.claimed_cents)
    assert 'id="taken"' not in examiner.get(f"/corrections/{co}").get_data(as_text=True)
    other = claimed_anew(app, ref)

    for lang, way_out in (("fi", "Peru oikaisu"), ("sv", "Återta rättelsen"), ("en", "Withdraw the correction")):
        shown = enter("payment-examiner", lang).get(f"/corrections/{co}").get_data(as_text=True)
        told = shown[shown.index('id="taken"') : shown.index('id="effect-lines"')]
        assert f'href="/review/{other}"' in told
        assert way_out in told
        assert 'id="make"' not in shown
    assert other in words(examiner.post(f"/corrections/{co}/make", status=409))

    page = officer.post("/corrections/new", form(app, ref, line.claimed_cents), status=200).get_data(as_text=True)
    told = page[page.index('id="taken"') : page.index('id="effect-lines"')]
    assert f'href="/claims/{other}"' in told
    assert f"Voucher {line.voucher} stands in claim" in told
    assert 'id="propose"' not in page
    data = form(app, ref, line.claimed_cents, ground="county-asks", reason="Vuokra kuuluu tähän.", step="propose")
    refused = words(officer.post("/corrections/new", {**data, "idempotency_key": "k2"}, status=422))
    assert f"Line {line.line_no} cannot be approved" in refused
    assert other in refused
    assert world.breaches(app) == {}


def test_bad_sums_come_back_with_what_was_typed(app, enter):
    ref = paid(app, enter)
    officer = enter("claims-officer")
    line = rent(app, ref)
    over = officer.post("/corrections/new", form(app, ref, line.claimed_cents + 1), status=422)
    assert "give a sum between nothing" in words(over)
    officer.post("/corrections/new", form(app, ref, line.claimed_cents), status=422)
    officer.post("/corrections/new", {"claim": ref, f"line-{line.line_no}": "paljon"}, status=422)
    officer.post("/corrections/new", {**form(app, ref, 100), "step": "propose"}, status=422)
    officer.post("/corrections/new", {"claim": "CL-0000-0000"}, status=404)
    enter("other-reviewer").get(f"/corrections/new?claim={ref}", status=404)


def test_too_much_is_heard_ordered_back_with_its_letter_and_settled_with_interest_apart(app, make_app, enter):
    ref = paid(app, enter)
    officer, examiner = enter("claims-officer"), enter("payment-examiner")
    line = rent(app, ref)
    co = propose(officer, app, ref, line.claimed_cents - 10_000)
    examiner.post(f"/corrections/{co}/make")
    page = examiner.get(f"/corrections/{co}").get_data(as_text=True)
    url = re.search(r'href="(/recoveries/claims/[^"]+)"', page).group(1)
    assert "31 December 2031 (681/2023 § 71)" in words(examiner.get(url))
    examiner.post(url, {"reason": "Liikaa.", "legal": "fi"}, status=422)
    examiner.post(f"{url}/hearing", {"about": "Vuokrasta maksettiin liikaa.", "due_on": "8.12.2026"})
    address = re.search(r"/review/[^\"]+/hearings/\d+", officer.get(f"/claims/{ref}/decision").get_data(as_text=True))
    officer.post(address.group(0), {"statement": "Selvä."})
    later = make_app(
        PLACEMENT_DATABASE_URL=world.database(app).url, PLACEMENT_CLOCK=NOW.replace(month=12, day=9).isoformat()
    )
    examiner, payer = JudgingClient(later), JudgingClient(later)
    examiner.sign_in("payment-examiner")
    payer.sign_in("payer")
    examiner.post(url, {"reason": "Vuokrasta maksettiin liikaa.", "legal": "fi"})
    with world.database(app).read_only() as session:
        order = session.exec(select(Recovery).order_by(Recovery.id.desc())).first()
    assert order.principal_cents == 10_000
    assert examiner.get(f"/recoveries/{order.ref}/letter.pdf?lang=sv").data.startswith(b"%PDF")
    payer.post(
        f"/recoveries/{order.ref}/settlements",
        {"cents": "999999", "paid_on": "9.12.2026", "reference": "R1"},
        status=422,
    )
    payer.post(f"/recoveries/{order.ref}/settlements", {"cents": "40,00", "paid_on": "9.12.2026", "reference": "R1"})
    payer.post(f"/recoveries/{order.ref}/settlements", {"cents": "40,00", "paid_on": "9.12.2026", "reference": "R1"})
    assert "€60.00" in words(payer.get(f"/recoveries/{order.ref}"))
    assert world.breaches(app) == {}


def test_too_little_is_paid_as_a_difference(app, enter):
    line = rent(app, world.one_claim(app, ClaimStatus.IN_REVIEW, Gate.PAYMENT).ref)
    ref = world.decided(app, cut={line.line_no: line.claimed_cents - 5_000})
    payer, other, officer, examiner = (
        enter("payer"),
        enter("payer-2"),
        enter("claims-officer"),
        enter("payment-examiner"),
    )
    other.post(f"/payments/{world.confirmed(payer, app, ref)}/release")
    co = propose(officer, app, ref, line.claimed_cents)
    examiner.post(f"/corrections/{co}/make")
    assert "Pay the difference" in words(payer.get(f"/corrections/{co}"))
    payment = world.confirmed(payer, app, ref)
    other.post(f"/payments/{payment}/release")
    assert world.payments(app)[-1].cents == 5_000
    assert world.breaches(app) == {}


def test_a_payment_confirmed_before_a_correction_is_void(app, enter):
    ref = world.decided(app)
    payer, other, officer, examiner = (
        enter("payer"),
        enter("payer-2"),
        enter("claims-officer"),
        enter("payment-examiner"),
    )
    payment = world.confirmed(payer, app, ref)
    co = propose(officer, app, ref, rent(app, ref).claimed_cents - 100)
    examiner.post(f"/corrections/{co}/make")
    assert "Void" in words(payer.get(f"/payments/{payment}"))
    other.post(f"/payments/{payment}/release", status=409)
    again = world.confirmed(payer, app, ref)
    other.post(f"/payments/{again}/release")
    assert world.breaches(app) == {}


def test_a_grant_is_not_lowered_below_what_was_applied_for_on_it(app, enter):
    granted = world.one_claim(app, ClaimStatus.DECIDED, Gate.COST)
    reviewer = enter("reviewer")
    line = rent(app, granted.ref)
    answer = reviewer.post("/corrections/new", form(app, granted.ref, 0), status=422)
    assert "payment applications rest on" in words(answer)
    co = propose(reviewer, app, granted.ref, line.claimed_cents - 100, ground="evident-error")
    assert "Another person" in words(reviewer.get(f"/corrections/{co}"))
    second = enter("reviewer-2")
    second.post(f"/corrections/{co}/hearing", {"due_on": "8.12.2026"})
    second.post(f"/corrections/{co}/make", status=409)
    reviewer.post(f"/corrections/{co}/withdraw")
    second.post(f"/corrections/{co}/make", status=409)


def test_a_request_for_rectification_is_timed_and_ended(app, enter):
    claim = world.one_claim(app, ClaimStatus.DECIDED, Gate.PAYMENT, corrected=True)
    examiner = enter("payment-examiner")
    url = f"/review/{claim.ref}/objections"
    examiner.post(url, {"kind": "rectification", "served_on": "1.1.2020", "received_on": "1.2.2020"}, status=422)
    data = {"kind": "rectification", "served_on": "1.10.2026", "received_on": "1.11.2026", "wanted": "Koko summa."}
    examiner.post(url, data)
    page = words(examiner.get(url))
    assert "Late" in page or "In time" in page
    key = re.findall(r"/objections/(\d+)", examiner.get(url).get_data(as_text=True))[0]
    examiner.post(f"{url}/{key}", {"outcome": "dismissed", "reason": ""}, status=422)
    examiner.post(f"{url}/{key}", {"outcome": "changed", "reason": "Muutetaan."}, status=422)
    examiner.post(f"{url}/{key}", {"outcome": "dismissed", "reason": "Ei aihetta."})
    examiner.post(f"{url}/{key}", {"outcome": "dismissed", "reason": "Ei aihetta."}, status=409)


def test_an_auditor_records_a_finding_and_the_examiner_answers_it(app, enter):
    claim = world.one_claim(app, ClaimStatus.DECIDED, Gate.PAYMENT, corrected=True)
    auditor, examiner = enter("auditor"), enter("payment-examiner")
    url = f"/audit/findings/{claim.ref}"
    auditor.post(url, {"category": "", "text": ""}, status=422)
    auditor.post(url, {"category": "arithmetic", "text": "Summa ei täsmää.", "line_no": "2", "cents": "12,00"})
    assert "Findings without an answer" in words(examiner.get("/today"))
    key = re.findall(r"/findings/[^/]+/(\d+)/answer", examiner.get(url).get_data(as_text=True))[0]
    examiner.post(f"{url}/{key}/answer", {"answer": ""}, status=422)
    examiner.post(f"{url}/{key}/answer", {"answer": "Korjataan."})
    auditor.post(f"{url}/{key}/answer", {"answer": "Ei."}, status=403)
    assert "Korjataan." in words(auditor.get(url))


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_who_is_alone_at_the_authority_is_told_the_way_out_and_it_works(app, enter, lang):
    ref = paid(app, enter)
    examiner, officer = enter("payment-examiner", lang), enter("claims-officer")
    cents = rent(app, ref).claimed_cents - 10_000
    co = propose(examiner, app, ref, cents)
    assert 'id="alone"' in examiner.get(f"/corrections/{co}").get_data(as_text=True)
    assert 'id="alone"' not in officer.get(f"/corrections/{co}").get_data(as_text=True)
    examiner.post(f"/corrections/{co}/make", status=403)
    examiner.post(f"/corrections/{co}/withdraw")
    again = propose(officer, app, ref, cents, key="k2")
    assert 'id="alone"' not in examiner.get(f"/corrections/{again}").get_data(as_text=True)
    examiner.post(f"/corrections/{again}/make")
    assert world.breaches(app) == {}
