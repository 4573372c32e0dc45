"""Finds a plan that meets what is asked near a plan at hand, to spare a solve; standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Set

from optimizer.ground import Ground, Key, Scene


class Witness:
    """Looks for a plan with one unplaced child in, by at most one other child going elsewhere or nowhere.

    What it finds is a plan; where it finds none there may still be one.
    """

    def __init__(self, ground: Ground, scene: Scene, assignment: Mapping[str, str | int | None], child: str) -> None:
        """Count what the kept children use where `assignment` has them."""
        self.scene = scene
        self.child = child
        self.tied = {member for group in ground.groups for member in group.members}
        place_of = {(place.child, place.unit): place.index for place in scene.places}
        self.home: dict[str, int] = {}
        for kept in scene.kept:
            self.home[kept] = place_of[kept, str(assignment[kept])]
        self.at_home = set(self.home.values())
        self.load = [0] * len(scene.limits)
        for index in self.at_home:
            for row, use in scene.places[index].uses:
                self.load[row] += use
        self.foes: dict[int, list[tuple[int, Key]]] = {}
        for first, second, key in scene.exclusions:
            self.foes.setdefault(first, []).append((second, key))
            self.foes.setdefault(second, []).append((first, key))
        self.together = scene.subjects
        self.siblings = [
            ground.key("SIBLINGS", group=group.id) for group in ground.groups if scene.subjects & set(group.members)
        ]

    def finds(self, enforced: Set[Key]) -> bool:
        """Whether a near plan meets all of `enforced`."""
        if not any(key[0] == "CHILD_PLACED" for key in enforced):
            return True
        if self.child in self.tied and any(key in enforced for key in self.siblings):
            return False
        return any(self._enters(index, enforced) for index in self.scene.places_of[self.child])

    def _enters(self, index: int, enforced: Set[Key]) -> bool:
        place = self.scene.places[index]
        if not enforced.isdisjoint(place.refused_by):
            return False
        over = {
            row: self.load[row] + use - self.scene.limits[row].cap
            for row, use in place.uses
            if self.scene.limits[row].key in enforced and self.load[row] + use > self.scene.limits[row].cap
        }
        foes = [foe for foe, key in self.foes.get(index, ()) if key in enforced and foe in self.at_home]
        if not over and not foes:
            return True
        return any(
            self._makes_way(kept, home, over, foes, enforced)
            for kept, home in self.home.items()
            if self.scene.places[home].unit == place.unit and kept not in self.tied
        )

    def _makes_way(self, kept: str, home: int, over: Mapping[int, int], foes: list[int], enforced: Set[Key]) -> bool:
        if any(foe != home for foe in foes):
            return False
        freed = dict(self.scene.places[home].uses)
        if any(freed.get(row, 0) < excess for row, excess in over.items()):
            return False
        if ("STAYS_PLACED", repr([("child", kept)])) not in enforced:
            return True
        return any(
            self.scene.places[other].unit != self.scene.places[home].unit and self._fits(other, enforced)
            for other in self.scene.places_of[kept]
        )

    def _fits(self, index: int, enforced: Set[Key]) -> bool:
        """Whether a kept child fits at another place beside those at home."""
        if any(key in enforced and foe in self.at_home for foe, key in self.foes.get(index, ())):
            return False
        return all(
            self.load[row] + use <= self.scene.limits[row].cap
            for row, use in self.scene.places[index].uses
            if self.scene.limits[row].key in enforced
        )
