"""Days to weeks and places on the map: the two roundings between the register and the model."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from optimizer.problem import Window

EARTH_RADIUS_KM = 6371.0
CENTRAL_MERIDIAN = 27.0
FALSE_EASTING_KM, FALSE_NORTHING_KM = 500, 6500
"""Spherical transverse Mercator around 27° E, the meridian of Finland's own grid; distances within the country
differ from the true ones by less than one per cent. The offsets keep both coordinates above zero."""


def kilometres(latitude: float, longitude: float) -> tuple[int, int]:
    """Return whole (x, y) kilometres east and north of a fixed point south-west of Finland."""
    phi, away = math.radians(latitude), math.radians(longitude - CENTRAL_MERIDIAN)
    x = EARTH_RADIUS_KM * math.atanh(math.cos(phi) * math.sin(away)) + FALSE_EASTING_KM
    y = EARTH_RADIUS_KM * math.atan2(math.tan(phi), math.cos(away)) - FALSE_NORTHING_KM
    return max(0, round(x)), max(0, round(y))


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks of a run: week 0 begins on `monday`, the Monday on or before the run's day."""

    monday: date
    horizon: int

    @classmethod
    def of(cls, day: date, horizon: int) -> Weeks:
        return cls(day - timedelta(days=day.weekday()), horizon)

    @property
    def end(self) -> date:
        """The first day after the horizon."""
        return self.monday + timedelta(weeks=self.horizon)

    def first(self, day: date) -> int:
        """Return the week that holds `day` (a period's start goes to the floor); 0 for what began earlier."""
        return max(0, (day - self.monday).days // 7)

    def after(self, day: date) -> int:
        """Return the first week wholly at or after `day` (a period's exclusive end goes to the ceiling)."""
        return -(-(day - self.monday).days // 7)

    def windows(self, days: Iterable[tuple[date, date, int]]) -> tuple[Window, ...]:
        """Return contiguous windows of whole weeks for half-open (from, to, places) of days.

        Days are mapped outward: a week with any usable day belongs to the unit, so that a stay and an
        agreement that end on the same day still fit each other. In a week in which the number changes, the
        lowest number above zero counts. A unit never usable gets one window without beds.
        """
        beds = [0] * self.horizon
        for start, stop, places in days:
            if places <= 0:
                continue
            for week in range(self.first(start), min(self.horizon, self.after(stop))):
                beds[week] = min(places, beds[week]) if beds[week] else places
        used = [week for week, count in enumerate(beds) if count]
        if not used:
            return (Window(0, self.horizon, 0),)
        found: list[Window] = []
        for week in range(used[0], used[-1] + 1):
            if found and found[-1].beds == beds[week]:
                found[-1] = Window(found[-1].start, week + 1, beds[week])
            else:
                found.append(Window(week, week + 1, beds[week]))
        return tuple(found)
