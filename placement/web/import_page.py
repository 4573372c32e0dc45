"""What the preview of an import shows: the problems of one level, and the rows with their errors in the cells."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from placement.imports.columns import Problem
from placement.imports.plan import Plan, Planned
from placement.imports.sheet import letters
from placement.web.import_words import column_name, where, words

MOST_LISTED, MOST_BAD_ROWS, MOST_GOOD_ROWS = 200, 200, 20


@dataclass(frozen=True)
class Cell:
    text: str
    id: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row of the preview; `errors` are about columns that the file does not have."""

    number: int
    cells: tuple[Cell, ...]
    errors: tuple[str, ...]
    already: str | None


@dataclass(frozen=True)
class Listed:
    """A problem in the summary, leading to its cell."""

    text: str
    href: str


@dataclass(frozen=True)
class Preview:
    """`heads`: letters and name of each column of the file; `more` = problems not listed for their number."""

    plan: Plan
    heads: tuple[Cell, ...]
    bad: tuple[Line, ...]
    good: tuple[Line, ...]
    listed: tuple[Listed, ...]
    more: int

    @property
    def good_count(self) -> int:
        return len(self.plan.good)

    @property
    def bad_count(self) -> int:
        return len({one.row for one in self.plan.problems if one.row is not None}) if not self.header_level else 0

    @property
    def header_level(self) -> bool:
        return bool(self.plan.header_problems)


def preview(plan: Plan, late: list[Problem] | None = None) -> Preview:
    """Return the page of a plan; `late` are problems that only writing found, shown in place of the plan's."""
    problems = late if late is not None else plan.problems
    by_cell: dict[tuple[int, str], list[str]] = {}
    for one in problems:
        by_cell.setdefault((one.row or 0, one.place or ""), []).append(_worded(plan, one))
    rows = {one.row for one in problems}
    shown = [one for one in plan.rows if one.row.number in rows][:MOST_BAD_ROWS]
    good = [one for one in plan.rows if one.row.number not in rows][:MOST_GOOD_ROWS]
    listed = tuple(
        Listed(
            f"{where(plan, one)[:1].upper()}{where(plan, one)[1:]}: {words(one)}", f"#{_id(one.row or 0, one.place)}"
        )
        for one in problems[:MOST_LISTED]
    )
    return Preview(
        plan=plan,
        heads=_heads(plan, by_cell),
        bad=tuple(_line(plan, one, by_cell) for one in shown),
        good=tuple(_line(plan, one, by_cell) for one in good),
        listed=listed,
        more=max(0, len(problems) - MOST_LISTED),
    )


def reasons(plan: Plan) -> list[tuple[tuple[str, ...], str]]:
    """Return each refused row as it stood in the file with its reasons in one text."""
    return [
        (one.row.cells, " / ".join(f"{column_name(plan, problem)}: {words(problem)}" for problem in one.problems))
        for one in plan.refused
    ]


def _worded(plan: Plan, problem: Problem) -> str:
    if problem.place is not None:
        return words(problem)
    return str(_("%(name)s: %(problem)s", name=column_name(plan, problem), problem=words(problem)))


def _id(row: int, place: str | None) -> str:
    return f"cell-{row}-{place or 'row'}"


def _heads(plan: Plan, by_cell: dict[tuple[int, str], list[str]]) -> tuple[Cell, ...]:
    number = plan.header.number
    return tuple(
        Cell(
            name.strip() or letters(index),
            _id(number, letters(index)),
            tuple(by_cell.get((number, letters(index)), ())),
        )
        for index, name in enumerate(plan.header.cells)
    )


def _line(plan: Plan, one: Planned, by_cell: dict[tuple[int, str], list[str]]) -> Line:
    number, width = one.row.number, len(plan.header.cells)
    cells = [*one.row.cells, *[""] * width][: max(width, len(one.row.cells))]
    return Line(
        number=number,
        cells=tuple(
            Cell(text, _id(number, letters(index)), tuple(by_cell.get((number, letters(index)), ())))
            for index, text in enumerate(cells)
        ),
        errors=tuple(by_cell.get((number, ""), ())),
        already=one.already,
    )
