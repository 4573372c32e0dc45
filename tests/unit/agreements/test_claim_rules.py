"""Days, ceilings and everything that stands against a claim, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import claim_rules as rules
from agreements.claim_building import (
    ApprovedDays,
    Material,
    differences,
    lines_of,
    reserved_lines,
    shared_costs,
)
from agreements.claim_values import Basis, Claimed, Grant, Line
from agreements.period import Period
from tests.claiming import FIRST, HALF, LAST, care, cost, cover, invoice, price

CHILD = "CH-AAAA-0001"


def bought(cents: int, *, days: Period = HALF, price_cents: int = 25_000, invoiced: int | None = None) -> Line:
    count = days.days or 0
    return Line(
        Basis.PLACE_DAY,
        "place_days",
        days,
        count,
        cents,
        1,
        CHILD,
        day_cents=price_cents,
        ceiling_cents=count * price_cents,
        invoiced_cents=cents if invoiced is None else invoiced,
        supplier="Hoiva Oy",
        voucher="V1",
        evidence_id=1,
    )


def codes(problems: list) -> list[str]:
    return [problem.code for problem in problems]


def line_codes(line: Line, *, sent_on: date = date(2026, 8, 1)) -> list[str]:
    return codes(rules.line_problems(line, 1, period=HALF, sent_on=sent_on))


def test_the_arrival_counts_and_the_leaving_day_does_not():
    stay = care(arrived=date(2026, 3, 10), left=date(2026, 3, 12))
    assert rules.care_days(stay, HALF) == Period(date(2026, 3, 10), date(2026, 3, 11))
    assert rules.care_days(replace(stay, leaving_day_counts=True), HALF).days == 3
    assert rules.care_days(replace(stay, left=date(2026, 3, 10)), HALF) is None
    assert rules.care_days(care(arrived=date(2026, 7, 1)), HALF) is None


@pytest.mark.parametrize(
    ("first", "left", "days"),
    [(date(2026, 3, 28), date(2026, 3, 30), 2), (date(2025, 10, 25), date(2025, 10, 27), 2)],
)
def test_a_night_on_which_the_clocks_change_is_a_day_like_any_other(first, left, days):
    assert rules.care_days(care(arrived=first, left=left), Period(date(2025, 1, 1), LAST)).days == days


def test_a_move_counts_in_exactly_one_unit():
    old = care(left=date(2026, 3, 10), unit=1)
    new = care(arrived=date(2026, 3, 10), unit=2)
    assert rules.care_days(old, HALF).days + rules.care_days(new, HALF).days == HALF.days


@given(st.integers(-100, 400), st.integers(0, 400), st.integers(1, 99_999), st.integers(1, 99_999))
def test_a_ceiling_is_each_day_at_its_own_price(start, length, old_cents, new_cents):
    first = date(2025, 12, 1) + timedelta(days=start)
    days = Period(first, first + timedelta(days=length))
    change = date(2026, 3, 1)
    prices = [
        price(cents=old_cents, first=date(2020, 1, 1), last=change - timedelta(days=1)),
        price(cents=new_cents, first=change),
        price(unit=2, cents=7, first=date(2020, 1, 1)),
    ]
    parts = rules.priced_parts(days, 1, prices)
    by_day = sum(old_cents if first + timedelta(days=offset) < change else new_cents for offset in range(length + 1))
    assert sum(part.ceiling_cents for part in parts) == by_day
    assert sum(part.count for part in parts) == length + 1


def test_a_day_without_a_price_is_an_error_and_not_a_ceiling_of_nothing():
    with pytest.raises(rules.UncoveredDays, match="2026-01-01 to 2026-01-31"):
        rules.priced_parts(HALF, 1, [price(first=date(2026, 2, 1))])


def test_days_outside_the_right_or_the_agreement_are_refused_with_the_reason():
    stay = care(
        right=Period(date(2026, 1, 5), date(2026, 6, 20)),
        needs_agreement=True,
        agreements=(cover(last=date(2026, 5, 31)),),
    )
    paid, refused = rules.payable_days(stay, HALF)
    assert paid == [Period(date(2026, 1, 5), date(2026, 5, 31))]
    assert refused == [
        (Period(FIRST, date(2026, 1, 4)), "before-right"),
        (Period(date(2026, 6, 21), LAST), "after-right"),
        (Period(date(2026, 6, 1), date(2026, 6, 20)), "agreement-missing"),
    ]
    assert rules.payable_days(replace(stay, right=None), HALF) == ([], [(HALF, "before-right")])
    outside = replace(stay, right=Period(date(2027, 1, 1), None))
    assert rules.payable_days(outside, HALF) == ([], [(HALF, "before-right")])


def test_the_23rd_birthday_in_mid_period_ends_the_days():
    lines = lines_of(Material(HALF, care=(care(right=Period(date(2025, 1, 1), date(2026, 4, 9))),)))
    assert [(line.basis, line.count, line.note) for line in lines] == [
        (Basis.OWN_DAY, 99, ""),
        (Basis.LEFT_OUT, 82, "after-right"),
    ]


def test_what_is_claimed_is_what_was_invoiced_at_most_the_ceiling():
    count = HALF.days
    low = lines_of(Material(HALF, (care(),), (price(),), (invoice(cents=4_000_000),)))
    high = lines_of(Material(HALF, (care(),), (price(),), (invoice(cents=5_000_000),)))
    assert [(line.claimed_cents, line.ceiling_cents, line.invoiced_cents) for line in low + high] == [
        (4_000_000, count * 25_000, 4_000_000),
        (count * 25_000, count * 25_000, 5_000_000),
    ]
    assert line_codes(replace(high[0], evidence_id=1)) == ["invoice-cut"]


@given(st.integers(1, 9_999_999), st.integers(1, 60_000), st.integers(1, 60_000), st.integers(0, 180))
def test_the_parts_of_an_invoice_never_add_up_to_more_than_it(cents, old, new, gone):
    change = date(2026, 3, 17)
    prices = (price(cents=old, last=change - timedelta(days=1)), price(cents=new, first=change))
    back = date(2026, 1, 1) + timedelta(days=gone)
    stays = (
        care(left=date(2026, 2, 2)),
        care(arrived=max(back, date(2026, 2, 3)), right=Period(date(2025, 1, 1), date(2026, 5, 17))),
    )
    lines = [line for line in lines_of(Material(HALF, stays, prices, (invoice(cents=cents),))) if line.claimed_cents]
    assert sum(line.invoiced_cents for line in lines) <= cents
    for line in lines:
        assert line.claimed_cents == min(line.invoiced_cents, line.count * line.day_cents)


def test_bought_days_without_an_invoice_wait_for_it():
    months = Period(FIRST, date(2026, 3, 31))
    lines = lines_of(Material(HALF, (care(),), (price(),), (invoice(days=months, cents=90 * 25_000),)))
    assert [(line.basis, line.count, line.note) for line in lines] == [
        (Basis.PLACE_DAY, 90, ""),
        (Basis.LEFT_OUT, 91, "invoice-missing"),
    ]


def test_days_that_stand_in_another_claim_are_not_claimed_again():
    taken = (Claimed("CL-1", 1, CHILD, Period(date(2026, 2, 1), date(2026, 2, 28))),)
    lines = lines_of(Material(HALF, (care(),), taken=taken))
    assert sum(line.count for line in lines) == HALF.days - 28


def test_a_cost_over_the_new_year_is_cut_by_year_and_adds_up():
    winter = Period(date(2025, 12, 1), date(2026, 2, 28))
    lines = lines_of(Material(winter, costs=(cost(cents=10_001, days=winter, vat_cents=2_401),)))
    assert [(line.care_year, line.claimed_cents, line.vat_cents) for line in lines] == [
        (2025, 3_445, 827),
        (2026, 6_556, 1_574),
    ]
    assert sum(line.claimed_cents for line in lines) == 10_001


def test_other_income_is_taken_off_and_shown():
    [line] = lines_of(Material(HALF, costs=(cost(cents=10_000, other_income_cents=2_500),)))
    assert (line.claimed_cents, line.other_income_cents) == (7_500, 2_500)
    assert "other-income" in line_codes(replace(line, evidence_id=1))


def test_a_shared_cost_is_split_by_largest_remainder_and_the_rule_is_printed():
    parts = shared_costs(cost(cents=100_00, unit=None), [(1, 1), (2, 1), (3, 1)], "place-days 1:1:1")
    assert [part.net_cents for part in parts] == [3_334, 3_333, 3_333]
    assert {(part.shared_cents, part.share_rule) for part in parts} == {(10_000, "place-days 1:1:1")}


def test_reserved_places_are_claimed_only_at_an_agreed_price():
    [line] = reserved_lines(HALF, price(), 10)
    assert (line.claimed_cents, line.count) == (125_000, 10)
    assert reserved_lines(HALF, replace(price(), empty_day_cents=0), 10) == []
    assert reserved_lines(HALF, price(), 0) == []


def test_the_last_day_to_apply_is_two_years_from_the_end_of_the_year():
    assert rules.last_day_of_application(date(2024, 1, 1)) == date(2026, 12, 31)
    assert rules.last_day_of_recovery(2025) == date(2030, 12, 31)
    assert line_codes(bought(100), sent_on=date(2028, 12, 31)) == []
    assert line_codes(bought(100), sent_on=date(2029, 1, 1)) == ["deadline-passed"]
    assert line_codes(replace(bought(100), late_reason="appeal"), sent_on=date(2029, 1, 1)) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (bought(5_000_000, invoiced=9_000_000), "above-ceiling"),
        (bought(100, invoiced=99), "above-invoice"),
        (replace(bought(100), ceiling_cents=1), "ceiling-wrong"),
        (replace(bought(100), voucher=""), "voucher-missing"),
        (replace(bought(100), evidence_id=None), "evidence-missing"),
        (replace(bought(100), days=Period(date(2025, 12, 31), LAST)), "outside-period"),
        (replace(bought(100), days=Period(date(2025, 12, 31), LAST)), "two-years"),
        (replace(bought(100), claimed_cents=-1), "negative"),
        (Line(Basis.OWN_DAY, "place_days", HALF, 181, 5, 1, CHILD), "days-have-no-sum"),
        (Line(Basis.LEFT_OUT, "place_days", HALF, 181, 0, 1, CHILD), "left-out-without-reason"),
    ],
)
def test_each_fault_of_a_line_is_told(line, code):
    assert code in line_codes(line)


def test_a_clean_line_has_no_problem():
    assert line_codes(bought(100)) == []


def test_a_day_of_a_child_is_claimed_once_here_and_in_all_claims():
    early, late = Period(FIRST, date(2026, 3, 31)), Period(date(2026, 3, 31), LAST)
    lines = [bought(1, days=early), bought(1, days=late)]
    assert codes(rules.overlap_problems(lines, [])) == ["day-twice"]
    other = Claimed("CL-9", 4, CHILD, Period(LAST, LAST))
    [problem] = rules.overlap_problems([bought(1, days=late)], [other])
    assert (problem.code, problem.fact("claim"), problem.fact("first")) == ("already-claimed", "CL-9", "2026-06-30")
    stranger = Claimed("CL-9", 4, "CH-BBBB-0002", HALF)
    assert rules.overlap_problems(lines[:1], [stranger]) == []


def test_a_voucher_in_two_counties_is_found():
    line = replace(bought(100), voucher="v-17")
    same = Claimed("CL-8", 2, None, HALF, "HOIVA OY", "V-17", 100)
    [problem] = rules.voucher_problems([line], [same])
    assert (problem.code, problem.blocking) == ("voucher-elsewhere", True)
    [doubt] = rules.voucher_problems([line], [replace(same, cents=99)])
    assert not doubt.blocking
    assert rules.voucher_problems([line], [replace(same, supplier="Muu Oy")]) == []
    assert codes(rules.voucher_problems([line, line], [])) == ["voucher-twice"]


def test_what_another_claim_took_over_is_named_once_by_the_line_s_own_number():
    line = replace(bought(100), voucher="v-17")
    there = [Claimed("CL-9", number, CHILD, HALF) for number in (1, 2)]
    voucher = Claimed("CL-8", 1, None, HALF, line.supplier, "V-17", 100)
    found = rules.taken_over({4: line, 7: line}, there, [voucher])
    named = [(one.line_no, one.code, one.fact("claim")) for one in found]
    assert named == [
        (4, "voucher-elsewhere", "CL-8"),
        (4, "already-claimed", "CL-9"),
        (7, "voucher-elsewhere", "CL-8"),
        (7, "already-claimed", "CL-9"),
    ]
    assert rules.taken_over({4: line}, [], [replace(voucher, cents=99)]) == []


def test_a_cost_outside_the_centre_s_decision_names_the_missing_decision():
    grant = Grant(7, "CL-G", "place_days", 1, None, HALF, 150)
    line = replace(bought(100), grant_line_id=7)
    assert rules.grant_problems([line], [grant]) == []
    [missing] = rules.grant_problems([replace(line, cost_kind="rent")], [grant])
    assert (missing.code, missing.fact("kind")) == ("decision-missing", "rent")
    [over] = rules.grant_problems([line, line], [grant])
    assert (over.code, over.fact("over")) == ("decision-exceeded", "50")
    assert codes(rules.grant_problems([bought(100)], [grant])) == ["decision-missing"]
    outside = replace(grant, valid=Period(FIRST, date(2026, 5, 31)))
    assert codes(rules.grant_problems([line], [outside])) == ["decision-missing"]


def test_the_narrowest_grant_wins():
    wide = Grant(1, "CL-G", "place_days", None, None, HALF, 1)
    unit = Grant(2, "CL-G", "place_days", 1, None, HALF, 1)
    child = Grant(3, "CL-G", "place_days", None, CHILD, HALF, 1)
    line = bought(1)
    assert rules.grant_for(line, [wide, unit, child]).line_id == 3
    assert rules.grant_for(line, [wide, unit]).line_id == 2
    assert rules.grant_for(line, [replace(unit, unit_id=2)]) is None


def test_a_correction_takes_back_no_more_than_was_approved():
    back = Line(Basis.DIFFERENCE, "place_days", HALF, 0, -60, corrects=5)
    assert rules.correction_problems([back], {5: 60}) == []
    assert codes(rules.correction_problems([back, back], {5: 100})) == ["takes-back-too-much"]
    assert codes(rules.correction_problems([back], {})) == ["corrects-unknown"]


def test_more_days_than_agreed_places_is_a_doubt():
    [problem] = rules.place_problems([bought(1), bought(1)], [(1, HALF, 1)])
    assert (problem.code, problem.blocking) == ("above-agreed-places", False)
    assert rules.place_problems([bought(1)], [(1, HALF, 1)]) == []


def test_interpreting_beside_calculated_compensation_is_a_doubt():
    line = Line(Basis.ACTUAL, "interpreting", HALF, 0, 5, 1, CHILD)
    assert codes(rules.double_funding([line], [(CHILD, Period(LAST, LAST))])) == ["calculated-compensation"]
    assert rules.double_funding([line], [("CH-BBBB-0002", HALF)]) == []
    assert rules.double_funding([replace(line, cost_kind="rent")], [(CHILD, HALF)]) == []


def test_a_stay_corrected_after_payment_gives_a_difference_and_touches_nothing():
    approved = ApprovedDays(5, CHILD, 1, HALF, 25_000, 181 * 25_000, 181 * 25_000)
    assert differences([approved], [care()], [price()]) == []
    [line] = differences([approved], [care(left=date(2026, 6, 1))], [price()])
    assert (line.claimed_cents, line.count, line.corrects) == (-30 * 25_000, 30, 5)
    [gone] = differences([approved], [], [price()])
    assert gone.claimed_cents == -181 * 25_000


def test_a_price_changed_backwards_gives_a_difference_by_its_days():
    approved = ApprovedDays(5, CHILD, 1, HALF, 25_000, 181 * 25_000, 181 * 25_000)
    lower = [price(cents=25_000, last=date(2026, 3, 31)), price(cents=24_000, first=date(2026, 4, 1))]
    assert [line.claimed_cents for line in differences([approved], [care()], lower)] == [-91 * 1_000]


@given(st.lists(st.tuples(st.integers(0, 180), st.integers(0, 60)), min_size=1, max_size=5), st.integers(0, 250))
def test_days_of_a_child_are_claimed_or_left_out_once(stays, right_ends):
    rows, day = [], 0
    for gap, length in stays:
        first = date(2026, 1, 1) + timedelta(days=day + gap % 9)
        left = first + timedelta(days=length)
        day = (left - date(2026, 1, 1)).days
        rows.append(
            care(
                arrived=first, left=left, right=Period(date(2025, 6, 1), date(2026, 1, 1) + timedelta(days=right_ends))
            )
        )
    lines = lines_of(Material(HALF, tuple(rows)))
    covered = {
        row.arrived + timedelta(days=offset)
        for row in rows
        for offset in range((row.left - row.arrived).days)
        if HALF.covers(row.arrived + timedelta(days=offset))
    }
    assert sum(line.count for line in lines) == len(covered)
    claimed = sum(line.count for line in lines if line.basis is Basis.OWN_DAY)
    assert claimed == len([one for one in covered if rows[0].right.covers(one)])
    assert rules.overlap_problems(lines, []) == []
