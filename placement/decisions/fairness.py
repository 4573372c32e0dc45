"""How a finished plan treated different groups: counted after the run and reported, never an aim of it. Pure.

Groups are first language, sex and age; a group of fewer than SMALLEST children is not shown by itself,
because a number about one or two children tells who they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from optimizer.problem import Child, Instance

Fact = dict[str, Any]
SMALLEST = 3
AGE_BANDS = ((0, 155, "0-12"), (156, 191, "13-15"), (192, 215, "16-17"), (216, 10_000, "18-22"))


def report(instance: Instance, assignment: Mapping[str, str | int | None]) -> list[Fact]:
    """Return one row for each group of free children: how many, placed, first wish met, mean days waited."""
    free = [child for child in instance.children if child.locked is None]
    found: list[Fact] = []
    for kind, group_of in (("language", _language), ("sex", _sex), ("age", _age)):
        groups: dict[str, list[Child]] = {}
        for child in free:
            groups.setdefault(group_of(child), []).append(child)
        small = [child for members in groups.values() if len(members) < SMALLEST for child in members]
        shown = {name: members for name, members in groups.items() if len(members) >= SMALLEST}
        found += [_row(kind, name, shown[name], assignment) for name in sorted(shown)]
        if len(small) >= SMALLEST:
            found.append(_row(kind, "others", small, assignment))
    return found


def _row(kind: str, name: str, members: Iterable[Child], assignment: Mapping[str, str | int | None]) -> Fact:
    children = list(members)
    wishing = [child for child in children if child.wishes]
    return {
        "kind": kind,
        "group": name,
        "children": len(children),
        "placed": sum(assignment.get(child.id) is not None for child in children),
        "wishing": len(wishing),
        "first_wish": sum(assignment.get(child.id) == child.wishes[0] for child in wishing),
        "mean_days_waited": sum(child.waiting_days for child in children) // len(children),
    }


def _language(child: Child) -> str:
    return max(child.languages, key=lambda code: (child.languages[code], code), default="none")


def _sex(child: Child) -> str:
    return child.gender


def _age(child: Child) -> str:
    age = child.age_months + 3 * child.start // 13
    return next(name for least, most, name in AGE_BANDS if least <= age <= most)
