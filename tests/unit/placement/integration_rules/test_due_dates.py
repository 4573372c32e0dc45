"""Due dates and rights against tables a lawyer can read (tests/data/due-dates.csv, rights.csv), worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.integration.due_rules import Given, ServiceState, days_late, due, follows, plan_ends, state
from placement.integration.right_rules import Facts, StayPart, right, ripple
from placement.reference import NotInForce, integration_service_keys

DATA = Path(__file__).parents[3] / "data"
NEW_ACT = date(2025, 1, 1)


def table(name):
    """Read the table; a provision may hold the separator, so the fields between are counted from both ends."""
    lines = (DATA / name).read_text().splitlines()
    head = lines[0].split(";")
    rows = []
    for line in lines[1:]:
        cells = line.split(";")
        at = head.index("provision")
        extra = len(cells) - len(head)
        provision = ";".join(cells[at : at + extra + 1])
        why = cells[at + extra + 1 :]
        rows.append(dict(zip(head, [*cells[:at], provision, *why], strict=True)))
    return rows


def day(text):
    return date.fromisoformat(text) if text else None


def provision_and_reason(row):
    """A reason may hold semicolons too: what begins like an act belongs to the provision."""
    parts = row["provision"].split(";")
    return ";".join(part for part in parts if part.strip()[:1].isdigit() or part.strip() == "own-codes").strip()


@pytest.mark.parametrize("row", table("due-dates.csv"), ids=lambda row: row["case"])
def test_a_service_is_due_as_the_table_says(row):
    event, permit = day(row["counted from"]), day(row["first permit"])
    if row["due"] == "none":
        with pytest.raises(NotInForce):
            due(row["service"], event, first_permit=permit)
        return
    found = due(row["service"], event, first_permit=permit)
    assert found.day == day(row["due"])
    assert (found.side, found.source) == (row["answers for it"], provision_and_reason(row))


def test_the_table_is_long_enough_and_stands_on_both_sides_of_each_change():
    rows = table("due-dates.csv")
    assert len(rows) >= 40
    by_kind = {}
    for row in rows:
        side = "before" if day(row["counted from"]) < NEW_ACT else "after"
        by_kind.setdefault(row["service"], []).append(side)
    changed = [
        "basic_information", "guidance_advice", "skills_assessment", "integration_plan", "plan_review", "referral",
        "integration_training", "society_orientation", "language_training",
    ]  # fmt: skip
    for kind in changed:
        assert min(by_kind[kind].count("before"), by_kind[kind].count("after")) >= 2, kind
    untested = set(integration_service_keys()) - by_kind.keys()
    assert untested == {"second_hearing", "hearing_again", "decision_review"}, "these have no day of their own"


@pytest.mark.parametrize("row", table("rights.csv"), ids=lambda row: row["case"])
def test_the_right_is_as_the_table_says(row):
    facts = Facts(
        birth_date=day(row["birth"]),
        ground=row["ground"],
        entered_on=day(row["permit"]) or date(2020, 1, 1),
        permit_on=day(row["permit"]),
        residence_from=day(row["municipality of residence"]),
        guardian_on=day(row["guardian arrived"]),
    )
    found = right(facts, day(row["asked on"]))
    assert found.first_paid == day(row["first day paid"])
    assert found.last_paid == day(row["last day paid"])
    assert found.home_last == day(row["last day in a home"])
    assert found.end.source == row["provision"].split(";")[0]


@pytest.mark.parametrize(
    ("given", "on", "expected", "late"),
    [
        (Given(date(2026, 3, 1)), date(2026, 3, 1), ServiceState.OWED, 0),
        (Given(date(2026, 3, 1)), date(2026, 3, 2), ServiceState.LATE, 1),
        (Given(date(2026, 2, 1)), date(2026, 2, 1), ServiceState.OWED, 0),
        (Given(date(2026, 2, 1)), date(2026, 2, 3), ServiceState.LATE, 2),
        (Given(date(2026, 3, 1), reported_on=date(2026, 3, 5)), date(2026, 9, 1), ServiceState.REPORTED, 4),
        (Given(date(2026, 3, 1), delivered_on=date(2026, 3, 1)), date(2026, 9, 1), "delivered", 0),
        (Given(date(2026, 3, 1), closed_as="not-needed"), date(2026, 9, 1), "not-needed", 184),
    ],
)  # fmt: skip
def test_the_last_day_itself_is_in_time(given, on, expected, late):
    assert state(given, on) == expected
    assert days_late(given, on) == late


def test_the_plan_follows_the_assessment_and_reviews_follow_the_plan_while_it_lasts():
    first = date(2026, 1, 15)
    assert follows("skills_assessment", first).kind == "integration_plan"
    ends = plan_ends(first)
    assert ends == date(2028, 1, 15)
    assert plan_ends(first, extended=True) == date(2030, 1, 15)
    assert follows("plan_review", ends - timedelta(days=1), plan_ends=ends).kind == "plan_review"
    assert follows("plan_review", ends, plan_ends=ends) is None
    assert follows("third_sector", first) is None
    with pytest.raises(NotInForce):
        plan_ends(date(2024, 12, 31))


@given(event=st.dates(NEW_ACT, date(2032, 12, 31)))
def test_a_review_is_never_more_than_six_months_away(event):
    found = due("plan_review", event).day
    months = (found.year - event.year) * 12 + found.month - event.month
    assert months == 6
    assert found.day <= event.day


def test_a_corrected_birth_date_moves_every_day_that_hangs_on_it():
    before = Facts(date(2009, 6, 1), "permit_after_application", date(2025, 1, 2), date(2025, 1, 2), date(2025, 2, 1))
    after = Facts(date(2007, 6, 1), "permit_after_application", date(2025, 1, 2), date(2025, 1, 2), date(2025, 2, 1))
    home = StayPart("family_group_home", date(2025, 3, 1), date(2027, 6, 1))
    found = ripple(before, after, (home,), home="family_group_home", on=date(2026, 11, 24))
    assert {one.what for one in found.moved} == {"turns-18", "turns-23", "last-paid", "hearing-12", "hearing-15"}
    assert found.adult_already
    assert (found.age_before, found.age_after) == (17, 19)
    assert found.stays_after == ((home, date(2025, 5, 31)),)
    assert found.days_not_paid == 0


def test_days_beyond_the_new_right_are_counted():
    before = Facts(date(2004, 1, 1), "permit_after_application", date(2020, 1, 2), date(2020, 1, 2), date(2020, 2, 1))
    after = Facts(date(2003, 11, 20), "permit_after_application", date(2020, 1, 2), date(2020, 1, 2), date(2020, 2, 1))
    flat = StayPart("supported_own_flat", date(2023, 3, 1), None)
    found = ripple(before, after, (flat,), home="family_group_home", on=date(2026, 11, 24))
    assert found.right_over
    assert found.days_not_paid == 5  # 20, 21, 22, 23 and 24 November
