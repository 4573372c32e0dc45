"""The checker accepts what the solver finds and refuses whatever is changed in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from optimizer import solve, verify
from optimizer.io import instance_to_json
from optimizer.problem import Fact, Instance, Result, UnitLoad
from optimizer.recount import recount
from optimizer.result_io import result_from_json, result_to_json
from tests.unit.optimizer.random_instances import small
from tests.unit.optimizer.reference import checker

Fault = Callable[[Instance, Result, random.Random], Result | None]


def solved(seed: int) -> tuple[Instance, Result]:
    instance = small(seed)
    return instance, solve(instance, workers=1)


def reference_accepts(instance: Instance, result: Result) -> bool:
    return bool(checker().verify(instance_to_json(instance), result_to_json(result))["valid"])


# Faults in the plan itself and in what it is said to reach: the reference checker sees these too.


def another_unit(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    child = dice.choice(instance.children)
    homes = [unit.id for unit in instance.units if unit.id != result.assignment[child.id]]
    return _assigned(result, child.id, dice.choice(homes)) if homes else None


def taken_out(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    placed = [child for child, home in result.assignment.items() if home is not None]
    return _assigned(result, dice.choice(placed), None) if placed else None


def more_achieved(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _level(result, dice, lambda level: replace(level, achieved=level.achieved + dice.choice([-1, 1, 50])))


def unknown_unit(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _assigned(result, dice.choice(instance.children).id, "no such unit")


def unknown_child(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _assigned(result, "nobody", instance.units[0].id)


PLAN_FAULTS: list[Fault] = [another_unit, taken_out, more_achieved, unknown_unit, unknown_child]


# Faults in what is claimed beside it: only the package's own checker looks at these.


def value_off(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _level(result, dice, lambda level: replace(level, value=level.value + dice.choice([-1, 1, 7])))


def bound_off(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _level(result, dice, lambda level: replace(level, bound=level.bound + dice.choice([-1, 1, 7])))


def proof_below_the_plan(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    """A first level said to be proven at less than the plan itself reaches; all else in keeping with that."""
    level, tolerance = result.levels[0], instance.levels[0].tolerance_permille
    if level.sense == "min" or level.value < 1 or len(result.levels) == 1:
        return None
    value = level.achieved - 1
    limit = -(-value * (1000 - tolerance) // 1000)
    return replace(result, levels=(replace(level, value=value, bound=value, limit=limit), *result.levels[1:]))


def limit_off(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _level(result, dice, lambda level: replace(level, limit=level.limit + dice.choice([-1, 1, 7])))


def proof_denied(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _level(result, dice, lambda level: replace(level, proven=not level.proven))


def level_swapped(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, levels=result.levels[::-1]) if len(result.levels) > 1 else None


def level_left_out(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, levels=result.levels[:-1])


def less_certain(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, status="feasible")


def load_off(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _load(result, dice, lambda row: row._replace(load=row.load + 1))


def cap_off(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _load(result, dice, lambda row: row._replace(cap=row.cap + 1))


def load_missing(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    rows = list(result.unit_load)
    return replace(result, unit_load=tuple(rows[:-1])) if rows else None


def load_invented(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, unit_load=(*result.unit_load, UnitLoad(instance.units[0].id, 0, "serv:yoga", 1, 1)))


def reason_missing(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _unplaced(result, dice, lambda codes: codes[:-1])


def reason_invented(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return _unplaced(result, dice, lambda codes: codes if "FORBIDDEN" in codes else (*codes, "FORBIDDEN"))


def unplaced_missing(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, unplaced=result.unplaced[:-1]) if result.unplaced else None


def eligible_forgotten(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    for index, entry in enumerate(result.unplaced):
        if entry.eligible_units:
            return _entry(result, index, replace(entry, eligible_units=entry.eligible_units[1:]))
    return None


def blocking_wrong(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    for index, entry in enumerate(result.unplaced):
        if entry.blocking:
            row = entry.blocking[0]
            wrong = dice.choice(
                [
                    replace(row, week=row.week + 1),
                    replace(row, load=row.load - 1),
                    replace(row, cap=row.cap + 1),
                    replace(row, children=(*row.children, "nobody")),
                ],
            )
            return _entry(result, index, replace(entry, blocking=(wrong, *entry.blocking[1:])))
    return None


def blocking_missing(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    for index, entry in enumerate(result.unplaced):
        if entry.blocking:
            return _entry(result, index, replace(entry, blocking=entry.blocking[1:]))
    return None


def warning_invented(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, warnings=(*result.warnings, Fact("LOCKED_OVER_CAPACITY", {"unit": "U0"})))


def warning_missing(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, warnings=result.warnings[1:]) if result.warnings else None


def another_instance(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, instance=result.instance[::-1])


def conflict_beside_a_plan(instance: Instance, result: Result, dice: random.Random) -> Result | None:
    return replace(result, conflict=(Fact("PLACED", {"child": "C0"}),))


CLAIM_FAULTS: list[Fault] = [
    value_off,
    bound_off,
    proof_below_the_plan,
    limit_off,
    proof_denied,
    level_swapped,
    level_left_out,
    less_certain,
    load_off,
    cap_off,
    load_missing,
    load_invented,
    reason_missing,
    reason_invented,
    unplaced_missing,
    eligible_forgotten,
    blocking_wrong,
    blocking_missing,
    warning_invented,
    warning_missing,
    another_instance,
    conflict_beside_a_plan,
]


def planted(faults: list[Fault], seeds: range) -> Iterator[tuple[int, str, Instance, Result]]:
    for seed in seeds:
        instance, result = solved(seed)
        dice = random.Random(seed)
        for fault in faults:
            wrong = fault(instance, result, dice)
            if wrong is not None and wrong != result:
                yield seed, fault.__name__, instance, wrong


def test_the_checker_and_the_reference_accept_the_solvers_results():
    for seed in range(5000, 5060):
        instance, result = solved(seed)
        assert verify(instance, result).valid
        assert reference_accepts(instance, result), seed


def test_checker_and_reference_agree_on_random_plans():
    agreed = {True: 0, False: 0}
    for seed in range(6000, 6400):
        agreed[plan_agrees(seed)] += 1
    assert min(agreed.values()) > 20


def plan_agrees(seed: int) -> bool:
    """Compare both checkers' recount of a random plan; return whether it breaks no rule."""
    instance = small(seed)
    dice = random.Random(seed)
    plan: dict[str, str | int | None] = {}
    for child in instance.children:
        wild = dice.choice([None, *(unit.id for unit in instance.units)])
        plan[child.id] = child.locked if child.locked is not None and dice.random() < 0.9 else wild
    ours = recount(instance, {child: str(home) for child, home in plan.items() if home is not None})
    theirs = checker().verify(instance_to_json(instance), {"assignment": plan})
    assert ours.levels == theirs["levels"], seed
    assert (not ours.faults) == theirs["valid"], (seed, ours.faults, theirs["errors"])
    return bool(theirs["valid"])


def test_both_checkers_find_every_fault_planted_in_a_plan():
    found = 0
    for seed, name, instance, wrong in planted(PLAN_FAULTS, range(7000, 7040)):
        ours = verify(instance, wrong)
        if name == "taken_out" and not any("achieved" in fault for fault in ours.faults):
            continue  # a locked child, or one that counts for no level asked for
        assert not ours.valid, (seed, name)
        if name not in ("another_unit", "taken_out", "more_achieved") or _claims_differ(instance, wrong):
            assert not reference_accepts(instance, wrong), (seed, name)
        found += 1
    assert found > 120


def _claims_differ(instance: Instance, wrong: Result) -> bool:
    verdict = checker().verify(instance_to_json(instance), {"assignment": dict(wrong.assignment)})
    if not verdict["valid"]:
        return True
    return any(verdict["levels"][level.name] != level.achieved for level in wrong.levels)


def test_the_checker_finds_every_fault_planted_in_a_claim():
    found: dict[str, int] = {}
    for seed, name, instance, wrong in planted(CLAIM_FAULTS, range(8000, 8030)):
        assert not verify(instance, wrong).valid, (seed, name)
        found[name] = found.get(name, 0) + 1
    assert set(found) == {fault.__name__ for fault in CLAIM_FAULTS}
    assert sum(found.values()) > 300


@pytest.mark.soak
@pytest.mark.parametrize("start", range(10_000, 15_000, 500))
def test_checker_and_reference_agree_on_thousands_of_plans(start: int) -> None:
    for seed in range(start, start + 500):
        plan_agrees(seed)


@pytest.mark.soak
@pytest.mark.parametrize("start", range(30_000, 35_000, 500))
def test_checker_and_reference_accept_thousands_of_results(start: int) -> None:
    for seed in range(start, start + 500):
        instance, result = solved(seed)
        assert verify(instance, result).valid, seed
        assert reference_accepts(instance, result), seed


@pytest.mark.soak
def test_both_checkers_find_hundreds_of_faults_planted_in_plans():
    found = 0
    for seed, name, instance, wrong in planted([another_unit, more_achieved], range(20_000, 20_400)):
        assert not verify(instance, wrong).valid, (seed, name)
        if _claims_differ(instance, wrong):
            assert not reference_accepts(instance, wrong), (seed, name)
            found += 1
    assert found >= 500


@pytest.mark.parametrize("seed", range(9000, 9010))
def test_a_result_survives_being_written_and_read(seed: int) -> None:
    _, result = solved(seed)

    assert result_from_json(result_to_json(result)) == result


def _assigned(result: Result, child: str, home: str | None) -> Result:
    return replace(result, assignment={**result.assignment, child: home})


def _level(result: Result, dice: random.Random, change: Callable[..., object]) -> Result:
    index = dice.randrange(len(result.levels))
    levels = list(result.levels)
    levels[index] = change(levels[index])  # type: ignore[call-overload]
    return replace(result, levels=tuple(levels))


def _load(result: Result, dice: random.Random, change: Callable[[UnitLoad], UnitLoad]) -> Result | None:
    if not result.unit_load:
        return None
    rows = list(result.unit_load)
    index = dice.randrange(len(rows))
    rows[index] = change(rows[index])
    return replace(result, unit_load=tuple(rows))


def _unplaced(
    result: Result, dice: random.Random, change: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> Result | None:
    refused = [index for index, entry in enumerate(result.unplaced) if entry.reasons]
    if not refused:
        return None
    index = dice.choice(refused)
    entry = result.unplaced[index]
    unit = dice.choice(sorted(entry.reasons))
    return _entry(result, index, replace(entry, reasons={**entry.reasons, unit: change(entry.reasons[unit])}))


def _entry(result: Result, index: int, entry: object) -> Result:
    entries = list(result.unplaced)
    entries[index] = entry  # type: ignore[call-overload]
    return replace(result, unplaced=tuple(entries))
