"""From a valid form of a child's section to the value the service takes, and back from the record to a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from placement.children import record_rules as parts
from placement.children.access import Opened
from placement.children.choices import Choices
from placement.children.details import Details
from placement.children.queries import ChildFacts
from placement.web.child_forms import FEWEST_ROWS, SPARE_ROWS, KitForm, filled, need_data, references


def identity(form: Any, choices: Choices) -> parts.IdentityPart:
    return parts.IdentityPart(
        first_name=form.first_name.data,
        last_name=form.last_name.data,
        birth_date=form.birth_date.data,
        gender=form.gender.data,
        municipality_id=choices.municipality_id(form.municipality.data),
        ground=form.ground.data,
        entered_on=form.entered_on.data,
        identity_code=form.identity_code.data,
        temporary_number=form.temporary_number.data,
        permit_on=form.permit_on.data,
        residence_from=form.residence_from.data,
    )


def representative(form: Any, _choices: Choices) -> parts.RepresentativePart:
    return parts.RepresentativePart(
        name=form.representative_name.data,
        contact=form.representative_contact.data,
        since=form.representative_from.data,
        none_reason=form.no_representative_reason.data,
    )


def protection(form: Any, _choices: Choices) -> parts.ProtectionPart:
    return parts.ProtectionPart(protected=bool(form.protected.data), until=form.protected_until.data)


def needs(form: Any, _choices: Choices) -> parts.NeedsPart:
    wanted = {
        name.removeprefix("need_"): form[f"hours_{name.removeprefix('need_')}"].data or 0
        if f"hours_{name.removeprefix('need_')}" in form
        else 0
        for name in form.data
        if name.startswith("need_") and form[name].data
    }
    return parts.NeedsPart(
        support_level=int(form.support_level.data),
        care_hours=form.care_hours.data,
        language_hours=form.language_hours.data,
        interpreter_hours=form.interpreter_hours.data,
        services=wanted,
    )


def languages(form: Any, _choices: Choices) -> parts.LanguagesPart:
    rows = [(row.form.code.data, int(row.form.level.data)) for row in form.languages if row.form.code.data]
    return parts.LanguagesPart(tuple(rows))


def place(form: Any, _choices: Choices) -> parts.PlacePart:
    return parts.PlacePart(
        priority=int(form.priority.data),
        waiting_since=form.waiting_since.data,
        place_from=form.place_from.data,
        place_until=form.place_until.data,
    )


def people(form: Any, _choices: Choices) -> parts.PeoplePart:
    return parts.PeoplePart(
        sibling_refs=references(form.sibling_refs.data),
        mode=form.sibling_mode.data or None,
        apart_refs=references(form.apart_refs.data),
        apart_reason=form.apart_reason.data,
    )


def wishes(form: Any, choices: Choices) -> parts.WishesPart:
    return parts.WishesPart(
        units=filled(form.wishes),
        ruled_out=filled(form.ruled_out),
        ruled_out_reason=form.ruled_out_reason.data,
        relatives_municipality_id=choices.municipality_id(form.relatives.data),
        school=form.school.data,
    )


def view(form: Any, _choices: Choices) -> parts.ViewPart:
    return parts.ViewPart(
        view=form.own_view.data,
        on=form.own_view_on.data,
        how=form.own_view_how.data or None,
        none_reason=form.no_view_reason.data,
    )


def worker(form: Any, _choices: Choices) -> parts.WorkerPart:
    return parts.WorkerPart(user_id=int(form.worker.data))


PARTS: dict[str, Callable[[Any, Choices], parts.Part]] = {
    "identity": identity,
    "representative": representative,
    "protection": protection,
    "needs": needs,
    "languages": languages,
    "place": place,
    "people": people,
    "wishes": wishes,
    "view": view,
    "worker": worker,
}


def part_of(section: str, form: KitForm, choices: Choices) -> parts.Part:
    """Return the value of one section of a form that has been validated."""
    return PARTS[section](form, choices)


def form_data(section: str, opened: Opened, facts: ChildFacts, details: Details, choices: Choices) -> dict[str, Any]:
    """Return the field values of one section of a stored child."""
    return _FILL[section](opened, facts, details, choices)


def _identity(opened: Opened, facts: ChildFacts, details: Details, choices: Choices) -> dict[str, Any]:
    return {
        "first_name": opened.identity.first_name if opened.identity else None,
        "last_name": opened.identity.last_name if opened.identity else None,
        "identity_code": details.identity_code,
        "temporary_number": details.temporary_number,
        "birth_date": facts.birth_date,
        "gender": str(facts.gender),
        "municipality": choices.municipality_code(facts.municipality_id) or "",
        "ground": facts.eligibility_ground,
        "entered_on": facts.entered_on,
        "permit_on": details.permit_on,
        "residence_from": details.residence_from,
    }


def _representative(_opened: Opened, _facts: ChildFacts, details: Details, _choices: Choices) -> dict[str, Any]:
    return {
        "representative_name": details.representative_name,
        "representative_contact": details.representative_contact,
        "representative_from": details.representative_from,
        "no_representative_reason": details.no_representative_reason,
    }


def _protection(_opened: Opened, facts: ChildFacts, details: Details, _choices: Choices) -> dict[str, Any]:
    return {"protected": facts.protected, "protected_until": details.protected_until}


def _needs(_opened: Opened, facts: ChildFacts, _details: Details, _choices: Choices) -> dict[str, Any]:
    return need_data(facts)


def _languages(_opened: Opened, facts: ChildFacts, _details: Details, _choices: Choices) -> dict[str, Any]:
    rows = [{"code": code, "level": str(level)} for code, level in facts.languages.items()]
    return {"languages": rows + [{}] * max(SPARE_ROWS, FEWEST_ROWS - len(rows))}


def _place(_opened: Opened, facts: ChildFacts, _details: Details, _choices: Choices) -> dict[str, Any]:
    return {
        "priority": str(facts.priority),
        "waiting_since": facts.waiting_since,
        "place_from": facts.place_from,
        "place_until": facts.place_until,
    }


def _people(_opened: Opened, facts: ChildFacts, details: Details, _choices: Choices) -> dict[str, Any]:
    return {
        "sibling_refs": ", ".join(details.sibling_refs),
        "sibling_mode": str(facts.siblings.mode) if facts.siblings else None,
        "apart_refs": ", ".join(details.apart_refs),
        "apart_reason": details.apart_reason,
    }


def _wishes(_opened: Opened, facts: ChildFacts, details: Details, choices: Choices) -> dict[str, Any]:
    return {
        "wishes": [*details.wish_refs, *[""] * max(SPARE_ROWS, FEWEST_ROWS - len(details.wish_refs))],
        "ruled_out": [*details.ban_refs, *[""] * max(SPARE_ROWS, 2 - len(details.ban_refs))],
        "ruled_out_reason": details.ban_reason,
        "relatives": choices.municipality_code(facts.relatives_municipality_id) or "",
        "school": details.school,
    }


def _view(_opened: Opened, _facts: ChildFacts, details: Details, _choices: Choices) -> dict[str, Any]:
    return {
        "own_view": details.own_view,
        "own_view_on": details.own_view_on,
        "own_view_how": details.own_view_how or "",
        "no_view_reason": details.no_view_reason,
    }


def _worker(_opened: Opened, facts: ChildFacts, _details: Details, _choices: Choices) -> dict[str, Any]:
    return {"worker": str(facts.worker_id) if facts.worker_id else ""}


def _birth_date(_opened: Opened, facts: ChildFacts, _details: Details, _choices: Choices) -> dict[str, Any]:
    return {"birth_date": facts.birth_date, "source": None}


_FILL: dict[str, Callable[[Opened, ChildFacts, Details, Choices], dict[str, Any]]] = {
    "identity": _identity,
    "representative": _representative,
    "protection": _protection,
    "needs": _needs,
    "languages": _languages,
    "place": _place,
    "people": _people,
    "wishes": _wishes,
    "view": _view,
    "worker": _worker,
    "birth-date": _birth_date,
}
