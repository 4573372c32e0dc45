"""Who could live where if rules gave way: what conflicts and repairs are looked for in.

To the *subjects* every unit is open, whatever refuses it; the *kept*, who have a place, may go where the
rules let them; everybody else stays as if not there. Siblings are taken singly here, so that being
together can itself be what is in the way. Standard library only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from optimizer import frame as frames
from optimizer.pair_rules import covers, locked_units, own_reasons, stay
from optimizer.problem import Child, Fact, Instance, SiblingGroup, Unit, Window

Key = tuple[str, str]
"""A rule or wish: code and what it is about."""


Terms = tuple[tuple[int, int], ...]
"""Places by index, each with its use."""


@dataclass(frozen=True, slots=True)
class Place:
    """A child in a unit: index among the places, what refuses it, and its use of rows (row, amount)."""

    index: int
    child: str
    unit: str
    refused_by: frozenset[Key]
    uses: Terms


@dataclass(frozen=True, slots=True)
class Limit:
    """A capacity row over places: at most `cap`; `key` names unit and resource."""

    key: Key
    cap: int
    terms: Terms


@dataclass(frozen=True)
class Scene:
    """One question's part of the ground: its children's places and the rules among them."""

    subjects: frozenset[str]
    kept: frozenset[str]
    places: tuple[Place, ...]
    places_of: Mapping[str, tuple[int, ...]]
    limits: tuple[Limit, ...]
    exclusions: tuple[tuple[int, int, Key], ...]
    groups: tuple[SiblingGroup, ...]
    facts: Mapping[Key, Fact]


class Ground:
    """The places of all `subjects` and `kept` children of an instance, built once for many questions.

    With `curable` the units that refuse a kept child by nothing but these codes are open to it too.
    """

    def __init__(
        self,
        instance: Instance,
        subjects: Iterable[str],
        kept: Iterable[str],
        curable: frozenset[str] = frozenset(),
    ) -> None:
        """Open every unit to the subjects and their free must siblings."""
        self.instance = instance
        self.groups = tuple(group for group in instance.sibling_groups if group.mode == "must")
        self.subjects = self.with_siblings(subjects)
        self.kept = self.with_siblings(kept) - self.subjects
        self.facts: dict[Key, Fact] = {}
        self.alone: dict[tuple[str, str], tuple[int, int]] = {}
        self.free_elsewhere: dict[str, tuple[str, ...]] = {}
        self.avoided = frames.kept_apart(instance)
        moving = self.subjects | self.kept if curable else self.subjects
        self.wide = widened(instance, [instance.child_by_id[child] for child in sorted(moving)])

        def admits(child: Child, unit: Unit) -> bool:
            if child.id in self.subjects:
                return True
            if child.id not in self.kept or unit.id in self.avoided[child.id]:
                return False
            return curable.issuperset(own_reasons(instance, child, instance.unit_by_id[unit.id]))

        should = tuple(group for group in instance.sibling_groups if group.mode == "should")
        self.frame = frames.build(replace(self.wide, sibling_groups=should), admits)
        self._index()

    def with_siblings(self, ids: Iterable[str]) -> frozenset[str]:
        """Return the free children of `ids` and those who have to go with them: a lock dissolves a group."""
        found = set(ids)
        for group in self.groups:
            if found & set(group.members) and not locked_units(self.instance, group):
                found |= set(group.members)
        return frozenset(child for child in found if self.instance.child_by_id[child].locked is None)

    def key(self, code: str, **about: str | tuple[str, ...]) -> Key:
        """Return the key of a rule, and remember what it says."""
        key = code, repr(sorted(about.items()))
        if key not in self.facts:
            self.facts[key] = Fact(code, dict(about))
        return key

    def scene(self, subjects: Iterable[str]) -> Scene:
        """Return the part with only these subjects (and their siblings) beside the kept children."""
        asked = self.with_siblings(subjects)
        index_of = dict(self.kept_index)
        for child in sorted(asked):
            for option in self.options_of[child]:
                index_of[option] = len(index_of)
        limits = self._limits(asked, index_of)
        uses: list[list[tuple[int, int]]] = [[] for _ in index_of]
        for row_index, limit in enumerate(limits):
            for index, use in limit.terms:
                uses[index].append((row_index, use))
        places = tuple(
            Place(index, child.id, unit.id, self._refused_by(child, unit, asked), tuple(uses[index]))
            for option, index in index_of.items()
            for child, unit in (self._pair(option),)
        )
        places_of: dict[str, list[int]] = {child: [] for child in asked | self.kept}
        for place in places:
            places_of[place.child].append(place.index)
        return Scene(
            subjects=asked,
            kept=self.kept,
            places=places,
            places_of={child: tuple(indexes) for child, indexes in places_of.items()},
            limits=limits,
            exclusions=tuple(
                (index_of[first], index_of[second], key)
                for first, second, key in self.exclusions
                if first in index_of and second in index_of
            ),
            groups=tuple(group for group in self.groups if places_of.keys() & set(group.members)),
            facts=self.facts,
        )

    def _pair(self, option: int) -> tuple[Child, Unit]:
        """Return the child and the unit of an option of the frame, in which every item is one child."""
        values = self.frame.options[option]
        return self.instance.children[self.frame.items[values.item][0]], self.instance.units[values.unit]

    def _index(self) -> None:
        """Sort options and rows by whose they are, so that a scene only adds its subjects' part."""
        self.options_of: dict[str, list[int]] = {child: [] for child in self.subjects | self.kept}
        for option in range(len(self.frame.options)):
            self.options_of[self._pair(option)[0].id].append(option)
        self.kept_index: dict[int, int] = {}
        for child in sorted(self.kept):
            for option in self.options_of[child]:
                self.kept_index[option] = len(self.kept_index)
        self.exclusions = [
            (first, second, self.key("APART", children=pair))
            for (first, second), pair in zip(self.frame.exclusions, self.frame.excluding, strict=True)
        ]
        self.kept_terms: list[Terms] = []
        self.keys: list[Key] = []
        self.touched: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.kept_limits: dict[tuple[Key, Terms], int] = {}
        for index, row in enumerate(self.frame.rows):
            self.keys.append(self.key("LIMIT", unit=self.instance.units[row.unit].id, resource=row.resource))
            kept = []
            for option, use in row.terms:
                if option in self.kept_index:
                    kept.append((self.kept_index[option], use))
                else:
                    self.touched[option].append((index, use))
            self.kept_terms.append(tuple(kept))
            _tighten(self.kept_limits, self.keys[index], self.kept_terms[index], row.cap)

    def _limits(self, asked: frozenset[str], index_of: Mapping[int, int]) -> tuple[Limit, ...]:
        """Return the rows that can bind among the kept children and `asked`, each once."""
        added: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for child in sorted(asked):
            for option in self.options_of[child]:
                for row, use in self.touched[option]:
                    added[row].append((index_of[option], use))
        caps = dict(self.kept_limits)
        for row, terms in added.items():
            key, kept, cap = self.keys[row], self.kept_terms[row], self.frame.rows[row].cap
            if caps.get((key, kept)) == cap:
                del caps[key, kept]  # the row with the newcomers says that and more
            _tighten(caps, key, (*kept, *terms), cap)
        return tuple(Limit(key, cap, terms) for (key, terms), cap in caps.items())

    def _refused_by(self, child: Child, unit: Unit, asked: frozenset[str]) -> frozenset[Key]:
        if child.id not in asked:
            return frozenset()
        codes = own_reasons(self.instance, child, unit)
        found = {self.key("REASON", child=child.id, reason=code) for code in codes}
        if unit.id in self.avoided[child.id]:
            found.add(self.key("APART", children=(child.id, self.avoided[child.id][unit.id])))
        return frozenset(found)


def _tighten(caps: dict[tuple[Key, Terms], int], key: Key, terms: Terms, cap: int) -> None:
    """Add a row to `caps` if it can bind, with the smaller cap where it is there already."""
    if sum(use for _, use in terms) > cap:
        caps[key, terms] = min(cap, caps.get((key, terms), cap))


def widened(instance: Instance, children: list[Child]) -> Instance:
    """Return the instance with every unit's windows, and their beds, drawn out over the children's stays."""
    weeks = [stay(instance, child) for child in children]
    if not weeks:
        return instance
    span = range(min(week.start for week in weeks), max(week.stop for week in weeks))
    return replace(instance, units=tuple(widened_unit(unit, span) for unit in instance.units))


def widened_unit(unit: Unit, weeks: range) -> Unit:
    """Return the unit with its first and last window drawn out to hold `weeks`."""
    if covers(unit, weeks):
        return unit
    windows = list(unit.windows)
    windows[0] = Window(min(windows[0].start, weeks.start), windows[0].end, windows[0].beds)
    windows[-1] = Window(windows[-1].start, max(windows[-1].end, weeks.stop), windows[-1].beds)
    return replace(unit, windows=tuple(windows))
