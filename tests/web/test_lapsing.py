"""Every euro that lapses on a 31 December is shown 90, 30 and 7 days before, equal to a plain recount of the costs."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from agreements.claim_tables import Claim, ClaimLine, ClaimStatus, ClaimVersion, CostEntry
from agreements.claim_values import Gate
from placement.reimbursed import timing
from placement.units.tables import Unit
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.web import claims_world as world
from tests.web.claims_world import cents, text, words

SEED = 20261124
LAST = date(2026, 12, 31)
BORDERS = (91, 90, 31, 30, 8, 7, 1, 0)


@pytest.fixture
def app(worked_app):
    app = worked_app
    with world.database(app).transaction() as session:
        county = world.claim(app, ClaimStatus.DRAFT).county_id
        units = [None, *session.exec(select(Unit.id).where(Unit.county_id == county))]
        draw = random.Random(SEED)
        known = session.exec(select(CostEntry)).first()
        days = [date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31)]
        days += [date(2024, 1, 1) + timedelta(days=draw.randrange(731)) for _ in range(60)]
        for number, day in enumerate(days):
            net = draw.randint(1, 5_000_000)
            session.add(
                CostEntry(
                    county_id=county,
                    unit_id=draw.choice(units),
                    cost_kind=draw.choice(("rent", "food", "staff", "utilities")),
                    first_day=day,
                    last_day=day,
                    net_cents=net,
                    other_income_cents=draw.choice((0, 0, net // 3)),
                    supplier="Satunnainen Oy",
                    voucher=f"S-{number}",
                    voucher_on=day,
                    added_by=known.added_by,
                    added_at=NOW,
                )
            )
    return app


def recount(session, county, year):
    """Add up the costs of a year that stand in no claim that was sent, without the code that is tested."""
    sent = set()
    for line, version in session.exec(select(ClaimLine, ClaimVersion).where(ClaimLine.version_id == ClaimVersion.id)):
        claim = session.get(Claim, version.claim_id)
        if claim.gate is Gate.PAYMENT and claim.sent_at is not None and claim.number == version.number:
            sent.add(line.cost_entry_id)
    total = 0
    for row in session.exec(select(CostEntry)):
        if row.county_id == county and row.first_day.year == year and row.id not in sent:
            total += row.net_cents - row.other_income_cents
    return total


def test_what_lapses_on_any_day_is_what_a_plain_recount_finds(app):
    draw = random.Random(SEED)
    lasts = (LAST, date(2027, 12, 31))
    days = [
        last - timedelta(days=left) for last in lasts for left in (*BORDERS, *(draw.randrange(365) for _ in range(20)))
    ]
    with world.database(app).read_only() as session:
        county = world.claim(app, ClaimStatus.DRAFT).county_id
        plain = {year: recount(session, county, year) for year in (2024, 2025)}
        assert min(plain.values()) > 0
        for on in days:
            first = timing.lapsing(session, county, on)[0]
            left = (date(on.year, 12, 31) - on).days
            assert (first.care_year, first.cents, first.days_left) == (on.year - 2, plain[on.year - 2], left), on
            expected = 7 if left <= 7 else 30 if left <= 30 else 90 if left <= 90 else None
            assert first.warning == expected, on


@pytest.mark.parametrize("left", [91, 90, 30, 7, 0, -1])
def test_the_sum_stands_on_today_from_the_ninetieth_day_and_no_longer_than_the_last(app, make_app, left):
    on = LAST - timedelta(days=left)
    then = make_app(
        PLACEMENT_DATABASE_URL=world.database(app).url,
        PLACEMENT_CLOCK=datetime(on.year, on.month, on.day, 9, tzinfo=UTC).isoformat(),
    )
    officer = JudgingClient(then)
    officer.sign_in("claims-officer")
    with world.database(app).read_only() as session:
        lapses = recount(session, world.claim(app, ClaimStatus.DRAFT).county_id, 2024)
    page = words(text(officer.get("/today")))
    shown = "2024 costs: last day to apply 31 December 2026" in page
    assert shown == (0 <= left <= 90)
    if shown:
        assert cents(page.split("2024 costs: last day to apply")[1].split("€")[1].split(" ")[0]) == lapses
