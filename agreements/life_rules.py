"""The life of a version as pure rules: which moves there are, and what each needs. Ends are inclusive days."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "started": (frozenset({""}), "draft"),
    "sent-to-hearing": (frozenset({"draft"}), "hearing"),
    "heard": (frozenset({"hearing"}), "hearing"),
    "sent-for-signature": (frozenset({"draft", "hearing"}), "in-signing"),
    "signed": (frozenset({"in-signing"}), "signed"),
    "returned": (frozenset({"hearing", "in-signing"}), "returned"),
    "activated": (frozenset({"signed"}), "signed"),
    "terminated": (frozenset({"signed"}), "terminated"),
}
"""Each move with the stored words it may start from and the one it leads to (rule A5). In force, replaced by date and
ended by term are no moves: they follow from the dates."""

OPEN = frozenset({"draft", "hearing", "in-signing"})
"""A version in one of these is being worked on; an agreement has at most one."""

MONTH_END_SPREAD = 3
"""How many days may share the day a month later with an earlier one: 28 to 31 January all meet 28 February."""


def target(move: str, status: str) -> str | None:
    """Return the word that a move leads to from a status, None where the move does not exist there."""
    sources, found = MOVES[move]
    return found if status in sources else None


@dataclass(frozen=True, slots=True)
class Moved:
    """A move as it was recorded."""

    move: str
    from_status: str
    to_status: str


def faults_of(history: Sequence[Moved], status: str) -> list[str]:
    """Return what is wrong with a version's recorded moves, given the word stored now (rule A5); [] = nothing."""
    if not history:
        return ["has no recorded move"]
    found, reached = [], ""
    for one in history:
        if one.from_status != reached:
            found.append(
                f"{one.move} starts from {one.from_status or 'nothing'}, but {reached or 'nothing'} was reached"
            )
        if target(one.move, one.from_status) != one.to_status:
            found.append(f"{one.move} does not lead from {one.from_status or 'nothing'} to {one.to_status}")
        reached = one.to_status
    if reached != status:
        found.append(f"is {status}, but its moves lead to {reached}")
    once = (move for move in MOVES if move != "returned")
    return found + [f"{move} more than once" for move in once if sum(one.move == move for one in history) > 1]


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, the last of the month where it has none (150/1930 § 3)."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def earliest_end(notice_on: date, notice_months: int) -> date:
    """Return the first day that may be the last one in force when notice is given on a day."""
    return months_later(notice_on, notice_months)


def notice_day(last_day: date, notice_months: int) -> date:
    """Return the last day on which notice ends the agreement by `last_day`.

    It is looked for from after it: at a month's end several days of notice end on the same day, and the last counts.
    """
    day = months_later(last_day, -notice_months) + timedelta(days=MONTH_END_SPREAD)
    while earliest_end(day, notice_months) > last_day:
        day -= timedelta(days=1)
    return day
