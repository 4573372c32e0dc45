"""Explanations say what is true: each is checked by trying all plans or by solving again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from optimizer import explain, solve
from optimizer.ground import widened
from optimizer.loads import Loads
from optimizer.problem import Fact, Instance, Requirements, Result, SiblingGroup, Window
from optimizer.recount import consumption, limit, own_refusals, together_in_time
from optimizer.repairs import Change, Repair, applied
from tests.unit.optimizer.brute_force import optima, plans
from tests.unit.optimizer.named import ALL_LEVELS, AMIR, HAAPA, KOIVU, NOOR, ZAHRA, instance, must, should
from tests.unit.optimizer.random_instances import small

Homes = dict[str, str | None]


def solved(seed: int) -> tuple[Instance, Result]:
    found = replace(small(seed), levels=ALL_LEVELS[:4])
    return found, solve(found, workers=1)


# Conflicts, by trying every plan of the children they are about


def can_hold(whole: Instance, result: Result, child: str, facts: Sequence[Fact]) -> bool:
    """Whether some plan of the child, its siblings and the kept children meets all of `facts`."""
    subjects = {child}
    for group in whole.sibling_groups:
        free = not any(whole.child_by_id[member].locked for member in group.members)
        if group.mode == "must" and child in group.members and free:
            subjects |= set(group.members)
    kept = {c.id for c in whole.children if c.locked is None and result.assignment[c.id] is not None}
    wide = widened(whole, [whole.child_by_id[name] for name in sorted(subjects)])
    return any(
        all(holds(whole, wide, homes, fact) for fact in facts)
        for homes in everywhere(whole, sorted(subjects | kept), subjects)
    )


def everywhere(whole: Instance, names: list[str], subjects: set[str]) -> Iterator[Homes]:
    if not names:
        yield {}
        return
    child = whole.child_by_id[names[0]]
    units: list[str | None] = [None]
    for unit in whole.units:
        foes = {a if b == child.id else b for a, b in whole.apart if child.id in (a, b)}
        near = any(whole.child_by_id[foe].locked == unit.id and together_in_time(whole, foe, child.id) for foe in foes)
        if child.id in subjects or (not near and not own_refusals(whole, child, unit)):
            units.append(unit.id)
    for rest in everywhere(whole, names[1:], subjects):
        for unit_id in units:
            yield {child.id: unit_id, **rest}


def holds(whole: Instance, wide: Instance, homes: Homes, fact: Fact) -> bool:
    about = fact.about
    child = str(about.get("child"))
    if fact.code in ("CHILD_PLACED", "STAYS_PLACED"):
        return homes[child] is not None
    if fact.code == "REASON":
        home = homes[child]
        refused = own_refusals(whole, whole.child_by_id[child], whole.unit_by_id[home]) if home else []
        return about["reason"] not in refused
    if fact.code == "APART":
        first, second = about["children"]  # type: ignore[misc]
        places = [homes.get(name) or whole.child_by_id[name].locked for name in (first, second)]
        return places[0] is None or places[0] != places[1] or not together_in_time(whole, first, second)
    if fact.code == "SIBLINGS":
        group = next(group for group in whole.sibling_groups if group.id == about["group"])
        return siblings_hold(whole, group, homes)
    assert fact.code == "LIMIT"
    return within(wide, homes, str(about["unit"]), str(about["resource"]))


def siblings_hold(whole: Instance, group: SiblingGroup, homes: Homes) -> bool:
    locks = {whole.child_by_id[member].locked for member in group.members} - {None}
    free = {homes[member] for member in group.members if member in homes}
    return free - {None} <= locks if locks else len(free) == 1


def within(wide: Instance, homes: Homes, unit_id: str, resource: str) -> bool:
    unit = wide.unit_by_id[unit_id]
    for week in range(wide.horizon_weeks):
        load = locked = 0
        for child in wide.children:
            if (child.locked or homes.get(child.id)) != unit_id or not child.start <= week < child.end:
                continue
            amount = dict(consumption(wide, child, unit)).get(resource, 0)
            load += amount
            locked += amount if child.locked else 0
        if load > max(locked, limit(unit, resource, week)):
            return False
    return True


def check_conflicts(seeds: range) -> int:
    checked = 0
    for seed in seeds:
        whole, result = solved(seed)
        for missing in explain.all_unplaced(whole, result):
            if not missing.conflict:
                assert can_be_placed_too(whole, result, missing.child), (seed, missing.child)
                continue
            facts = missing.conflict
            assert not can_hold(whole, result, missing.child, facts), (seed, facts)
            for index, fact in enumerate(facts):
                fewer = facts[:index] + facts[index + 1 :]
                assert can_hold(whole, result, missing.child, fewer), (seed, fact, facts)
            checked += 1
    return checked


def can_be_placed_too(whole: Instance, result: Result, child: str) -> bool:
    wanted = {name for name, home in result.assignment.items() if home is not None} | {child}
    return any(wanted <= plan.keys() for plan in plans(whole))


def test_conflicts_cannot_hold_and_could_without_any_one_member():
    assert check_conflicts(range(100, 130)) > 30


@pytest.mark.soak
@pytest.mark.parametrize("start", range(1000, 1300, 50))
def test_hundreds_of_conflicts_cannot_hold_and_could_without_any_one_member(start: int) -> None:
    assert check_conflicts(range(start, start + 50)) > 50


# Repairs, by solving the repaired instance and everything cheaper


def lets_in(whole: Instance, result: Result, child: str, changes: Sequence[Change]) -> bool:
    return can_be_placed_too(applied(whole, changes), result, child)


def single_changes(whole: Instance, child: str, most: int) -> Iterator[Change]:
    """Yield every single change of amounts up to `most` that could matter to anybody."""
    codes = {code for one in whole.children for code in one.languages}
    services = {code for one in whole.children for code in one.services}
    counties = {one.county for one in whole.children}
    kinds = ["beds", "care", "interp", *(f"lang:{code}" for code in sorted(codes))]
    kinds += [f"serv:{code}" for code in sorted(services)] + [f"quota:{county}" for county in sorted(counties)]
    for unit in whole.units:
        for what in kinds:
            kind, _, code = what.partition(":")
            if kind == "lang" and code not in unit.languages:
                continue  # the staff would have to learn it: no repair adds a language
            lowest = 0 if kind == "serv" and code not in unit.services else 1
            yield from (Change(unit.id, what, amount) for amount in range(lowest, most + 1))
        for change in longer_windows(whole, unit.id):
            if change.amount <= most:
                yield change


def longer_windows(whole: Instance, unit_id: str) -> Iterator[Change]:
    unit = whole.unit_by_id[unit_id]
    first, last = unit.windows[0].start, unit.windows[-1].end
    for start in range(min(0, first), first + 1):
        for end in range(last, max(last, whole.horizon_weeks) + 1):
            if (start, end) != (first, last):
                yield Change(unit_id, "window", first - start + end - last, start, end)


def check_repairs(seeds: range) -> int:
    checked = 0
    for seed in seeds:
        whole = small(seed, most_children=6, most_units=3)
        unmixed = tuple(replace(unit, max_same_group_permille=1000) for unit in whole.units)
        whole = replace(whole, units=unmixed, levels=ALL_LEVELS[:2])
        result = solve(whole, workers=1)
        for missing in explain.all_unplaced(whole, result, n=3):
            if missing.conflict:
                check_one(whole, result, missing.repairs, seed)
                checked += len(missing.repairs)
    return checked


def check_one(whole: Instance, result: Result, repairs: tuple[Repair, ...], seed: int) -> None:
    for repair in repairs:
        assert lets_in(whole, result, repair.child, repair.changes), (seed, repair)
    assert [repair.effort for repair in repairs] == sorted(repair.effort for repair in repairs), seed
    if not repairs:
        return
    best = repairs[0]
    count, amount = best.effort
    # Of one change all smaller ones are tried; of several, that no single one does, however large.
    most = amount - 1 if count == 1 else 60
    for change in single_changes(whole, best.child, most):
        if count > 1 and change.amount not in (0, most) and change.what != "window":
            continue
        assert not lets_in(whole, result, best.child, [change]), (seed, best, change)


def test_repairs_let_the_child_in_and_none_is_cheaper():
    assert check_repairs(range(200, 208)) > 10


@pytest.mark.soak
@pytest.mark.parametrize("start", range(2000, 2200, 20))
def test_hundreds_of_repairs_let_the_child_in_and_none_is_cheaper(start: int) -> None:
    assert check_repairs(range(start, start + 20)) > 20


def test_one_more_place_is_the_repair_where_only_a_bed_is_missing():
    full = instance([AMIR, replace(ZAHRA, priority=1)], [replace(KOIVU, windows=(Window(0, 52, 1),))])

    missing = explain.unplaced(full, solve(full, workers=1), "zahra")

    assert missing.conflict == (
        Fact("CHILD_PLACED", {"child": "zahra"}),
        Fact("STAYS_PLACED", {"child": "amir"}),
        Fact("LIMIT", {"resource": "beds", "unit": "koivu"}),
    )
    assert missing.repairs == (Repair("zahra", "koivu", (Change("koivu", "beds", 1),), ()),)


def test_a_longer_agreement_is_the_repair_where_it_ends_too_early():
    short = instance([AMIR], [replace(KOIVU, windows=(Window(0, 40, 3),))])

    missing = explain.unplaced(short, solve(short, workers=1), "amir")

    assert missing.repairs[0].changes == (Change("koivu", "window", 12, 0, 52),)


def test_what_cannot_be_repaired_has_no_repair():
    boys_only = instance([ZAHRA], [replace(KOIVU, gender="M")])

    missing = explain.unplaced(boys_only, solve(boys_only, workers=1), "zahra")

    assert missing.repairs == ()
    assert [fact.code for fact in missing.conflict] == ["CHILD_PLACED", "REASON"]


def test_a_sibling_group_needs_room_for_all_of_them():
    one_bed = instance([AMIR, ZAHRA], [replace(KOIVU, windows=(Window(0, 52, 1),))], groups=[must("amir", "zahra")])

    missing = explain.unplaced(one_bed, solve(one_bed, workers=1), "amir")

    assert {fact.code for fact in missing.conflict} == {"CHILD_PLACED", "SIBLINGS", "LIMIT"}
    assert missing.repairs[0].changes == (Change("koivu", "beds", 1),)


def test_a_placed_child_has_no_reason_to_be_unplaced():
    whole = instance([AMIR], [KOIVU])

    with pytest.raises(ValueError, match="has a place"):
        explain.unplaced(whole, solve(whole, workers=1), "amir")


# Why not elsewhere, by trying every plan with the child there


def check_why_nots(seeds: range) -> int:
    checked = 0
    for seed in seeds:
        whole, result = solved(seed)
        for child, unit in ((child, unit.id) for child in whole.children for unit in whole.units):
            why = explain.why_not(whole, result, child.id, unit)
            if child.locked is not None or result.assignment[child.id] == unit:
                assert why.verdict in ("locked", "there")
                continue
            there = [plan for plan in plans(whole) if plan.get(child.id) == unit]
            if not there:
                assert why.verdict in ("refused", "impossible"), (seed, why)
                continue
            assert why.verdict == "possible", (seed, why)
            best = optima(whole, there)
            assert [(change.name, change.after) for change in why.levels] == [
                (level.name, level.value) for level in best
            ], seed
            assert any(move.child == child.id and move.after == unit for move in why.moves)
            checked += 1
    return checked


def test_why_not_equals_the_best_of_all_plans_with_the_child_there():
    assert check_why_nots(range(300, 330)) > 30


@pytest.mark.soak
@pytest.mark.parametrize("start", range(3000, 3300, 50))
def test_hundreds_of_why_nots_equal_the_best_of_all_plans(start: int) -> None:
    assert check_why_nots(range(start, start + 50)) > 40


def test_a_refusal_has_the_numbers_of_its_rule():
    whole = instance(
        [replace(AMIR, age_months=170, services={"trauma": 3, "wheelchair": 0}, care_hours=101)],
        [replace(KOIVU, age_min=180, services={"trauma": 2}), HAAPA],
    )

    why = explain.why_not(whole, solve(whole, workers=1), "amir", "koivu")

    assert why.verdict == "refused"
    assert why.refusals == (
        Fact("AGE_BELOW", {"age_months": 170, "least": 180}),
        Fact("SERVICE_MISSING", {"service": "trauma", "hours": 3, "unit": 2}),
        Fact("SERVICE_MISSING", {"service": "wheelchair", "hours": 0, "unit": None}),
        Fact("CAPACITY", {"resource": "care", "hours": 101, "unit": 100}),
    )


def test_the_last_bed_given_to_another_says_who_loses_it():
    one_bed = replace(KOIVU, windows=(Window(0, 52, 1),))
    whole = instance([replace(AMIR, priority=5), ZAHRA], [one_bed])

    why = explain.why_not(whole, solve(whole, workers=1), "zahra", "koivu")

    assert why.verdict == "possible"
    assert [(change.before, change.after, change.loss) for change in why.levels] == [(50, 20, 30)]
    assert [(move.child, move.before, move.after) for move in why.moves] == [
        ("amir", "koivu", None),
        ("zahra", None, "koivu"),
    ]


def test_the_score_parts_add_up_to_the_fit():
    wished = replace(AMIR, wishes=("koivu",), current="haapa")
    whole = instance([wished, ZAHRA], [KOIVU, HAAPA], groups=[should("amir", "zahra")], levels=ALL_LEVELS[:2])

    placed = explain.placement(whole, solve(whole, workers=1), "amir")

    assert placed is not None
    assert sum(part.millipoints for part in placed.parts) // 1000 == placed.fit
    assert placed.bonuses == (("family", 300),)
    assert {part.name: part.score for part in placed.parts}["wish"] in (0, 1000)


@pytest.mark.parametrize("seed", range(400, 420))
def test_alternatives_are_the_units_open_to_the_child_free_ones_first(seed: int) -> None:
    whole, result = solved(seed)
    for child in whole.children:
        found = explain.alternatives(whole, result, child.id, n=99)
        assert [one.free for one in found] == sorted((one.free for one in found), reverse=True)
        for one in found:
            assert one.free == (not one.blocking)
            assert one.unit != result.assignment[child.id]
            if one.free and child.id not in {m for g in whole.sibling_groups for m in g.members}:
                moved = {**result.assignment, child.id: one.unit}
                over = [row for row in Loads(whole, moved).rows() if row.unit == one.unit and row.load > row.cap]
                locked = Loads(whole, moved).locked[one.unit]
                for row in over:
                    assert row.week is not None
                    assert locked.get(row.resource, [0] * 99)[row.week] > row.cap


# What a person insists on


@pytest.mark.parametrize(
    ("requirements", "codes"),
    [
        (Requirements(place=(("zahra", "boys"),)), ["PLACE", "REASON"]),
        (Requirements(place=(("amir", "koivu"), ("noor", "koivu"))), ["PLACE", "PLACE", "LIMIT"]),
        (Requirements(place=(("amir", "koivu"), ("amir", "boys"))), ["PLACE", "PLACE"]),
        (Requirements(place=(("locked", "koivu"),)), ["PLACE", "LOCKED"]),
        (Requirements(place=(("noor", "koivu"),), placed=("amir",), max_moves=0), ["PLACE", "SIBLINGS", "LIMIT"]),
        (Requirements(place=(("noor", "koivu"), ("zahra", "haapa"))), ["PLACE", "PLACE", "SIBLINGS"]),
        (Requirements(placed=("noor", "zahra"), max_moves=0), ["CHILD_PLACED"] * 2 + ["LIMIT", "MAX_MOVES"]),
    ],
)
def test_requirements_that_cannot_be_met_have_a_smallest_conflict(requirements: Requirements, codes: list[str]) -> None:
    boys = replace(KOIVU, id="boys", gender="M")
    small_home = replace(KOIVU, windows=(Window(0, 52, 1),))
    children = [
        AMIR,
        replace(ZAHRA, current="koivu"),
        replace(NOOR, current="koivu"),
        replace(AMIR, id="locked", locked="boys"),
    ]
    whole = instance(children, [small_home, boys, HAAPA], groups=[must("zahra", "noor")])

    result = solve(whole, requirements=requirements, workers=1)

    assert result.status == "infeasible"
    assert result.conflict is not None
    assert sorted(fact.code for fact in result.conflict) == sorted(codes)


def test_requirements_that_can_be_met_are():
    whole = instance([AMIR, ZAHRA], [KOIVU, HAAPA])

    result = solve(whole, requirements=Requirements(place=(("zahra", "haapa"),), placed=("amir",)), workers=1)

    assert result.status == "optimal"
    assert result.assignment["zahra"] == "haapa"
