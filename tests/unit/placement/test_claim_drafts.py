"""A draft written anew keeps what a person chose, shares costs to the cent, and lists what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agreements.claim_building import Material, lines_of
from agreements.claim_values import Basis, Gate
from agreements.period import Period
from placement.reimbursed.building_rules import (
    Choices,
    LeftOut,
    choices_in,
    compose,
    part_of_cost,
    unexplained,
    voucher_day,
)
from placement.reimbursed.checking_rules import Done, county_problems
from placement.reimbursed.pasting_rules import as_csv
from tests.claiming import HALF, care, cost, invoice, price

BOUGHT = Material(HALF, (care(),), (price(),), (invoice(cents=4_525_000),), (replace(cost(), id=7),))
ABOVE = replace(BOUGHT, invoices=(invoice(cents=4_530_000),))
OWN = Material(HALF, (care(),))


def left_out(first, last, reason="Poissa"):
    return Choices((LeftOut("CH-AAAA-0001", 1, Period(first, last), reason),))


def test_without_choices_a_draft_is_what_the_facts_give():
    assert compose(BOUGHT, Choices()) == lines_of(BOUGHT)


@given(
    first=st.dates(date(2026, 1, 1), date(2026, 6, 20)),
    days=st.integers(0, 10),
    explained=st.booleans(),
    without_cost=st.booleans(),
)
def test_choices_survive_writing_the_draft_anew(first, days, explained, without_cost):
    key = voucher_day(next(one for one in lines_of(ABOVE) if one.basis is Basis.PLACE_DAY))
    chosen = replace(
        left_out(first, first + timedelta(days=days)),
        explained={key: "rounding"} if explained and first > date(2026, 1, 1) else {},
        costs={7: "Ei kuulu"} if without_cost else {},
        late={2026: "Sairaus"},
    )
    once = compose(ABOVE, chosen)
    assert compose(ABOVE, choices_in(once)) == once


@given(first=st.dates(date(2026, 1, 1), date(2026, 6, 30)), length=st.integers(0, 60))
def test_days_left_out_are_nowhere_else_and_no_day_is_lost(first, length):
    last = min(first + timedelta(days=length), date(2026, 6, 30))
    lines = compose(OWN, left_out(first, last))
    assert sum(one.count for one in lines) == 181
    assert sum(one.count for one in lines if one.basis is Basis.LEFT_OUT) == (last - first).days + 1


def test_days_left_out_take_their_part_of_the_invoice_and_the_rest_is_not_claimed_for_more():
    chosen = left_out(date(2026, 1, 1), date(2026, 1, 10))
    invoiced = [one for one in compose(BOUGHT, chosen) if one.basis is Basis.PLACE_DAY]
    assert [one.count for one in invoiced] == [171]
    assert invoiced[0].claimed_cents == min(171 * 25_000, invoiced[0].invoiced_cents or 0)
    assert (invoiced[0].invoiced_cents or 0) == round(4_525_000 * 171 / 181)


@given(cents=st.integers(1, 10_000_000), first=st.dates(date(2026, 5, 1), date(2026, 6, 30)), days=st.integers(1, 90))
def test_a_cost_over_two_periods_is_claimed_once_to_the_cent(cents, first, days):
    whole = cost(cents=cents, days=Period(first, first + timedelta(days=days)))
    later = Period(date(2026, 7, 1), date(2026, 12, 31))
    parts = [part_of_cost(whole, period) for period in (HALF, later)]
    assert sum(one.net_cents for one in parts if one is not None) == cents
    assert part_of_cost(whole, Period(date(2025, 1, 1), date(2025, 6, 30))) is None


def test_a_difference_to_the_invoice_is_asked_about_until_it_is_explained():
    lines = compose(ABOVE, Choices())
    [(number, line)] = unexplained(lines)
    assert lines[number - 1] is line
    key = voucher_day(line)
    assert unexplained(compose(ABOVE, Choices(explained={key: "rounding"}))) == []
    assert [one.code for one in _problems(lines)] == ["difference-unexplained"]
    assert _problems(compose(ABOVE, Choices(explained={key: "rounding"}))) == []


def _problems(lines, *, declared=True, accepted=("CH-AAAA-0001",), on=date(2026, 8, 1)):
    return [
        one
        for one in county_problems(lines, Done(declared, frozenset(accepted), on), HALF, Gate.PAYMENT)
        if one.blocking
    ]


def test_days_and_declaration_are_asked_for_and_an_open_period_is_only_told():
    lines = compose(OWN, Choices())
    assert {one.code for one in _problems(lines, declared=False, accepted=())} == {"days-not-accepted", "not-declared"}
    told = county_problems(lines, Done(True, frozenset({"CH-AAAA-0001"}), date(2026, 3, 1)), HALF, Gate.PAYMENT)
    assert [(one.code, one.blocking) for one in told] == [("period-not-over", False)]


def test_pasted_rows_are_the_table_of_a_file():
    assert as_csv("a\tb;c\r\n1\t2\r\n") == b'a;"b;c"\r\n1;2\r\n'
    assert as_csv("a;b\n1;2") == b"a;b\r\n1;2\r\n"
