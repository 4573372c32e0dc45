"""What the pages of an agreement's life share: the draft with its words, its task list, its problems as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from agreements import drafting, terms
from agreements.draft_rules import Problem
from agreements.life_tables import AgreementSection
from agreements.tables import Agreement, AgreementParty, AgreementVersion
from placement.agreed import acting, facts
from placement.agreed import words as agreed
from placement.agreed.facts import Draft
from placement.people.tables import Organisation, User
from placement.refusals import Conflict, Refusal, Refusals
from placement.units.queries import organisations_by_key
from placement.units.tables import Unit
from placement.web import errors
from placement.web.agreement_forms import say
from placement.web.agreement_sentences import PROBLEMS
from placement.web.child_forms import KitForm
from placement.web.edge import actor, today
from placement.web.i18n import day, lang, moment
from placement.web.render import render, wants_fragment
from placement.web.sentences import sentence

SECTIONS = ("parties", "units", "rates", "services", "costs", "validity", "clauses", "attachments")
UNREQUIRED = frozenset({"attachments"})


@dataclass(frozen=True)
class Working:
    """A draft as its pages need it."""

    draft: Draft
    bodies: Mapping[int, Organisation]
    units: Mapping[int, Unit]
    terms: terms.Terms
    edits: Mapping[str, AgreementSection]
    problems: tuple[Problem, ...]

    @property
    def agreement(self) -> Agreement:
        return self.draft.agreement

    @property
    def version(self) -> AgreementVersion:
        return self.draft.version

    def seen(self, section: str) -> int:
        row = self.edits.get(section)
        return row.edit_no if row else 0


def open_work(session: Session, ref: str, *, own: bool = True) -> Working:
    """Return the newest version with its rows; raises NotFound, or NotAllowed for what another body writes."""
    find = acting.find_own if own else acting.find
    agreement, version, _parties = find(session, actor(), ref, today())
    draft = facts.load(session, agreement, version)
    units = _units(session, draft)
    return Working(
        draft=draft,
        bodies=organisations_by_key(session, [one.organisation_id for one in draft.parties]),
        units=units,
        terms=terms.load(version.terms),
        edits=drafting.edits(session, version.id or 0),
        problems=tuple(facts.problems(session, draft, today())),
    )


def _units(session: Session, draft: Draft) -> dict[int, Unit]:
    keys = {one.unit_id for one in draft.units} | {one.unit_id for one in draft.rates if one.unit_id}
    return {key: session.get_one(Unit, key) for key in sorted(keys)}


def body_names(bodies: Mapping[int, Organisation]) -> dict[int, str]:
    return {key: row.name(lang()) for key, row in bodies.items()}


def problem_sentence(session: Session, problem: Problem) -> str:
    """Return a problem of a draft as a sentence with names and days instead of keys."""
    values: dict[str, Any] = dict(problem.facts)
    if "organisation" in values:
        values["organisation"] = session.get_one(Organisation, values["organisation"]).name(lang())
    if "unit" in values:
        values["unit"] = session.get_one(Unit, values["unit"]).name
    for name, table in (("chapter", agreed.CHAPTERS), ("side", agreed.SIDES), ("role", agreed.ROLES)):
        if name in values:
            values[name] = say(table, values[name])
    if isinstance(values.get("day"), date):
        values["day"] = day(values["day"])
    return str(PROBLEMS[problem.code]) % values


def problem_list(session: Session, ref: str, problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Return the problems as items of the error summary, each leading to where it is put right."""
    found = []
    for one in problems:
        place = "agreement_draft.check" if one.section == "hearing" else f"agreement_draft.{one.section}"
        found.append({"text": problem_sentence(session, one), "href": url_for(place, ref=ref)})
    return found


def tasks(work: Working) -> list[dict[str, object]]:
    """Return the steps of a draft in order, each with one of the five words."""
    ref, found = work.agreement.ref, []
    wrong = {one.section for one in work.problems}
    for section in SECTIONS:
        started = section in work.edits or section == "clauses"
        state = _state(section in wrong, done=started or _filled(work, section), optional=section in UNREQUIRED)
        found.append(
            _task(section, say(agreed.SECTIONS, section), url_for(f"agreement_draft.{section}", ref=ref), state)
        )
    ready = not work.problems
    found.append(_task("check", _("Check and send"), url_for("agreement_draft.check", ref=ref), _ready(ready)))
    found.append(_task("signatures", _("Signatures"), None, (_("Cannot start yet"), "quiet")))
    found.append(_task("activation", _("Activation"), None, (_("Cannot start yet"), "quiet")))
    return found


def _task(key: str, title: str, href: str | None, state: tuple[str, str]) -> dict[str, object]:
    return {"id": f"task-{key}", "title": title, "href": href, "status": state[0], "tone": state[1]}


def _ready(ready: bool) -> tuple[str, str]:
    return (_("Not yet started"), "info") if ready else (_("There is a problem"), "danger")


def _state(wrong: bool, *, done: bool, optional: bool) -> tuple[str, str]:
    if wrong and not done:
        return _("Not yet started"), "info"
    if wrong:
        return _("There is a problem"), "danger"
    return (_("Completed"), "quiet") if done or optional else (_("Not yet started"), "info")


def _filled(work: Working, section: str) -> bool:
    rows: dict[str, object] = {
        "parties": work.draft.parties,
        "units": work.draft.units or work.agreement.kind.value not in ("three_party", "founding", "purchase"),
        "rates": work.draft.rates or work.terms.cost_basis in ("actual", "none"),
        "services": work.terms.duties,
        "costs": True,
        "validity": True,
    }
    return bool(rows.get(section))


def attach(form: KitForm, refused: Refusal) -> None:
    """Put a refusal on the field it is about, or at the top of the form."""
    for fault in refused.faults if isinstance(refused, Refusals) else [refused]:
        if fault.field and fault.field in form:
            form[fault.field].errors = [sentence(fault)]
        else:
            form.form_errors.append(sentence(fault))


def conflict(
    session: Session,
    refused: Conflict,
    work: Working,
    *,
    section: str,
    mine: KitForm,
    theirs: KitForm,
    url: str,
    page_url: str,
    form_id: str = "section-form",
) -> Response:
    """Return the page with both versions of a section that two people saved, field by field; nothing is lost.

    Where it saved itself, the choice takes the place of the form `form_id`.
    """
    if refused.code != "changed-meanwhile":
        raise refused
    rows, hidden = [], [("seen", str(work.seen(section)))]
    for field in mine:
        yours, stored = _sent(field), _sent(theirs[field.name])
        if field.name == "seen":
            continue
        if yours == stored:
            hidden += [(field.name, yours)] if yours else []
        else:
            rows.append(
                {"label": field.label.text, "name": field.name, "before": "", "yours": _shown(field, yours),
                 "theirs": _shown(field, stored), "yours_value": yours, "theirs_value": stored}
            )  # fmt: skip
    row = work.edits.get(section)
    by = session.get(User, row.by) if row else None
    answer = errors.page(
        409,
        conflict_rows=rows,
        conflict_by=by.name if by else None,
        conflict_at=moment(row.at) if row else None,
        conflict_action=url,
        conflict_hidden=hidden,
        retry_url=page_url,
    )
    if wants_fragment():
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = f"#{form_id}", "outerHTML"
    return answer


def unsaved(form: KitForm, seen: str, *, saved_id: str = "draft-saved") -> Response:
    """Tell inside the form why what was written last is not saved yet; the text stays where it is."""
    faults = [str(one) for field in form for one in field.errors] + [str(one) for one in form.form_errors]
    return render("agreements/_saved.html", status=422, seen=seen, saved_at=None, saved_id=saved_id, faults=faults)


def _sent(field: Any) -> str:
    if field.type == "BooleanField":
        return "y" if field.data else ""
    return str(field._value() if hasattr(field, "_value") else field.data or "")


def _shown(field: Any, value: str) -> str:
    choices = getattr(field, "choices", None)
    return str(dict(choices).get(value, value)) if choices else value


def parties_shown(work: Working) -> list[tuple[AgreementParty, Organisation]]:
    return [(one, work.bodies[one.organisation_id]) for one in work.draft.parties]
