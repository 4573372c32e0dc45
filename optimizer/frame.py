"""A placement instance as the numbers a solver needs: items, options, rows, exclusions, goals.

Solver-neutral and in plain Python: made for small and middling instances, for explanations and as the
one model every peer solves in the bench. An *item* is a single free child or the free siblings of a must
group, who go together; an *option* is an item in a unit where all its members may live. Locked children
appear only as capacity used up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from optimizer.pair_rules import (
    beds,
    capacity,
    covers,
    locked_units,
    must_group_of,
    overlap,
    pair_value,
    reasons,
    stay,
    urgency,
    uses,
)
from optimizer.problem import Child, Instance, Unit

Admits = Callable[[Child, Unit], bool]
"""Whether a unit is open to a free child."""

BEDS_WORTH, FULL_ENOUGH = 20, 17
"""Balance counts twentieths of a place above 17/20 = 85 % occupancy."""


@dataclass(frozen=True, slots=True)
class Option:
    """Item `item` in unit `unit` (index), with the members' sums; `fits` are (child, fit) per member."""

    item: int
    unit: int
    urgency: int
    fit: int
    moves: int
    cost: int
    fits: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Options (index, use) of one unit that together may use at most `cap` of `resource` in `week`."""

    unit: int
    resource: str
    week: int
    cap: int
    terms: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Together:
    """`points` of fit if all of `options` are chosen."""

    points: int
    options: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Overfull:
    """In some week a unit's balance is at least `base` plus 20 per use of the options in `terms`."""

    unit: int
    base: int
    terms: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Frame:
    """See the module. `items` are tuples of child indexes; `options_of[item]` indexes of `options`.

    `exclusions` are pairs of options that exclude each other, `excluding` the apart pair behind each;
    `bonus_constant` the fit of should groups
    that are whole without any choice; `communities` (size, ((option, fit), ...)) per counted group.
    """

    instance: Instance
    items: tuple[tuple[int, ...], ...]
    options: tuple[Option, ...]
    options_of: tuple[tuple[int, ...], ...]
    rows: tuple[Row, ...]
    exclusions: tuple[tuple[int, int], ...]
    excluding: tuple[tuple[str, str], ...]
    together: tuple[Together, ...]
    bonus_constant: int
    communities: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
    overfull: tuple[Overfull, ...]

    def assignment(self, chosen: Mapping[int, int]) -> dict[str, str | int | None]:
        """Return the assignment by id for `chosen` (item to option), with the locked where they are."""
        placed: dict[str, str | int | None] = {child.id: child.locked for child in self.instance.children}
        for item, option in chosen.items():
            for member in self.items[item]:
                placed[self.instance.children[member].id] = self.instance.units[self.options[option].unit].id
        return placed

    def chosen(self, assignment: Mapping[str, str | int | None]) -> dict[int, int]:
        """Return item to option for the items all of whose members `assignment` puts in one known unit."""
        unit_index = {unit.id: index for index, unit in enumerate(self.instance.units)}
        found = {}
        for item, members in enumerate(self.items):
            homes = {assignment.get(self.instance.children[member].id) for member in members}
            if len(homes) != 1:
                continue
            unit = unit_index.get(str(homes.pop()))
            for option in self.options_of[item]:
                if self.options[option].unit == unit:
                    found[item] = option
        return found


@dataclass(frozen=True, slots=True)
class _Use:
    """A free member's use of one resource through one option."""

    option: int
    amount: int
    weeks: range


def of(instance: Instance) -> Frame:
    """Return the frame of `instance` by its own rules, built once and kept with the instance.

    Kept as `cached_property` keeps a value: an instance never changes, and a changed copy starts anew.
    """
    kept = instance.__dict__.get("_frame")
    if not isinstance(kept, Frame):
        kept = instance.__dict__["_frame"] = build(instance)
    return kept


def build(instance: Instance, admits: Admits | None = None) -> Frame:
    """Return the frame of `instance`, with every row that can bind and none that cannot.

    `admits(child, unit)` says which units are open to a free child, by default those without a reason
    against it; explanations open others, to ask what else stands in the way.
    """
    items = _items(instance)
    options = _options(instance, items, admits or by_the_rules(instance))
    options_of: list[list[int]] = [[] for _ in items]
    for index, option in enumerate(options):
        options_of[option.item].append(index)
    locked = _locked_loads(instance)
    users = _users(instance, items, options)
    excluded = tuple(_exclusions(instance, items, options))
    together, constant = _together(instance, items, options)
    return Frame(
        instance=instance,
        items=items,
        options=options,
        options_of=tuple(tuple(indexes) for indexes in options_of),
        rows=tuple(
            row for (unit, resource), uses_ in users.items() for row in _rows(instance, unit, resource, uses_, locked)
        ),
        exclusions=tuple(options for options, _ in excluded),
        excluding=tuple(pair for _, pair in excluded),
        together=together,
        bonus_constant=constant,
        communities=tuple(_communities(instance, options)),
        overfull=tuple(_overfull(instance, users, locked)),
    )


def _items(instance: Instance) -> tuple[tuple[int, ...], ...]:
    """Return the free children: those of a must group without locks together, all others singly."""
    group_of = must_group_of(instance)
    together: dict[str, list[int]] = defaultdict(list)
    for index, child in enumerate(instance.children):
        if child.locked is not None:
            continue
        group = group_of.get(child.id)
        bound = group is not None and not locked_units(instance, group)
        together[f"group {group.id}" if group is not None and bound else f"child {child.id}"].append(index)
    return tuple(tuple(members) for members in together.values())


def by_the_rules(instance: Instance) -> Admits:
    """Return which units are open to a free child: no reason against it, nobody locked there to avoid."""
    group_of = must_group_of(instance)
    kept_from = kept_apart(instance)

    def admits(child: Child, unit: Unit) -> bool:
        return unit.id not in kept_from[child.id] and not reasons(instance, child, unit, group_of.get(child.id))

    return admits


def _options(instance: Instance, items: tuple[tuple[int, ...], ...], admits: Admits) -> tuple[Option, ...]:
    found = []
    for item, members in enumerate(items):
        children = [instance.children[member] for member in members]
        if _quarrel(instance, children):
            continue
        for unit_index, unit in enumerate(instance.units):
            if not all(admits(child, unit) for child in children):
                continue
            values = [pair_value(instance, child, unit) for child in children]
            found.append(
                Option(
                    item=item,
                    unit=unit_index,
                    urgency=sum(urgency(child) for child in children),
                    fit=sum(value.fit for value in values),
                    moves=sum(value.move for value in values),
                    cost=sum(value.cost for value in values),
                    fits=tuple((member, value.fit) for member, value in zip(members, values, strict=True)),
                ),
            )
    return tuple(found)


def _quarrel(instance: Instance, children: list[Child]) -> bool:
    """Whether two of the children are to be kept apart while both are there."""
    ids = {child.id for child in children}
    return any(
        {first, second} <= ids and overlap(instance, instance.child_by_id[first], instance.child_by_id[second])
        for first, second in instance.apart
    )


def kept_apart(instance: Instance) -> Mapping[str, dict[str, str]]:
    """Return for each child the units where a locked child lives whom it must not meet, and that child."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for first, second in instance.apart:
        for one, other in ((first, second), (second, first)):
            child, resident = instance.child_by_id[one], instance.child_by_id[other]
            if resident.locked is not None and overlap(instance, child, resident):
                found[child.id].setdefault(resident.locked, resident.id)
    return found


def _locked_loads(instance: Instance) -> Mapping[tuple[int, str], list[int]]:
    """Return what locked children use, by unit and resource, a number per week."""
    index_of = {unit.id: index for index, unit in enumerate(instance.units)}
    loads: dict[tuple[int, str], list[int]] = {}
    for child in instance.children:
        if child.locked is None:
            continue
        for resource, amount in uses(instance, child, instance.unit_by_id[child.locked]).items():
            load = loads.setdefault((index_of[child.locked], resource), [0] * instance.horizon_weeks)
            for week in stay(instance, child):
                load[week] += amount
    return loads


def _users(
    instance: Instance, items: tuple[tuple[int, ...], ...], options: tuple[Option, ...]
) -> Mapping[tuple[int, str], list[_Use]]:
    users: dict[tuple[int, str], list[_Use]] = defaultdict(list)
    for index, option in enumerate(options):
        unit = instance.units[option.unit]
        for member in items[option.item]:
            child = instance.children[member]
            for resource, amount in uses(instance, child, unit).items():
                users[option.unit, resource].append(_Use(index, amount, stay(instance, child)))
    return users


def _rows(
    instance: Instance,
    unit_index: int,
    resource: str,
    users: list[_Use],
    locked: Mapping[tuple[int, str], list[int]],
) -> Iterator[Row]:
    """Yield the capacity rows of one resource: at most one per maximal set of users present together."""
    room = _room(instance, unit_index, resource, locked)
    begin, end = [0] * instance.horizon_weeks, [0] * (instance.horizon_weeks + 1)
    for position, use in enumerate(users):
        begin[use.weeks.start] |= 1 << position
        end[use.weeks.stop] |= 1 << position
    candidates: dict[int, int] = {}
    present = 0
    for week in range(instance.horizon_weeks):
        present = present & ~end[week] | begin[week]
        tightened = week > 0 and room[week] < room[week - 1]
        if not present or not (begin[week] or tightened):
            continue
        if present not in candidates or room[week] < room[candidates[present]]:
            candidates[present] = week
    for present, week in candidates.items():
        if any(
            other != present and other & present == present and room[other_week] <= room[week]
            for other, other_week in candidates.items()
        ):
            continue
        terms: dict[int, int] = defaultdict(int)
        for position, use in enumerate(users):
            if present >> position & 1:
                terms[use.option] += use.amount
        if sum(terms.values()) > room[week]:
            yield Row(unit_index, resource, week, room[week], tuple(terms.items()))


def _room(instance: Instance, unit_index: int, resource: str, locked: Mapping[tuple[int, str], list[int]]) -> list[int]:
    """Return what is left of a resource beside the locked children, a number per week, at least 0."""
    unit, weeks = instance.units[unit_index], range(instance.horizon_weeks)
    changing = resource == "beds" or resource.startswith("group:")
    if changing and (len(unit.windows) > 1 or not covers(unit, weeks)):
        caps = [capacity(unit, resource, week) or 0 for week in weeks]
    else:
        caps = [capacity(unit, resource, 0) or 0] * len(weeks)
    load = locked.get((unit_index, resource))
    return caps if load is None else [max(0, cap - taken) for cap, taken in zip(caps, load, strict=True)]


def _exclusions(
    instance: Instance, items: tuple[tuple[int, ...], ...], options: tuple[Option, ...]
) -> Iterator[tuple[tuple[int, int], tuple[str, str]]]:
    """Yield pairs of options that would put two children to be kept apart into one unit, and who."""
    item_of = {instance.children[member].id: item for item, members in enumerate(items) for member in members}
    by_place = {(option.item, option.unit): index for index, option in enumerate(options)}
    seen = set()
    for first, second in instance.apart:
        one, other = item_of.get(first), item_of.get(second)
        if one is None or other is None or one == other:
            continue
        if not overlap(instance, instance.child_by_id[first], instance.child_by_id[second]):
            continue
        for unit in range(len(instance.units)):
            pair = by_place.get((one, unit)), by_place.get((other, unit))
            if pair[0] is not None and pair[1] is not None and frozenset(pair) not in seen:
                seen.add(frozenset(pair))
                yield (pair[0], pair[1]), (first, second)


def _together(
    instance: Instance, items: tuple[tuple[int, ...], ...], options: tuple[Option, ...]
) -> tuple[tuple[Together, ...], int]:
    """Return the bonuses should groups can still earn, and the sum of those already certain."""
    item_of = {instance.children[member].id: item for item, members in enumerate(items) for member in members}
    by_place = {(option.item, option.unit): index for index, option in enumerate(options)}
    found, certain = [], 0
    for group in instance.sibling_groups:
        if group.mode != "should":
            continue
        points = group.bonus * len(group.members)
        locks = locked_units(instance, group)
        free = sorted({item_of[member] for member in group.members if member in item_of})
        if len(locks) == 1 and not free:
            certain += points
        for index, unit in enumerate(instance.units):
            needed = [by_place.get((item, index)) for item in free]
            if free and locks <= {unit.id} and None not in needed:
                found.append(Together(points, tuple(option for option in needed if option is not None)))
    return tuple(found), certain


def _communities(instance: Instance, options: tuple[Option, ...]) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Yield the groups of at least 5 free children, with the fit each option gives them."""
    size: dict[str, int] = defaultdict(int)
    for child in instance.children:
        size[child.group] += child.locked is None
    for group, count in size.items():
        if count < 5:
            continue
        fits: dict[int, int] = defaultdict(int)
        for index, option in enumerate(options):
            for member, fit in option.fits:
                if instance.children[member].group == group:
                    fits[index] += fit
        yield count, tuple(fits.items())


def _overfull(
    instance: Instance,
    users: Mapping[tuple[int, str], list[_Use]],
    locked: Mapping[tuple[int, str], list[int]],
) -> Iterator[Overfull]:
    """Yield for each unit the weeks that can decide how far it is above 85 % occupancy."""
    for index, unit in enumerate(instance.units):
        seen: dict[tuple[tuple[int, int], ...], int] = {}
        taken = locked.get((index, "beds"), [0] * instance.horizon_weeks)
        for week in range(instance.horizon_weeks):
            terms: dict[int, int] = defaultdict(int)
            for use in users.get((index, "beds"), ()):
                if week in use.weeks:
                    terms[use.option] += use.amount
            base = BEDS_WORTH * taken[week] - FULL_ENOUGH * beds(unit, week)
            if base + BEDS_WORTH * sum(terms.values()) > 0:
                key = tuple(terms.items())
                seen[key] = max(base, seen.get(key, base))
        for key, base in seen.items():
            yield Overfull(index, base, key)
