"""Forms of the steps of a child's path: assessment, hearing, representative, family, protocol."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField

from placement.integration.path_rules import (
    LONGEST,
    AssessmentPart,
    FamilyPart,
    HearingPart,
    Part,
    ProtocolPart,
    RepresentationPart,
    SchoolPart,
)
from placement.reference import codes, languages, services
from placement.web import path_words as words
from placement.web.child_forms import KitForm, line, text
from placement.web.fields import DayField
from placement.web.i18n import language_name
from placement.web.service_forms import key

Choices = list[tuple[str, str]]


def _of(codes_: dict[str, Any]) -> Choices:
    return [(code, str(word)) for code, word in codes_.items()]


class StepForm(KitForm):
    """What every step has: its version, and a value made of what was typed."""

    version = HiddenField()

    def to_part(self) -> Part:
        raise AssertionError("each step makes its own value")


class AssessmentForm(StepForm):
    contact_on = DayField(_l("Need came to notice on"))
    started_on = DayField(_l("Begun on"))
    ready_on = DayField(_l("Ready on"))
    special_support = BooleanField(_l("The child needs special support"), default=True)
    needs = SelectMultipleField(_l("Recognised needs"), choices=[], validate_choice=False)
    summary = text(_l("Summary of the assessment"), LONGEST)

    def to_part(self) -> Part:
        return AssessmentPart(
            contact_on=self.contact_on.data,
            started_on=self.started_on.data,
            ready_on=self.ready_on.data,
            special_support=bool(self.special_support.data),
            needs=dict.fromkeys(self.needs.data or (), 0),
            summary=self.summary.data,
        )


class HearingForm(StepForm):
    whose = RadioField(_l("Who"), validate_choice=False)
    about = SelectField(_l("Subject of the hearing"), validate_choice=False)
    heard_on = DayField(_l("Day"))
    outcome = RadioField(_l("What happened"), validate_choice=False)
    how = RadioField(_l("How"), validate_choice=False)
    language = SelectField(_l("Language of the hearing"), validate_choice=False)
    interpreter = BooleanField(_l("An interpreter took part"))
    ground = RadioField(_l("Ground for not hearing the child"), validate_choice=False)
    said = text(_l("What was said, or why nobody was heard"), LONGEST)
    objects = BooleanField(_l("Objects to what is planned"))
    alternatives = text(_l("Alternatives weighed because of the objection"), LONGEST)
    answers = SelectField(_l("Follows an earlier hearing"), validate_choice=False)

    def to_part(self) -> Part:
        return HearingPart(
            whose=self.whose.data or "",
            about=self.about.data or "",
            outcome=self.outcome.data or "",
            heard_on=self.heard_on.data,
            how=_one_of(self.how),
            language=_one_of(self.language),
            interpreter=bool(self.interpreter.data),
            ground=_one_of(self.ground),
            said=self.said.data,
            objects=bool(self.objects.data),
            alternatives=self.alternatives.data,
            answers=key(self.answers.data),
        )


class RepresentationForm(StepForm):
    applied_on = DayField(_l("Applied for on"))
    child_heard_on = DayField(_l("Child heard about it on"))
    name = line(_l("Name of the representative"))
    appointed_on = DayField(_l("Appointed on"))
    court = line(_l("District court"))
    case_number = line(_l("Case number of the court"), 40)
    ended_on = DayField(_l("Task ended on"))
    end_reason = SelectField(_l("Why it ended"), validate_choice=False)

    def to_part(self) -> Part:
        ended = _one_of(self.end_reason) or ""
        return RepresentationPart(
            applied_on=self.applied_on.data,
            child_heard_on=self.child_heard_on.data,
            name=self.name.data,
            appointed_on=self.appointed_on.data,
            court=self.court.data,
            case_number=self.case_number.data,
            ended_on=self.ended_on.data,
            end_reason=ended or None,
            end_words=str(words.END_REASONS[ended]) if ended else None,
        )


class FamilyForm(StepForm):
    relationship = RadioField(_l("Who it is"), validate_choice=False)
    name = line(_l("Name"))
    expected_on = DayField(_l("Expected on"))
    arrived_on = DayField(_l("Arrived on"))
    note = text(_l("What the family needs"), LONGEST)

    def to_part(self) -> Part:
        return FamilyPart(
            relationship=self.relationship.data or "",
            name=self.name.data,
            expected_on=self.expected_on.data,
            arrived_on=self.arrived_on.data,
            note=self.note.data,
        )


class ProtocolForm(StepForm):
    kind = RadioField(_l("Measure"), validate_choice=False)
    unit_ref = SelectField(_l("Family group home"), validate_choice=False)
    made_on = DayField(_l("Day of the measure"))
    content = text(_l("What was done and why, who took part"), LONGEST)
    copy_county_on = DayField(_l("Copy sent to the county on"))
    copy_agency_on = DayField(_l("Copy sent to the Supervisory Agency on"))

    def to_part(self) -> ProtocolPart:
        return ProtocolPart(
            kind=self.kind.data or "",
            unit_ref=_one_of(self.unit_ref),
            made_on=self.made_on.data,
            content=self.content.data,
            copy_county_on=self.copy_county_on.data,
            copy_agency_on=self.copy_agency_on.data,
        )


class CopiesForm(KitForm):
    """On which days the copies of a protocol went; what is marked already is not asked again."""

    version = HiddenField()
    copy_county_on = DayField(_l("Copy sent to the county on"))
    copy_agency_on = DayField(_l("Copy sent to the Supervisory Agency on"))


class SchoolForm(StepForm):
    kind = RadioField(_l("What is taught"), validate_choice=False)
    name = line(_l("School"))
    municipality = SelectField(_l("Municipality of the school"), validate_choice=False)
    from_on = DayField(_l("First day in the school"))
    to_on = DayField(_l("Last day in the school"))
    trip_checked_on = DayField(_l("Trip to school last looked at on"))

    def to_part(self) -> Part:
        return SchoolPart(
            kind=self.kind.data or "",
            name=self.name.data,
            municipality=_one_of(self.municipality),
            from_on=self.from_on.data,
            to_on=self.to_on.data,
            trip_checked_on=self.trip_checked_on.data,
        )


FORMS: dict[str, type[StepForm]] = {
    "assessment": AssessmentForm,
    "hearing": HearingForm,
    "representation": RepresentationForm,
    "family": FamilyForm,
    "protocol": ProtocolForm,
    "school": SchoolForm,
}


def offer(form: StepForm, on: date, *, hearings: Choices, homes: Choices, towns: Choices) -> None:
    """Fill in what can be chosen on the day: codes, earlier hearings by number, homes by reference, towns by code."""
    none = [("", _("Choose"))]
    offered: dict[str, Choices] = {
        "needs": [(one.key, _(one.label)) for one in services(on)],
        "whose": _of(words.WHOSE),
        "about": _of(words.ABOUT),
        "outcome": _of(words.OUTCOMES),
        "how": _of(words.WAYS),
        "ground": [(one.key, _(one.label)) for one in codes("hearing_exception", on)],
        "language": [*none, *((one.code, language_name(one.code)) for one in languages(on))],
        "answers": [("", _("No")), *hearings],
        "end_reason": [*none, *_of(words.END_REASONS)],
        "relationship": _of(words.RELATIONSHIPS),
        "kind": _of(words.SCHOOLS if isinstance(form, SchoolForm) else words.PROTOCOLS),
        "municipality": [*none, *towns],
        "unit_ref": [*none, *homes],
    }
    for name, choices in offered.items():
        if name in form:
            form[name].choices = choices


def _one_of(field: Any) -> str | None:
    """Return the chosen code; a choice that is not offered counts as not made."""
    return field.data if field.data in {value for value, _label in field.choices if value} else None


def data_of(what: str, row: Any) -> dict[str, Any]:
    """Return the values of a stored step for its form."""
    values: dict[str, Any] = row.model_dump()
    if what == "assessment":
        values["needs"] = list(json.loads(row.needs))
    if what == "hearing":
        values["answers"] = str(row.answers or "")
    return {name: str(value) if hasattr(value, "value") else value for name, value in values.items()}
