"""Invented instances for the bench: seeded, with scarce beds, of every size from a county to a continent."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from optimizer.io import instance_from_json
from optimizer.problem import Instance

HORIZON = 52
LANGUAGES = ("fi", "sv", "en", "so", "ar", "fa", "ku", "ps", "ti", "uk", "ru", "fr", "am")
MOTHER_TONGUES = {"so": 22, "ar": 20, "fa": 17, "ku": 9, "uk": 9, "ps": 6, "ti": 6, "ru": 4, "fr": 4, "am": 3}
METERED = {"trauma": 0.3, "psychiatric": 0.16, "prep_education": 0.4, "school_support": 0.2, "substance": 0.06}
LEVELS = (("placed", "max", 0), ("fit", "max", 10), ("moves", "min", 0), ("cost", "min", 10), ("fairness", "max", 0))


@dataclass(frozen=True, slots=True)
class Size:
    """How large an instance is, its beds per child in the fullest week, and how freely units take children.

    `open_units` is the share of units that take children of every county; `moving` the share of children
    who live somewhere already.
    """

    children: int
    units: int
    beds: float
    open_units: float
    moving: float


SIZES: Mapping[str, Size] = {
    "S": Size(20, 6, 1.0, 0.85, 0.2),
    "M": Size(150, 30, 1.1, 0.7, 0.35),
    "L": Size(1_000, 150, 0.97, 0.55, 0.2),
    "XL": Size(5_000, 600, 0.97, 0.55, 0.2),
    "XXL": Size(20_000, 2_500, 0.97, 0.55, 0.2),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of unit: share of all, beds, youngest and oldest (months), highest support, care hours a bed."""

    share: int
    beds: tuple[int, int]
    ages: tuple[int, int]
    support: int
    care: int
    price: tuple[int, int]


KINDS: Mapping[str, Kind] = {
    "family_group_home": Kind(50, (6, 12), (0, 215), 4, 23, (280, 390)),
    "supported_housing": Kind(22, (5, 14), (190, 252), 3, 13, (150, 230)),
    "supported_apartment": Kind(18, (2, 5), (192, 252), 2, 9, (80, 130)),
    "foster_family": Kind(10, (1, 3), (0, 215), 4, 26, (110, 170)),
}


def instance(size: str, seed: int) -> Instance:
    """Return the instance of that size and seed, always the same."""
    made = instance_from_json(as_json(size, seed))
    assert isinstance(made, Instance)
    return made


def as_json(size: str, seed: int, like: Size | None = None) -> dict[str, Any]:
    """Return the instance as JSON; `like` says what it is like where `size` is no common one."""
    asked = like or SIZES[size]
    dice = random.Random(f"{size} {seed}")  # noqa: S311 - invented data, not secrets
    counties = [f"C{k}" for k in range(max(3, min(21, asked.units // 9)))]
    places = [
        {
            "id": f"M{k}",
            "x": dice.randint(0, 500),
            "y": dice.randint(0, 900),
            "county": counties[k % len(counties)],
            "prep_education": dice.random() < 0.7,
        }
        for k in range(max(6, min(120, asked.units // 3)))
    ]
    names = [f"U{k}" for k in range(asked.units)]
    children = [_child(dice, k, places, counties, names, asked) for k in range(asked.children)]
    fullest = max(sum(c["start"] <= week < c["end"] for c in children) for week in range(HORIZON))
    units = _units(dice, names, places, counties, asked, round(fullest * asked.beds))
    return {
        "format": "placement-instance/1",
        "name": f"bench {size} {seed}",
        "seed": seed,
        "horizon_weeks": HORIZON,
        "languages": list(LANGUAGES),
        "services": [*METERED, "wheelchair"],
        "municipalities": places,
        "children": children,
        "units": units,
        "sibling_groups": _siblings(dice, children),
        "apart": _apart(dice, children),
        "fit_weights": {"language": 300, "distance": 200, "wish": 150, "stability": 200, "schooling": 100, "peers": 50},
        "interpreter_cost_hour": 60,
        "levels": [{"name": name, "sense": sense, "tolerance_permille": give} for name, sense, give in LEVELS],
    }


def day(whole: Instance, plan: Mapping[str, str | int | None], seed: int = 0) -> Instance:
    """Return a day's work: four fifths of the children placed by `plan` are locked where it puts them."""
    placed = sorted(child for child, unit in plan.items() if unit is not None)
    dice = random.Random(seed)  # noqa: S311 - invented data, not secrets
    locked = set(dice.sample(placed, len(placed) * 4 // 5))
    return replace(
        whole,
        name=f"{whole.name} day",
        children=tuple(
            replace(child, locked=str(plan[child.id])) if child.id in locked else child for child in whole.children
        ),
    )


def _child(
    dice: random.Random, k: int, places: list[Any], counties: list[str], units: list[str], asked: Size
) -> dict[str, Any]:
    tongue = dice.choices(list(MOTHER_TONGUES), list(MOTHER_TONGUES.values()))[0]
    age = int(dice.triangular(96, 224, 203))
    support = dice.choices([1, 2, 3, 4], [25, 40, 27, 8])[0]
    spoken = {tongue: 5}
    for code, chance, top in (("fi", 0.55, 4), ("en", 0.35, 4)):
        if dice.random() < chance:
            spoken[code] = dice.randint(1, top)
    needs = {code: dice.randint(1, 4) for code, chance in METERED.items() if dice.random() < chance}
    if dice.random() < 0.025:
        needs["wheelchair"] = 0
    start = 0 if dice.random() < 0.6 else dice.randint(1, 26)
    stay = int((216 - age) * 4.345) + dice.randint(0, 40) if age < 216 else dice.randint(8, 90)
    return {
        "id": f"K{k}",
        "age_months": age,
        "gender": "F" if dice.random() < 0.28 else "M",
        "languages": spoken,
        "services": needs,
        "support_level": support,
        "care_hours": dice.randint(*((6, 10), (12, 20), (20, 30), (34, 48))[support - 1]),
        "language_hours": dice.randint(2, 6),
        "interpreter_hours": dice.randint(2, 5),
        "group": tongue,
        "county": dice.choice(counties),
        "relatives": dice.choice(places)["id"] if dice.random() < 0.45 else None,
        "current": dice.choice(units) if dice.random() < asked.moving else None,
        "start": start,
        "end": start + max(4, min(200, stay)),
        "priority": dice.choices([1, 2, 3, 4, 5], [30, 30, 22, 12, 6])[0],
        "waiting_days": int(dice.expovariate(1 / 60)),
        "wishes": dice.sample(units, dice.randint(1, min(3, len(units)))) if dice.random() < 0.4 else [],
        "forbidden": dice.sample(units, 1) if dice.random() < 0.06 else [],
    }


def _units(
    dice: random.Random, names: list[str], places: list[Any], counties: list[str], asked: Size, beds: int
) -> list[dict[str, Any]]:
    kinds = [dice.choices(list(KINDS), [kind.share for kind in KINDS.values()])[0] for _ in names]
    kinds[:2] = ["family_group_home", "supported_housing"]
    wanted = [dice.randint(*KINDS[kind].beds) for kind in kinds]
    scale = beds / sum(wanted)
    return [
        _unit(dice, name, kind, max(1, int(size * scale + dice.random())), dice.choice(places), counties, asked)
        for name, kind, size in zip(names, kinds, wanted, strict=True)
    ]


def _unit(
    dice: random.Random, name: str, kind_name: str, beds: int, place: Any, counties: list[str], asked: Size
) -> dict[str, Any]:
    kind = KINDS[kind_name]
    first, last = -dice.randint(10, 200), dice.choice([52, 104, 156])
    windows = [{"from": first, "to": last, "beds": beds}]
    if dice.random() < 0.12 and beds >= 4:
        turn = dice.randint(6, 30)
        later = beds + dice.choice([-2, -1, 1, 2])
        windows = [{"from": first, "to": turn, "beds": beds}, {"from": turn, "to": last, "beds": later}]
    quota = {"*": beds}
    if dice.random() > asked.open_units:
        near = [county for county in counties if county == place["county"] or dice.random() < 0.3]
        quota = {county: max(1, int(beds * dice.choice([0.3, 0.5, 1]))) for county in near}
    spoken = dice.sample([*MOTHER_TONGUES, "en"], min(6, 2 + beds // 3))
    services = {code: max(2, int(beds * dice.uniform(0.4, 1.2))) for code in METERED if dice.random() < 0.65}
    if dice.random() < 0.4:
        services["wheelchair"] = 0
    price = dice.randint(*kind.price)
    return {
        "id": name,
        "type": kind_name,
        "municipality": place["id"],
        "county": place["county"],
        "windows": windows,
        "quota": quota,
        "age_min": dice.choice([84, 120]) if kind.ages[0] == 0 and dice.random() < 0.3 else kind.ages[0],
        "age_max": kind.ages[1],
        "gender": dice.choices(["any", "F", "M"], [80, 8, 12])[0],
        "support_min": 1,
        "support_max": kind.support,
        "languages": {"fi": 0, **{code: max(3, int(beds * dice.uniform(0.6, 2.2))) for code in spoken}},
        "interpreter_hours": int(beds * dice.uniform(0, 1.6)) + 2,
        "services": services,
        "care_hours": max(10, int(beds * kind.care * dice.uniform(0.8, 1.05))),
        "max_same_group_permille": dice.choice([400, 500, 600, 1000]) if beds > 3 else 1000,
        "price_day": price,
        "price_empty_day": int(price * 0.7),
    }


def _siblings(dice: random.Random, children: list[dict[str, Any]]) -> list[dict[str, Any]]:
    free = list(range(len(children)))
    dice.shuffle(free)
    groups = []
    for k in range(max(1, len(children) // 18)):
        members = [children[free.pop()] for _ in range(dice.choices([2, 3, 4], [75, 20, 5])[0])]
        first = members[0]
        for other in members[1:]:
            other["languages"][first["group"]] = 5
            other.update({key: first[key] for key in ("group", "county", "relatives", "start")})
            other["end"] = max(other["end"], other["start"] + 4)
        mode = "must" if dice.random() < 0.55 else "should"
        groups.append({"id": f"G{k}", "members": [child["id"] for child in members], "mode": mode, "bonus": 150})
    return groups


def _apart(dice: random.Random, children: list[dict[str, Any]]) -> list[list[str]]:
    names = [child["id"] for child in children]
    pairs = {frozenset(dice.sample(names, 2)) for _ in range(max(1, len(names) // 12))}
    return sorted(sorted(pair) for pair in pairs)
