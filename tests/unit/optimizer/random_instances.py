"""Small random placement instances in which every rule has a fair chance to bind."""

from __future__ import annotations

import random
from typing import Any

from optimizer.io import instance_from_json
from optimizer.problem import LEVEL_SENSES, Instance

LANGUAGES = ["fi", "so", "ar", "uk"]
SERVICES = ["trauma", "prep_education", "wheelchair"]
COUNTIES = ["North", "South"]


def small_json(seed: int, most_children: int = 7, most_units: int = 4) -> dict[str, Any]:
    """Return the JSON of an instance with up to that many children and units, the same for a seed."""
    dice = random.Random(seed)
    horizon = dice.randint(4, 12)
    municipalities = [
        {
            "id": f"M{k}",
            "x": dice.randint(0, 300),
            "y": dice.randint(0, 300),
            "county": dice.choice(COUNTIES),
            "prep_education": dice.random() < 0.6,
        }
        for k in range(3)
    ]
    units = [_unit(dice, k, horizon) for k in range(dice.randint(1, most_units))]
    unit_ids = [unit["id"] for unit in units]
    children = [_child(dice, k, horizon, unit_ids) for k in range(dice.randint(1, most_children))]
    ids = [child["id"] for child in children]
    return {
        "format": "placement-instance/1",
        "name": f"small {seed}",
        "horizon_weeks": horizon,
        "languages": LANGUAGES,
        "services": SERVICES,
        "municipalities": municipalities,
        "children": children,
        "units": units,
        "sibling_groups": _sibling_groups(dice, ids),
        "apart": _apart(dice, ids),
        "fit_weights": {
            part: dice.choice([0, 100, 300])
            for part in ("language", "distance", "wish", "stability", "schooling", "peers")
        },
        "interpreter_cost_hour": dice.choice([0, 60]),
        "levels": _levels(dice),
    }


def small(seed: int, most_children: int = 7, most_units: int = 4) -> Instance:
    """Return the instance of `small_json`."""
    instance = instance_from_json(small_json(seed, most_children, most_units))
    assert isinstance(instance, Instance)
    return instance


def _unit(dice: random.Random, k: int, horizon: int) -> dict[str, Any]:
    beds = dice.randint(1, 3)
    end = horizon if dice.random() < 0.93 else dice.randint(2, horizon)
    windows = [{"from": -dice.randint(0, 5), "to": end, "beds": beds}]
    if dice.random() < 0.35:
        cut = dice.randint(1, end - 1) if end > 1 else 1
        windows = [
            {"from": -3, "to": cut, "beds": beds},
            {"from": cut, "to": max(end, cut + 1), "beds": max(0, beds + dice.choice([-1, 1]))},
        ]
    spoken = ["fi", *dice.sample(LANGUAGES[1:], dice.randint(0, 2))]
    quota: dict[str, int] = {"*": dice.randint(1, 3)} if dice.random() < 0.9 else {}
    if dice.random() < 0.3:
        quota[dice.choice(COUNTIES)] = dice.randint(0, 2)
    price = dice.randint(100, 300)
    return {
        "id": f"U{k}",
        "type": dice.choice(["family_group_home", "supported_housing", "supported_apartment", "foster_family"]),
        "municipality": f"M{dice.randrange(3)}",
        "county": dice.choice(COUNTIES),
        "windows": windows,
        "quota": quota,
        "age_min": dice.choice([0, 0, 0, 0, 150]),
        "age_max": dice.choice([200, 250, 250, 250]),
        "gender": dice.choice(["any"] * 8 + ["F", "M"]),
        "support_min": dice.choice([1, 1, 1, 1, 2]),
        "support_max": dice.choice([3, 4, 4, 4]),
        "languages": {code: 0 if code == "fi" else dice.randint(3, 12) for code in spoken},
        "interpreter_hours": dice.choice([3, 6, 12]),
        "services": {code: dice.randint(0, 6) for code in SERVICES if dice.random() < 0.85},
        "care_hours": dice.randint(20, 60),
        "max_same_group_permille": dice.choice([400, 700, 1000, 1000]),
        "price_day": price,
        "price_empty_day": dice.randint(0, price),
    }


def _child(dice: random.Random, k: int, horizon: int, units: list[str]) -> dict[str, Any]:
    start = 0 if dice.random() < 0.5 else dice.randint(0, horizon - 1)
    languages = {dice.choice(LANGUAGES[1:]): dice.randint(3, 5)}
    if dice.random() < 0.5:
        languages[dice.choice(LANGUAGES)] = dice.randint(1, 5)
    child: dict[str, Any] = {
        "id": f"C{k}",
        "age_months": dice.randint(100, 210),
        "gender": dice.choice("FM"),
        "languages": languages,
        "services": {code: dice.randint(0, 3) for code in SERVICES if dice.random() < 0.15},
        "support_level": dice.choice([1, 2, 2, 3, 3, 4]),
        "care_hours": dice.randint(0, 25),
        "language_hours": dice.randint(0, 5),
        "interpreter_hours": dice.randint(0, 5),
        "group": dice.choice(["so", "so", "so", "ar"]),
        "county": dice.choice(COUNTIES),
        "relatives": dice.choice([None, "M0", "M1", "M2"]),
        "current": dice.choice([None, None, *units]),
        "start": start,
        "end": start + dice.randint(1, horizon + 3),
        "priority": dice.randint(1, 5),
        "waiting_days": dice.choice([0, 20, 40, 100, 500]),
        "wishes": dice.sample(units, dice.randint(0, min(2, len(units)))),
        "forbidden": dice.sample(units, 1) if dice.random() < 0.1 else [],
    }
    if dice.random() < 0.12:
        child["locked"] = dice.choice(units)
    return child


def _sibling_groups(dice: random.Random, ids: list[str]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    free = list(ids)
    dice.shuffle(free)
    while len(free) >= 2 and dice.random() < 0.5:
        members = [free.pop() for _ in range(min(len(free), dice.choice([2, 2, 3])))]
        mode = dice.choice(["must", "should"])
        groups.append(
            {"id": f"G{len(groups)}", "members": members, "mode": mode, "bonus": dice.choice([0, 50, 150])},
        )
    if len(ids) >= 2 and dice.random() < 0.3:
        members = dice.sample(ids, 2)
        groups.append({"id": f"G{len(groups)}", "members": members, "mode": "should", "bonus": 80})
    return groups


def _apart(dice: random.Random, ids: list[str]) -> list[list[str]]:
    pairs: dict[frozenset[str], list[str]] = {}
    while len(ids) >= 2 and dice.random() < 0.5:
        pair = dice.sample(ids, 2)
        pairs.setdefault(frozenset(pair), pair)
    return list(pairs.values())


def _levels(dice: random.Random) -> list[dict[str, Any]]:
    names = list(LEVEL_SENSES)
    if dice.random() < 0.3:
        dice.shuffle(names)
        names = names[: dice.randint(1, 6)]
    return [
        {"name": name, "sense": LEVEL_SENSES[name], "tolerance_permille": dice.choice([0, 0, 10, 100])}
        for name in names
    ]
