"""J5, steps 5 and 6: confirmed by one person, released once by another, recorded, sent back, waited for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import func, select

from agreements.ledger_tables import LedgerEntry
from placement.db import Database
from placement.demo.command import fill as fill_demo
from placement.reviewing import payments as paying
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


@pytest.mark.parametrize("lang", ["fi", "sv"])
def test_one_confirms_another_releases_and_the_second_press_is_told_who_was_first(app, enter, lang):
    ref = world.decided(app)
    payer, other = enter("payer", lang), enter("payer-2", lang)
    assert {"fi": "Maksettavat", "sv": "Att betala", "en": "To pay"}[lang] in words(payer.get("/today"))
    payment = world.confirmed(payer, app, ref, cents="")
    payer.post(f"/payments/{payment}/release", status=403)
    assert f"release-{payment}" not in payer.get(f"/payments/{payment}").get_data(as_text=True)
    other.post(f"/payments/{payment}/release")
    again = other.post(f"/payments/{payment}/release", follow=True)
    already = {
        "fi": "Maksun on jo vapauttanut Mikko Moilanen, 24.11.2026 klo 11.00.",
        "sv": "Redan frisläppt av Mikko Moilanen, 24.11.2026 kl. 11.00.",
        "en": "Already released by Mikko Moilanen, 24 November 2026 11:00.",
    }
    assert already[lang] in words(again)
    other.post(f"/payments/{payment}/recorded", {"bank_reference": ""}, status=422)
    other.post(f"/payments/{payment}/recorded", {"bank_reference": "RF18 5390"})
    assert "RF18 5390" in words(other.get(f"/payments/{payment}"))
    assert world.breaches(app) == {}


def test_who_examined_the_claim_does_not_pay_it(app, enter):
    ref = world.decided(app)
    enter("payment-examiner").post(f"/payments/claims/{ref}", {}, status=403)
    enter("reviewer").get("/payments", status=403)


def test_instalments_pay_all_that_is_owed_and_no_more(app, enter):
    ref = world.decided(app)
    payer, other = enter("payer"), enter("payer-2")
    answer = payer.post(f"/payments/claims/{ref}", {"cents": "99999999"}, status=422)
    assert "Give a smaller sum" in words(answer)
    payer.post(f"/payments/claims/{ref}", {"cents": "abc"}, status=422)
    first = world.confirmed(payer, app, ref, cents="1000,00")
    assert world.confirmed(payer, app, ref, cents="1000,00") == first
    other.post(f"/payments/{first}/release")
    second = world.confirmed(payer, app, ref, cents="")
    assert second != first
    other.post(f"/payments/{second}/release")
    assert "Nothing is left to confirm" in words(payer.get(f"/payments/claims/{ref}"))
    assert "Paid" in words(enter("payment-examiner").get(f"/review/{ref}"))
    assert world.breaches(app) == {}


def test_a_payment_that_comes_back_is_owed_again_and_paid_anew(app, enter):
    ref = world.decided(app)
    payer, other = enter("payer"), enter("payer-2")
    payment = world.confirmed(payer, app, ref)
    other.post(f"/payments/{payment}/returned", {"reason": "Tili suljettu"}, status=409)
    other.post(f"/payments/{payment}/release")
    other.post(f"/payments/{payment}/returned", {"reason": ""}, status=422)
    other.post(f"/payments/{payment}/returned", {"reason": "Tili suljettu"})
    assert "Failed payments" in words(payer.get("/today"))
    again = world.confirmed(payer, app, ref)
    assert again != payment
    other.post(f"/payments/{again}/release")
    assert world.breaches(app) == {}


def test_an_application_that_waits_for_an_appropriation_is_not_paid(app, enter):
    ref = world.decided(app)
    payer = enter("payer", "fi")
    payer.post(f"/payments/claims/{ref}/wait")
    assert "Hyväksytty, odottaa määrärahaa" in words(payer.get("/payments"))
    payer.post(f"/payments/claims/{ref}", {}, status=422)
    payer.post(f"/payments/claims/{ref}/wait/over")
    world.confirmed(payer, app, ref)


def test_an_advance_is_paid_once_and_netted_in_the_next_payment(app, enter):
    payer, other = enter("payer"), enter("payer-2")
    data = {"county": "08", "year": "2026", "cents": "5000,00", "idempotency_key": "advance-1"}
    payer.post("/payments/advance", {**data, "cents": ""}, status=422)
    payer.post("/payments/advance", {**data, "county": ""}, status=422)
    payer.post("/payments/advance", data)
    payer.post("/payments/advance", data)
    advances = [one for one in world.payments(app) if one.claim_id is None]
    assert len(advances) == 1
    other.post(f"/payments/{advances[0].ref}/release")
    ref = world.decided(app)
    payment = world.confirmed(payer, app, ref, net="y")
    assert "Netted advance" in words(payer.get(f"/payments/{payment}"))
    other.post(f"/payments/{payment}/release")
    assert world.payments(app)[-1].netted_cents == 500_000
    assert world.breaches(app) == {}


def test_the_file_for_the_payers_system_holds_what_is_released_and_not_yet_recorded(app, enter):
    ref = world.decided(app)
    payer, other = enter("payer"), enter("payer-2")
    payment = world.confirmed(payer, app, ref)
    assert payment not in payer.get("/payments/export.csv").get_data(as_text=True)
    other.post(f"/payments/{payment}/release")
    text = payer.get("/payments/export.csv").get_data(as_text=True)
    assert payment in text
    assert ref in text
    other.post(f"/payments/{payment}/recorded", {"bank_reference": "RF1"})
    assert payment not in payer.get("/payments/export.csv").get_data(as_text=True)


def released_through_the_service(app, url, workers, rounds):
    """Let many release the same payment at once through the host's service; return how many said they did it."""
    ref = world.decided(app)
    did = []
    for _ in range(rounds):
        with world.database(app).transaction() as session:
            payment = paying.confirm(
                session, world.actor(session, "payer"), ref, cents=100, set_off=False, net=False, at=NOW
            ).ref
        gate = threading.Barrier(workers)

        def one(_number, payment=payment, gate=gate):
            database = Database(url)
            try:
                gate.wait()
                return database.write(
                    lambda session: paying.release(session, world.actor(session, "payer-2"), payment, NOW)[1]
                )
            finally:
                database.close()

        with ThreadPoolExecutor(workers) as pool:
            did.append(sum(pool.map(one, range(workers))))
        with world.database(app).read_only() as session:
            booked = select(func.count()).where(
                LedgerEntry.source_kind == "payment-released", LedgerEntry.source_id == payment
            )
            assert session.exec(booked).one() == 1
    return did


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request, make_app):
    """The small demo on either database."""
    if request.param == "sqlite":
        return request.getfixturevalue("app")
    url = request.getfixturevalue("postgres_url")
    database = Database(url)
    with database.transaction() as session:
        fill_demo(session, "small", seed=1, at=NOW)
    database.close()
    return make_app(PLACEMENT_DATABASE_URL=url)


def test_many_who_release_at_once_through_the_service_pay_once(either):
    url = world.database(either).url
    assert released_through_the_service(either, url, workers=8, rounds=2) == [1, 1]
    assert world.breaches(either) == {}


@pytest.mark.soak
def test_soak_50_who_release_at_once_100_rounds(either):
    url = world.database(either).url
    did = released_through_the_service(either, url, workers=50, rounds=100)
    print(f"\nreleases through the service: {url.split(':')[0]}, 50 at once x 100 rounds, {sum(did)} payments")
    assert did == [1] * 100
