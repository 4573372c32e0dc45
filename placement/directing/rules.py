"""Rules of a direction: which confirmations it needs, and what it is on a day. Pure; last days are inclusive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

USUAL_TIME = timedelta(days=21)
"""How long the parties have to answer when nobody says otherwise; the act sets no time."""

LONGEST_TIME = timedelta(days=180)


class State(StrEnum):
    OPEN = "direction-open"
    AGREED = "direction-agreed"
    DECLINED = "direction-declined"
    EXPIRED = "direction-expired"
    WITHDRAWN = "direction-withdrawn"


@dataclass(frozen=True, slots=True)
class Said:
    """What a side said."""

    side: str
    agrees: bool


def state(
    sides: Sequence[str], said: Iterable[Said], *, expires_on: date, withdrawn_on: date | None, on: date
) -> State:
    """Return what a direction is on a day.

    It is agreed when every side of `sides` agreed, declined with the first that did not, and expired from the day
    after `expires_on` while an answer is missing. What was agreed or declined stays so: it neither expires nor is
    withdrawn any more.

    Source: 681/2023 § 43.5 (the centre agrees on it with the municipality and the county). § 95.1: no appeal.
    """
    answers = list(said)
    if any(not one.agrees for one in answers):
        return State.DECLINED
    if withdrawn_on is not None:
        return State.WITHDRAWN
    if set(sides) <= {one.side for one in answers}:
        return State.AGREED
    return State.EXPIRED if on > expires_on else State.OPEN


def missing(sides: Sequence[str], said: Iterable[Said]) -> list[str]:
    """Return the sides that have not answered, in the order of `sides`."""
    answered = {one.side for one in said}
    return [side for side in sides if side not in answered]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a direction cannot be opened as it stands: the field and the code of the refusal."""

    field: str
    code: str


def faults(*, planned_from: date, expires_on: date, on: date, municipal_place: bool, has_places: bool) -> list[Fault]:
    """Return what keeps a direction from being opened on a day; [] = nothing.

    A municipal place must be an agreed one on the planned day (§ 43.5: "kuntapaikka", agreed by § 42); foster care
    may be agreed without that. The answers must be possible today and be there before the child would move.
    """
    found = []
    if planned_from < on:
        found.append(Fault("planned_from", "day-has-passed"))
    if expires_on < on:
        found.append(Fault("expires_on", "day-has-passed"))
    elif expires_on > on + LONGEST_TIME:
        found.append(Fault("expires_on", "answer-too-late"))
    elif expires_on > planned_from >= on:
        found.append(Fault("expires_on", "answer-after-move"))
    if municipal_place and not has_places:
        found.append(Fault("municipality", "no-municipal-places"))
    return found
