"""Words for what is wrong with an import: where it stands in the file and what to do about it."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from placement.imports.columns import Column, Problem
from placement.imports.plan import Plan
from placement.refusals import Refusal
from placement.web.i18n import day, lang
from placement.web.sentences import sentence


def column_name(plan: Plan, problem: Problem) -> str:
    """Return the name of the problem's column as it stands in the file, or ours where the file does not have it."""
    index = plan.matched.at.get(problem.column or "")
    if index is not None:
        return plan.header.cells[index].strip()
    column: Column | None = next((one for one in plan.columns if one.key == problem.column), None)
    return column.name(lang()) if column else problem.column or ""


def words(problem: Problem) -> str:
    """Return the problem as one sentence with its day in the reader's form."""
    facts = dict(problem.fault.facts)
    if "day" in facts:
        facts["day"] = day(date.fromisoformat(str(facts["day"])))
    shown = Refusal(problem.fault.code)
    shown.facts = facts
    return sentence(shown)


def where(plan: Plan, problem: Problem) -> str:
    """Return "row 17, column F (Date of birth)"; a column that is not in the file has no letter."""
    name = column_name(plan, problem)
    if problem.row is None:
        return name
    if problem.place is None:
        return str(_("row %(row)s, column %(name)s", row=problem.row, name=name))
    return str(_("row %(row)s, column %(place)s (%(name)s)", row=problem.row, place=problem.place, name=name))
