"""What the decision pages show: rows put together for the templates. A child is opened (and logged) before each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Response, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col

from placement.children import queries as child_queries
from placement.children.access import Opened
from placement.children.tables import Child
from placement.decisions import booking, confirming, holds, queries, service, urgent, verdicts
from placement.decisions.booking import Wanted
from placement.decisions.content_rules import CONTENT_FIELDS
from placement.decisions.rules import ChildFacts
from placement.decisions.tables import Decision, DecisionKind, DecisionStatus
from placement.people.tables import Organisation, User
from placement.permissions import Permission
from placement.reference import age_on, county_languages, has_own_right_to_speak, remedy
from placement.refusals import NotFound, Refusal, Refusals
from placement.units.rules import count_on
from placement.units.tables import Unit
from placement.web import decision_words
from placement.web.child_access import open_child
from placement.web.decision_forms import ContentForm, ReasonForm, ServiceForm
from placement.web.edge import actor, now, read_only, today
from placement.web.i18n import day, label, language_name
from placement.web.render import render, to
from placement.web.sentences import sentence

MOST_OPTIONS = 3


@dataclass(frozen=True)
class Paging:
    """What the pagination macro needs."""

    number: int
    pages: int

    def url(self, number: int) -> str:
        return url_for("decisions.index", page=number)


@dataclass(frozen=True)
class HoldState:
    """Whether the place is held: until when and in words; else when another decision took it, if one did."""

    live: bool
    until: datetime | None
    left: str
    extended: bool
    taken_at: datetime | None
    free: bool
    own: bool = False
    """The child lives there: the decision confirms it, and a place is held for days after the stay only."""


def child_ref_of(ref: str) -> str:
    """Return the child's reference of a decision in scope; raises NotFound."""
    with read_only() as session:
        return _child_ref(session, queries.find(session, actor(), ref))


def child_ref(decision: Decision) -> str:
    with read_only() as session:
        return _child_ref(session, decision)


def _child_ref(session: Session, decision: Decision) -> str:
    found: str = session.execute(sa.select(col(Child.ref)).where(col(Child.id) == decision.child_id)).scalar_one()
    return found


def hold_state(session: Session, draft: Decision) -> HoldState:
    held = queries.hold_of(session, draft)
    at = now()
    live = holds.is_live(held, at)
    taken = None
    free = True
    if not live and held is not None and draft.end is not None:
        taken = queries.taken_since(session, draft.unit_id, draft.start, draft.end, held.made_at)
        wanted = verdicts.wanted_by(draft, None)
        free = not any(one.code == "unit-full" for one in booking.broken_rules(session, wanted, at))
    return HoldState(
        live=live,
        until=held.expires_at if held is not None else None,
        left=decision_words.time_left(held.expires_at, at) if held is not None and live else "",
        extended=held.extended if held is not None else False,
        taken_at=None if free else taken,
        free=free,
        own=confirming.confirmed_decision(session, draft) is not None,
    )


def writing_page(ref: str, kind: DecisionKind) -> Response:
    """Show the form of the child's draft, or where a decision of the kind can be started."""
    opened = open_child(ref, data_used="decision")
    with read_only() as session:
        draft = queries.draft_of(session, actor(), opened.id)
        if draft is not None:
            form = form_of(session, draft, bound=False)
            return render("decisions/write.html", **_writing(session, opened, draft, form))
        assessed_on = urgent.assessed_on(session, opened.id) if kind is DecisionKind.URGENT else None
        return render(
            "decisions/start.html",
            opened=opened,
            urgent=kind is DecisionKind.URGENT and assessed_on is None,
            assessed_on=assessed_on,
            **_options(session, opened, kind if assessed_on is None else DecisionKind.PLACEMENT),
        )


def _options(session: Session, opened: Opened, kind: DecisionKind) -> dict[str, Any]:
    facts = child_queries.everything_about(session, [opened.id])[opened.id]
    first = max(today(), facts.place_from or today())
    until = facts.place_until or date(first.year + 1, first.month, min(first.day, 28))
    wanted = Wanted(opened.id, 0, first, until, may_confirm=kind is DecisionKind.PLACEMENT)
    unsaid = facts.place_until is None
    found = queries.options(session, actor(), wanted, now(), to_the_right=unsaid)
    return {"options": found, "first": first, "say": say}


def say(option: queries.Option) -> list[str]:
    return [decision_words.broken_sentence(one) for one in option.broken]


def bound_form(ref: str) -> tuple[Decision, ContentForm]:
    """Return the draft and the form that was sent for it."""
    with read_only() as session:
        draft = queries.find(session, actor(), ref)
        return draft, form_of(session, draft, bound=True)


def form_page(draft: Decision, form: ContentForm, *, status: int) -> Response:
    """Draw the form again with what was typed and what is wrong with it."""
    opened = open_child(child_ref(draft), data_used="decision")
    with read_only() as session:
        found = queries.find(session, actor(), draft.ref)
        return render("decisions/write.html", status=status, **_writing(session, opened, found, form))


def form_of(session: Session, draft: Decision, *, bound: bool) -> ContentForm:
    unit = session.get_one(Unit, draft.unit_id)
    county = session.get_one(Organisation, draft.county_id)
    if bound:
        form = ContentForm()
    else:
        content = verdicts.content_of(draft)
        values = {name: getattr(content, name) for name in CONTENT_FIELDS}
        form = ContentForm(formdata=None, data={**values, "version": draft.version})
    form.offer(
        unit_kind=unit.kind.value, county_languages=county_languages(county.county_code or "", today()), on=today()
    )
    if not bound and not content.legal_bases:
        other = "assessment" if draft.kind is DecisionKind.URGENT else "urgent"
        form.legal_bases.data = [code for code, _label in form.legal_bases.choices if code != other]
    return form


def _writing(session: Session, opened: Opened, draft: Decision, form: ContentForm) -> dict[str, Any]:
    found = verdicts.verdict(session, draft, now())
    return {
        "decision": draft,
        "form": form,
        "opened": opened,
        "hold": hold_state(session, draft),
        "verdict": found,
        "broken": [decision_words.broken_sentence(one) for one in found.broken],
        "stale": [decision_words.changed_sentence(part) for part in found.stale],
        "facts": _facts(session, opened, draft, found.child),
        "own_right": has_own_right_to_speak(opened.birth_date, today()),
        "several_languages": len(form.language.choices) > 1,
        "declined": draft.second_official_reason if draft.second_official_id is None else None,
        **_next_options(session, draft),
    }


def _next_options(session: Session, draft: Decision) -> dict[str, Any]:
    """Return other places, where the draft's own is gone."""
    state = hold_state(session, draft)
    if state.free or draft.end is None:
        return {"options": [], "say": say}
    wanted = verdicts.wanted_by(draft, None)
    possible = [one for one in queries.options(session, actor(), wanted, now()) if one.possible]
    return {"options": possible[:MOST_OPTIONS], "say": say}


def _facts(session: Session, opened: Opened, draft: Decision, child: ChildFacts) -> list[dict[str, Any]]:
    unit = session.get_one(Unit, draft.unit_id)
    spoken = ", ".join(f"{language_name(code)} ({level})" for code, level in child.languages.items())
    needs = ", ".join(decision_words.service_word(code) for code in child.services)
    proposal = verdicts.proposal_of(session, draft)
    first = confirming.confirmed_decision(session, draft)
    confirms = [{"label": _("Confirms the urgent decision"), "value": first.case_number}] if first else []
    return [
        {"label": _("Child"), "value": opened.shown_name},
        {"label": _("Age"), "value": str(age_on(child.birth_date, today()))},
        {"label": _("Languages (level)"), "value": spoken},
        {"label": _("Services needed"), "value": needs or _("None")},
        {"label": _("Unit"), "value": unit.name if opened.shows_place else unit.ref},
        {"label": _("Kind of care"), "value": label(unit.kind.value)},
        {"label": _("Follows the proposal"), "value": proposal.ref if proposal else _("No proposal")},
        *confirms,
    ]


def _known(session: Session, opened: Opened) -> ChildFacts:
    return booking.child_facts(child_queries.everything_about(session, [opened.id])[opened.id])


def places_page(ref: str) -> Response:
    opened = open_child(child_ref_of(ref), data_used="decision")
    with read_only() as session:
        draft = queries.find(session, actor(), ref)
        if draft.status is not DecisionStatus.DRAFT:
            raise NotFound
        wanted = verdicts.wanted_by(draft, None)
        options = queries.options(session, actor(), wanted, now())
        return render("decisions/places.html", opened=opened, decision=draft, options=options, say=say)


def check_page(ref: str, *, refused: Refusal | None = None) -> Response:
    """Show every answer with a way back to change it, and the one button that decides."""
    opened = open_child(child_ref_of(ref), data_used="decision")
    with read_only() as session:
        draft = queries.find(session, actor(), ref)
        if draft.status is not DecisionStatus.DRAFT:
            return to(url_for("decisions.show", ref=ref))
        found = verdicts.verdict(session, draft, now())
        form = form_of(session, draft, bound=False)
        return render(
            "decisions/check.html",
            status=refused.status if refused else 200,
            title_error=bool(refused),
            decision=draft,
            form=form,
            opened=opened,
            verdict=found,
            hold=hold_state(session, draft),
            broken=[decision_words.broken_sentence(one) for one in found.broken],
            problems=_problems(refused),
            missing=bool(found.missing),
            answers=_answers(form),
            facts=_facts(session, opened, draft, found.child),
            remedy=remedy("placement", today()),
            own_right=has_own_right_to_speak(opened.birth_date, today()),
            second=_name(session, draft.second_official_id),
        )


def _problems(refused: Refusal | None) -> list[dict[str, str]]:
    faults = refused.faults if isinstance(refused, Refusals) else [refused] if refused else []
    return [{"text": sentence(one)} for one in faults]


def _answers(form: ContentForm) -> list[dict[str, Any]]:
    """Return (label, value, field) of each answer in the order of the form; what was not asked is left out."""
    words: dict[str, Any] = {
        name: dict(form[name].choices)
        for name in (
            "kind",
            "child_hearing",
            "child_heard_how",
            "child_heard_language",
            "representative_hearing",
            "language",
        )
    }
    rests_on = "urgent_reason" if form.kind.data == DecisionKind.URGENT else "assessment_on"
    rows = []
    for name in CONTENT_FIELDS:
        value = form[name].data
        if name == "legal_bases":
            labels = dict(form.legal_bases.choices)
            value = "\n".join(labels[code] for code in value or () if code in labels)
        elif name == "child_interpreter":
            value = _("Yes") if value else _("No")
        elif name in words:
            value = words[name].get(value, "")
        elif isinstance(value, date):
            value = day(value)
        if value or name in ("alternatives", "reasons", rests_on):
            rows.append({"label": form[name].label.text, "value": value or "", "field": form[name].id})
    return rows


def _name(session: Session, user_id: int | None) -> str | None:
    found = session.get(User, user_id) if user_id is not None else None
    return found.name if found else None


def confirm_page(ref: str, form: ReasonForm, *, status: int = 200) -> Response:
    """Show a second official what would be decided, which rules it breaks and why."""
    opened = open_child(child_ref_of(ref), data_used="decision")
    with read_only() as session:
        draft = queries.find(session, actor(), ref)
        if draft.confirmation_asked_at is None or draft.status is not DecisionStatus.DRAFT:
            raise NotFound
        form.version.data = draft.version
        content = form_of(session, draft, bound=False)
        return render(
            "decisions/confirm.html",
            status=status,
            form=form,
            opened=opened,
            decision=draft,
            broken=[decision_words.broken_sentence(one) for one in service.load_rules(draft.broken_rules)],
            answers=_answers(content),
            facts=_facts(session, opened, draft, _known(session, opened)),
            asked_by=_name(session, draft.prepared_by),
            own=draft.prepared_by == actor().user_id,
            confirmed=draft.second_official_id is not None,
        )


def decision_page(ref: str, form: ServiceForm, *, status: int = 200) -> Response:
    opened = open_child(child_ref_of(ref), data_used="decision")
    with read_only() as session:
        decision = queries.find(session, actor(), ref)
        if decision.status is DecisionStatus.DRAFT and actor().can(Permission.DECIDE):
            return to(url_for("decisions.new", child=opened.ref))
        form.version.data = decision.version
        unit = session.get_one(Unit, decision.unit_id)
        return render(
            "decisions/show.html",
            status=status,
            form=form,
            opened=opened,
            decision=decision,
            made=decision.status is DecisionStatus.MADE,
            unit=unit,
            review=urgent.review_of(session, decision),
            confirms=session.get(Decision, decision.confirms_id or 0),
            confirmed_by=confirming.confirmed_by(session, decision.id),
            count=_count(session, unit, decision.start),
            documents=queries.document_languages(session, decision),
            facts=_facts(session, opened, decision, _known(session, opened)),
            answers=_answers(form_of(session, decision, bound=False)),
            broken=[decision_words.broken_sentence(one) for one in service.load_rules(decision.broken_rules)],
            decided_by=_name(session, decision.decided_by),
            second=_name(session, decision.second_official_id),
            own_right=has_own_right_to_speak(opened.birth_date, decision.decided_on or today()),
            last_days=_last_days(decision),
        )


def _count(session: Session, unit: Unit, on: date) -> Any:
    from placement.units import capacity

    return count_on(capacity.books(session, [unit.id or 0], now(), since=on)[unit.id or 0], on)


def _last_days(decision: Decision) -> dict[str, date | None]:
    """Return until when child and representative may request a rectification, as far as they were served."""
    if decision.decided_on is None:
        return {}
    rule = remedy("placement", decision.decided_on)
    return {
        "child": rule.last_day(decision.served_child_on) if decision.served_child_on else None,
        "representative": rule.last_day(decision.served_representative_on)
        if decision.served_representative_on
        else None,
    }
