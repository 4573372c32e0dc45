"""What goes into the optimizer and what comes out: frozen values, no behaviour, standard library only.

All quantities are integers. Weeks count from 0 (the run's first Monday) and periods are half-open
`[start, end)`. Hours are per week. Ages are in months. Money is in one unit per instance (the product
writes cents). `optimizer.io` reads and writes these values as JSON and names every fault it finds;
the dataclasses themselves check nothing, so that the messages live in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

PLACEMENT_INSTANCE = "placement-instance/1"
PAIR_RESOURCE = "pair-resource/1"
PLACEMENT_RESULT = "placement-result/1"

LevelName = Literal["placed", "fit", "moves", "cost", "fairness", "balance", "value"]
Sense = Literal["max", "min"]
SiblingMode = Literal["must", "should"]
Status = Literal["optimal", "feasible", "infeasible", "unknown"]
"""`unknown`: the time ran out before any plan was found that keeps to what must be (no placement alone)."""

LEVEL_SENSES: Mapping[str, Sense] = {
    "placed": "max",
    "fit": "max",
    "moves": "min",
    "cost": "min",
    "fairness": "max",
    "balance": "min",
}
"""The levels a placement instance may ask for, in their default order, and the sense each must have."""

REASON_CODES = (
    "AGE_BELOW",
    "AGE_ABOVE",
    "GENDER",
    "SUPPORT_LEVEL",
    "SERVICE_MISSING",
    "LANGUAGE",
    "AGREEMENT_NOT_IN_FORCE",
    "NO_QUOTA",
    "FORBIDDEN",
    "CAPACITY",
    "SIBLING",
)
"""Why a child cannot live in a unit at all. Bit k of a reason mask is `REASON_CODES[k]`."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality: `x`, `y` in kilometres; `prep_education` whether it gives preparatory education."""

    id: str
    x: int
    y: int
    county: str
    prep_education: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Weeks `[start, end)` in which a unit may be used, and its beds in them. `start` may be negative."""

    start: int
    end: int
    beds: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit children live in.

    `windows` are contiguous and in order. `age_min` and `age_max` are months, both inclusive, as are
    `support_min` and `support_max`. `languages` and `services` map a code to hours a week; 0 hours of a
    language means it is spoken, 0 hours of a service that it is there without being metered. `quota` maps
    a county to the most of its children at one time, `*` being the cap of each county not named (not a
    pool); neither means none. Of one group at most `max_same_group_permille` of the beds (1000 = no
    limit). Prices are per day for a filled and for an empty place.
    """

    id: str
    type: str
    municipality: str
    county: str
    windows: tuple[Window, ...]
    quota: Mapping[str, int]
    age_min: int
    age_max: int
    gender: str
    support_min: int
    support_max: int
    languages: Mapping[str, int]
    interpreter_hours: int
    services: Mapping[str, int]
    care_hours: int
    max_same_group_permille: int
    price_day: int
    price_empty_day: int


@dataclass(frozen=True, slots=True)
class Child:
    """A child who needs a place for weeks `[start, end)`; `end` may lie beyond the horizon.

    `age_months` is the age at week 0. `languages` maps a code to proficiency 1..5, `services` a code to
    hours a week (0 = needed, not metered). `language_hours` are own-language staff hours used where a
    language is shared, `interpreter_hours` where none is. `current` is the unit lived in today, if any;
    `locked` the unit a person has decided, which no plan may change.
    """

    id: str
    age_months: int
    gender: str
    languages: Mapping[str, int]
    services: Mapping[str, int]
    support_level: int
    care_hours: int
    language_hours: int
    interpreter_hours: int
    group: str
    county: str
    relatives: str | None
    current: str | None
    start: int
    end: int
    priority: int
    waiting_days: int
    wishes: tuple[str, ...]
    forbidden: tuple[str, ...]
    locked: str | None = None


@dataclass(frozen=True, slots=True)
class SiblingGroup:
    """Siblings who `must` or `should` live in one unit; `bonus` is fit points per member when all do."""

    id: str
    members: tuple[str, ...]
    mode: SiblingMode
    bonus: int


@dataclass(frozen=True, slots=True)
class FitWeights:
    """Weights of the fit's parts, per mille each."""

    language: int = 300
    distance: int = 200
    wish: int = 150
    stability: int = 200
    schooling: int = 100
    peers: int = 50


@dataclass(frozen=True, slots=True)
class Level:
    """One goal in the lexicographic order; later goals may give back `tolerance_permille` of its optimum."""

    name: LevelName
    sense: Sense
    tolerance_permille: int


@dataclass(frozen=True)
class Instance:
    """A placement problem (`placement-instance/1`)."""

    name: str
    horizon_weeks: int
    languages: tuple[str, ...]
    services: tuple[str, ...]
    municipalities: tuple[Municipality, ...]
    children: tuple[Child, ...]
    units: tuple[Unit, ...]
    sibling_groups: tuple[SiblingGroup, ...]
    apart: tuple[tuple[str, str], ...]
    fit_weights: FitWeights
    interpreter_cost_hour: int
    levels: tuple[Level, ...]
    seed: int | None = None
    read_digest: str | None = field(default=None, init=False, compare=False, repr=False)
    """sha256 of the canonical file this came from, set by `optimizer.io` after its checks, else None.

    `dataclasses.replace` starts it anew, so a changed copy can never carry the old file's digest.
    """

    @cached_property
    def child_by_id(self) -> Mapping[str, Child]:
        """Children by id."""
        return {child.id: child for child in self.children}

    @cached_property
    def unit_by_id(self) -> Mapping[str, Unit]:
        """Units by id."""
        return {unit.id: unit for unit in self.units}

    @cached_property
    def language_rank(self) -> Mapping[str, int]:
        """Place of each language in `languages`: of two equally well spoken ones the earlier counts."""
        return {code: rank for rank, code in enumerate(self.languages)}

    @cached_property
    def must_group_by_child(self) -> Mapping[str, SiblingGroup]:
        """The must group of each child who is in one."""
        return {child: group for group in self.sibling_groups if group.mode == "must" for child in group.members}

    @cached_property
    def foes_by_child(self) -> Mapping[str, tuple[str, ...]]:
        """The children each child is to be kept apart from, for those who are."""
        found: dict[str, tuple[str, ...]] = {}
        for first, second in self.apart:
            found[first] = (*found.get(first, ()), second)
            found[second] = (*found.get(second, ()), first)
        return found

    @cached_property
    def municipality_by_id(self) -> Mapping[str, Municipality]:
        """Municipalities by id."""
        return {municipality.id: municipality for municipality in self.municipalities}


@dataclass(frozen=True, slots=True)
class Pairs:
    """The allowed item-bin pairs of a `PairInstance`: parallel arrays of item, bin and value."""

    item: tuple[int, ...]
    bin: tuple[int, ...]
    value: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """One capacity row: chosen pairs `pair[k]` use `use[k]` each, together at most `cap`."""

    id: str
    cap: int
    pair: tuple[int, ...]
    use: tuple[int, ...]


@dataclass(frozen=True)
class PairInstance:
    """A generic assignment problem (`pair-resource/1`): each item in at most (or exactly) one bin.

    The real objective is the sum of the chosen pairs' values divided by `scale`. With `must_assign` every
    item needs a bin, so the instance can be infeasible.
    """

    name: str
    sense: Sense
    scale: int
    items: int
    bins: int
    must_assign: bool
    pairs: Pairs
    resources: tuple[Resource, ...]
    read_digest: str | None = field(default=None, init=False, compare=False, repr=False)
    """As `Instance.read_digest`."""


AnyInstance = Instance | PairInstance


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a person insists on: `place` (child, unit) pairs, children who must be `placed`, `max_moves`."""

    place: tuple[tuple[str, str], ...] = ()
    placed: tuple[str, ...] = ()
    max_moves: int | None = None


About = str | int | float | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A coded statement with its numbers: `{"code": code, **about}`. Sentences are the reader's business."""

    code: str
    about: Mapping[str, About]


@dataclass(frozen=True, slots=True)
class LevelResult:
    """What was reached at one level.

    `value` and `bound` are the best value and the proven bound of the level's own stage (equal when
    `proven`), `limit` the row passed on to later levels, `achieved` the returned assignment's own value.
    `seconds` is wall clock; `solver` names what decided the stage.
    """

    name: LevelName
    sense: Sense
    value: int
    bound: int
    limit: int
    achieved: int
    proven: bool
    seconds: float
    solver: str


class UnitLoad(NamedTuple):
    """Use of one resource of one unit in one week, with its capacity. Loads of 0 are left out.

    A tuple, because a national result holds tens of thousands. Resources: `beds`, `care`, `interp`,
    `lang:CODE`, `serv:CODE`, `group:GROUP` (only where the unit limits groups) and `quota:COUNTY`.
    For pair-resource results `unit` and `week` are None and `resource` is the row's id.
    """

    unit: str | None
    week: int | None
    resource: str
    load: int
    cap: int


@dataclass(frozen=True, slots=True)
class Blocking:
    """Why an eligible unit has no room for a child: adding the child breaks this row in `week`.

    `load` is without the child; `children` use the resource in that week. `resource` is one of
    `UnitLoad`'s, or `apart`, where `children` are those to be kept apart, `load` their number, `cap` 0.
    """

    unit: str
    resource: str
    week: int
    load: int
    cap: int
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An unplaced child: units eligible, reasons per refused unit, and what fills the eligible ones."""

    child: str
    eligible_units: tuple[str, ...]
    reasons: Mapping[str, tuple[str, ...]]
    blocking: tuple[Blocking, ...]


@dataclass(frozen=True, slots=True)
class Parameters:
    """How the run was asked for; `time_limit` in seconds, None = until proven."""

    seed: int
    workers: int
    time_limit: float | None


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds of wall clock per phase."""

    load: float = 0.0
    eligibility: float = 0.0
    rows: float = 0.0
    bound: float = 0.0
    search: float = 0.0
    check: float = 0.0


@dataclass(frozen=True)
class Result:
    """An answer (`placement-result/1`): status, assignment, levels with bounds, and what stands behind it.

    `assignment` maps every child to a unit or None; for a pair-resource instance the item's index as text
    to a bin's index or None. `scale` repeats a pair-resource instance's, else None.
    """

    instance: str
    status: Status
    assignment: Mapping[str, str | int | None]
    levels: tuple[LevelResult, ...]
    unplaced: tuple[Unplaced, ...]
    warnings: tuple[Fact, ...]
    unit_load: tuple[UnitLoad, ...]
    parameters: Parameters
    versions: Mapping[str, str]
    timings: Timings
    peak_rss_mb: int
    conflict: tuple[Fact, ...] | None = None
    scale: int | None = None
    certificate: Mapping[str, object] | None = None

    @property
    def is_proven(self) -> bool:
        """Whether every level is proven optimal."""
        return self.status == "optimal"
