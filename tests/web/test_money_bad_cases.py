"""What goes wrong on the way of the money is said clearly, is paid once and never loses a cent.

Elsewhere: a claim sent on 31 December after the authority's closing time, a second press of "Send" (test_claims);
a second press of "Release", instalments beyond what is owed (test_payments); many who release at once on both
databases (test_payments, test_ledger_races); a month that is closed takes nothing (test_ledger); a cost shared to
the cent (test_claims); a second press of "Import" (test_cost_import_undo).
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, func, select

from agreements.claim_tables import ClaimStatus
from agreements.claim_values import Basis, Gate
from agreements.ledger_tables import LedgerEntry
from agreements.payment_tables import Payment, Recovery
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.demo.accounts import FIRST_COUNTY, OTHER_COUNTY, PAYING_AGENCY, body
from placement.people.tables import Organisation, User, UserMandate
from placement.units.tables import Unit
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.placing import TODAY
from tests.web import claims_world as claiming
from tests.web import review_world as world
from tests.web.claims_world import text
from tests.web.review_world import words
from tests.web.test_corrections import correction, enter, form, paid, propose, rent

__all__ = ["enter"]  # the fixture of corrections, used here too


@pytest.fixture
def app(demo_with_work, tmp_path, make_app):
    file = tmp_path / "money.db"
    shutil.copy(demo_with_work, file)
    return make_app(PLACEMENT_DATABASE_URL=f"sqlite:///{file}")


def at_once(*acts):
    """Do several things at the same time and return their answers."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result() for one in [pool.submit(act) for act in acts]]


def later(make_app, app, **passed):
    """The same database with a clock that is ahead."""
    moment = (NOW + timedelta(**passed)).isoformat()
    return make_app(PLACEMENT_DATABASE_URL=str(world.database(app).url), PLACEMENT_CLOCK=moment)


def test_two_payers_who_confirm_and_release_at_once_pay_once(app, enter):
    ref = world.decided(app)
    payers = [enter("payer"), enter("payer-2")]
    answers = at_once(*(lambda one=one: one._client.post(f"/payments/claims/{ref}", data={
        "csrf_token": token(one, f"/payments/claims/{ref}"), "cents": ""}) for one in payers))  # fmt: skip
    assert sorted(one.status_code for one in answers) in ([303, 303], [303, 422]), "the second is told or led to it"
    [payment] = [one for one in world.payments(app) if one.released_at is None and one.claim_id is not None]
    with world.database(app).read_only() as session:
        first = session.get_one(User, payment.confirmed_by).demo_key
    other = next(one for one, key in zip(payers, ("payer", "payer-2"), strict=True) if key != first)
    at_once(*(lambda: other._client.post(f"/payments/{payment.ref}/release", data={
        "csrf_token": token(other, f"/payments/{payment.ref}")}),) * 2)  # fmt: skip
    with world.database(app).read_only() as session:
        booked = select(func.count()).where(
            LedgerEntry.source_kind == "payment-released", LedgerEntry.source_id == payment.ref
        )
        assert session.exec(booked).one() == 1
    assert world.breaches(app) == {}


def token(client, url):
    return re.search(r'name="csrf_token" value="([^"]+)"', text(client.get(url))).group(1)


def test_what_is_sent_again_after_a_timeout_is_done_once(app, enter, make_app):
    """The answer was lost, and the same form comes again an hour later: a cost, a correction, a release."""
    officer = enter("claims-officer")
    ref = claiming.start(officer)
    page = text(officer.get(f"/claims/{ref}/lines"))
    cost = {**claiming.rent(), "version": str(claiming.by_ref(app, ref).version),
            "idempotency_key": claiming.key_in(page, '/lines" novalidate')}  # fmt: skip
    settled = paid(app, enter)
    officer.post(f"/claims/{ref}/lines", cost)
    co = propose(officer, app, settled, rent(app, settled).claimed_cents - 10_000)
    payment = next(one for one in world.payments(app) if one.released_by is not None).ref
    before = len(claiming.lines(app, ref)), len(world.payments(app)), entries(app)

    then = later(make_app, app, hours=1)
    officer, other = JudgingClient(then), JudgingClient(then)
    officer.sign_in("claims-officer")
    other.sign_in("payer-2")
    officer.post(f"/claims/{ref}/lines", cost)
    assert propose(officer, app, settled, rent(app, settled).claimed_cents - 10_000) == co
    other.post(f"/payments/{payment}/release")

    assert (len(claiming.lines(app, ref)), len(world.payments(app)), entries(app)) == before


def entries(app):
    with world.database(app).read_only() as session:
        return session.exec(select(func.count()).select_from(LedgerEntry)).one()


def test_half_a_cent_is_asked_about_and_stays_in_its_field(app, enter):
    officer, payer = enter("claims-officer"), enter("payer")
    ref = claiming.start(officer)
    for typed in ("100,005", "0,5 snt", "1e3", "-0,01"):
        page = text(claiming.add_cost(officer, app, ref, status=422, net=typed))
        assert f'value="{typed}"' in page
        assert "Vuokra Oy" in page
    settled = world.decided(app)
    payer.post(f"/payments/claims/{settled}", {"cents": "100,005"}, status=422)
    line = rent(app, settled)
    data = {**form(app, settled, 100), f"line-{line.line_no}": "100,005"}
    assert "100,005" in text(officer.post("/corrections/new", data, status=422))
    assert correction(app).claim_id != claiming.by_ref(app, settled).id


def test_a_correction_takes_back_no_more_than_the_line(app, enter):
    ref = paid(app, enter)
    officer = enter("claims-officer")
    line = rent(app, ref)
    before = entries(app)
    for typed in ("-0,01", f"-{line.claimed_cents // 100},00"):
        data = {**form(app, ref, 100, ground="county-asks", reason="Liikaa.", step="propose"),
                f"line-{line.line_no}": typed, "idempotency_key": "k"}  # fmt: skip
        page = text(officer.post("/corrections/new", data, status=422))
        assert typed in page
        assert "Liikaa." in page
    assert entries(app) == before


def test_days_end_on_the_day_before_the_23rd_birthday_in_mid_period(app, enter):
    officer = enter("claims-officer")
    with world.database(app).transaction() as session:
        stay = session.exec(
            select(Stay).join(Child, col(Child.id) == Stay.child_id).join(Unit, col(Unit.id) == Stay.unit_id)
            .where(Stay.county_id == body(session, "county", FIRST_COUNTY, TODAY).id,
                   sa.func.coalesce(col(Stay.end), date(2099, 1, 1)) > date(2026, 12, 31),
                   col(Stay.start) < date(2026, 10, 1), col(Unit.provider_id).is_(None))
            .order_by(col(Stay.id))
        ).first()  # fmt: skip
        child = session.get_one(Child, stay.child_id)
        child.birth_date, ref = date(2003, 11, 15), child.ref
    claim = claiming.start(officer)
    mine = [one for one in claiming.lines(app, claim) if one.child_ref == ref and one.basis in (Basis.OWN_DAY,)]
    assert (mine[0].first_day, mine[-1].last_day) == (date(2026, 10, 1), date(2026, 11, 14))
    assert sum(one.days for one in mine) == 45
    assert "14 November 2026" in words(officer.get(f"/claims/{claim}/days"))


def test_a_stay_corrected_after_payment_is_taken_back_in_the_next_claim_and_only_once(app, enter):
    ref = paid(app, enter)
    officer, worker = enter("claims-officer"), enter("social-worker")
    line = [one for one in world.lines(app, ref) if one.basis is Basis.PLACE_DAY][-1]
    with world.database(app).read_only() as session:
        child = session.exec(select(Child).where(Child.ref == line.child_ref)).one()
        stay = session.exec(select(Stay).where(Stay.child_id == child.id, Stay.unit_id == line.unit_id)).one()
    url = f"/children/{line.child_ref}/stays/{stay.start}/departure"
    page = text(worker.get(url))
    version = re.search(r'name="version"[^>]* value="(\d+)"', page).group(1)
    worker.post(url, {"version": version, "left_on": "21.6.2026", "code": "own-wish"})
    claim = claiming.start(officer)
    [back] = [one for one in claiming.lines(app, claim) if one.corrects_line_id == line.id]
    assert back.claimed_cents == -10 * line.day_cents, "the day of leaving does not count"
    assert "Difference" in words(officer.get(f"/claims/{claim}/lines/{back.line_no}"))

    examiner = enter("payment-examiner")  # meanwhile nearly all of the line is taken back
    data = {"claim": ref, f"line-{line.line_no}": "1,00", "ground": "county-asks", "reason": "Paikkaa ei ollut."}
    officer.post("/corrections/new", {**data, "step": "propose", "idempotency_key": "k2"})
    examiner.post(f"/corrections/{correction(app).ref}/make")
    assert "More is taken back than the" in words(officer.get(f"/claims/{claim}/check"))
    officer.post(f"/claims/{claim}/refresh", {"version": str(claiming.by_ref(app, claim).version)})
    assert "More is taken back" not in words(officer.get(f"/claims/{claim}/check"))
    assert world.breaches(app) == {}


def test_a_price_changed_backwards_gives_the_difference_of_each_line(app, enter):
    ref = paid(app, enter)
    officer = enter("claims-officer")
    bought = [one for one in world.lines(app, ref) if one.basis is Basis.PLACE_DAY]
    old = bought[0].day_cents
    with world.database(app).writer.begin() as connection:
        for name, table in connection.execute(
            sa.text("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        ).all():
            if table == "agreement_rate":
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        for table, column in (("agreement_rate", "day_cents"), ("unit", "price_day_cents")):
            connection.execute(
                sa.text(f"UPDATE {table} SET {column} = {column} - 1000 WHERE {column} = :old"), {"old": old}
            )
    claim = claiming.start(officer)
    found = {one.corrects_line_id: one for one in claiming.lines(app, claim) if one.corrects_line_id is not None}
    for line in bought:
        if line.day_cents == old:
            assert found[line.id].claimed_cents == -1000 * line.days
    page = words(officer.get(f"/claims/{claim}/lines"))
    assert "Difference" in page


def test_one_voucher_claimed_by_two_counties_stops_the_second(app, enter):
    officer, theirs = enter("claims-officer"), world.one_claim(app, ClaimStatus.IN_REVIEW, Gate.PAYMENT)
    line = rent(app, theirs.ref)
    move(app, "claims-officer", OTHER_COUNTY)
    ref = claiming.start(officer, "1.4.2026", "30.6.2026")
    days = {"first_day": f"{line.first_day:%-d.%-m.%Y}", "last_day": f"{line.last_day:%-d.%-m.%Y}"}
    cents = f"{line.claimed_cents // 100},{line.claimed_cents % 100:02d}"
    claiming.add_cost(
        officer, app, ref, unit="", net=cents, supplier=line.supplier.upper(), voucher=line.voucher.lower(), **days
    )
    officer.get(f"/claims/{theirs.ref}", status=404)
    page = words(officer.get(f"/claims/{ref}/check"))
    assert f"stands in claim {theirs.ref}" in page
    claiming.to_approver(officer, app, ref, status=422)
    assert claiming.by_ref(app, ref).status is ClaimStatus.DRAFT


def move(app, account, county):
    with world.database(app).transaction() as session:
        user = session.exec(select(User).where(User.demo_key == account)).one()
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one()
        mandate.organisation_id = body(session, "county", county, TODAY).id


def test_a_month_closed_while_somebody_works_takes_nothing_more(app, enter, make_app):
    ref = paid(app, enter)
    officer, examiner, payer = enter("claims-officer"), enter("payment-examiner"), enter("payer")
    co = propose(officer, app, ref, rent(app, ref).claimed_cents - 10_000)
    examiner.get(f"/corrections/{co}")  # the page is open while the payer closes every month that is over
    while code := re.search(r'id="close-(\d{4}-\d\d)"', text(payer.get("/ledger/periods"))):
        payer.post(f"/ledger/periods/{code.group(1)}/close")
    newest = entries(app)
    examiner.post(f"/corrections/{co}/make")
    with world.database(app).read_only() as session:
        booked = session.exec(select(LedgerEntry).order_by(col(LedgerEntry.id).desc()).limit(entries(app) - newest))
        assert {one.period for one in booked} == {"2026-11"}
    assert world.breaches(app) == {}

    # what came back on a day of a month that is closed by now keeps its day and goes to the first open month
    then = later(make_app, app, days=11)
    payer, url = JudgingClient(then), f"/recoveries/{ordered(app)}/settlements"
    payer.sign_in("payer")
    payer.post("/ledger/periods/2026-11/close")
    payer.post(url, {"cents": "40,00", "paid_on": "28.11.2026", "reference": "R1"})
    with world.database(app).read_only() as session:
        last = session.exec(select(LedgerEntry).order_by(col(LedgerEntry.id).desc())).first()
    assert (last.source_kind, last.effective_on, last.period) == ("recovery-settled", date(2026, 11, 28), "2026-12")
    assert world.breaches(app) == {}


def ordered(app):
    """The reference of the order to pay back that the demo with work has."""
    with world.database(app).read_only() as session:
        return session.exec(select(Recovery.ref)).one()


def test_the_heir_of_the_paying_agency_pays_what_the_earlier_one_decided(app, enter):
    ref = world.decided(app)
    with world.database(app).transaction() as session:
        old = body(session, "authority", PAYING_AGENCY, TODAY)
        heir = Organisation(kind=old.kind, authority_code="keha-2", name_fi="Valtion maksukeskus",
                            name_sv="Statens betalcentral", name_en="State payment centre",
                            valid_from=TODAY)  # fmt: skip
        session.add(heir)
        session.flush()
        old.valid_to, old.successor_id = TODAY - timedelta(days=1), heir.id
        for mandate in session.exec(select(UserMandate).where(UserMandate.organisation_id == old.id)):
            mandate.organisation_id = heir.id
    payer, other, officer = enter("payer"), enter("payer-2"), enter("claims-officer")
    assert ref in words(payer.get("/payments"))
    payment = world.confirmed(payer, app, ref)
    other.post(f"/payments/{payment}/release")
    assert "State payment centre" not in words(officer.get(f"/claims/{ref}")), "who decided keeps its name"
    with world.database(app).read_only() as session:
        released = session.exec(select(Payment).where(Payment.ref == payment)).one()
    assert released.released_by is not None
    assert "Paid" in words(enter("payment-examiner").get(f"/review/{ref}"))
    assert world.breaches(app) == {}
