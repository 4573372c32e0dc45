"""Forms of the decision pages. Nothing is required here: what a decision must hold is the domain's business."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField

from placement.decisions.content_rules import CONTENT_FIELDS, LONGEST_TEXT, Content
from placement.decisions.service import LONGEST_REASON
from placement.decisions.tables import DecisionKind
from placement.reference import languages
from placement.refusals import Refusal
from placement.web import decision_words
from placement.web.child_forms import KitForm, text
from placement.web.fields import DayField
from placement.web.i18n import language_name
from placement.web.sentences import sentence

LEGAL_LANGUAGES = {"fi": _l("Finnish"), "sv": _l("Swedish")}


class ContentForm(KitForm):
    """What the official writes; the fields have the names of Content."""

    version = HiddenField()
    start = DayField(_l("First day"))
    end = DayField(_l("Leaving day at the latest"))
    review_on = DayField(_l("Looked at again by"))
    kind = RadioField(_l("What the decision rests on"), validate_choice=False)
    urgent_reason = text(_l("Why the assessment cannot be waited for"), LONGEST_TEXT)
    assessment_on = DayField(_l("Day of the assessment of service needs"))
    child_hearing = RadioField(_l("Was the child heard?"), validate_choice=False)
    child_heard_on = DayField(_l("Heard on"))
    child_heard_how = RadioField(_l("How was the child heard?"), validate_choice=False)
    child_heard_language = SelectField(_l("Language of the hearing"), validate_choice=False)
    child_interpreter = BooleanField(_l("An interpreter took part"))
    child_opinion = text(_l("What the child said"), LONGEST_TEXT)
    child_not_heard_reason = text(_l("Why the child was not heard"), LONGEST_TEXT)
    representative_hearing = RadioField(_l("Was the representative heard?"), validate_choice=False)
    representative_heard_on = DayField(_l("Representative heard on"))
    representative_opinion = text(_l("What the representative said"), LONGEST_TEXT)
    representative_not_heard_reason = text(_l("Why the representative was not heard"), LONGEST_TEXT)
    alternatives = text(_l("Alternatives that were weighed"), LONGEST_TEXT)
    reasons = text(_l("Reasons"), LONGEST_TEXT)
    legal_bases = SelectMultipleField(_l("Provisions the decision rests on"), validate_choice=False)
    language = RadioField(_l("Language of the legal text"), validate_choice=False)
    deviation_reason = text(_l("Why you decide against the proposal or the rule"), LONGEST_TEXT)
    siblings_apart_reason = text(_l("Why siblings are placed apart"), LONGEST_TEXT)

    def offer(self, *, unit_kind: str, county_languages: Iterable[str], on: date) -> None:
        """Fill in the choices of the day, of the unit's kind and of the county's languages."""
        self.kind.choices = decision_words.kind_choices()
        self.child_hearing.choices = decision_words.hearing_choices(on)
        self.child_heard_how.choices = decision_words.way_choices()
        self.representative_hearing.choices = decision_words.representative_choices()
        spoken = [(one.code, language_name(one.code)) for one in languages(on)]
        self.child_heard_language.choices = [("", _("Choose")), *spoken]
        self.legal_bases.choices = decision_words.basis_choices(unit_kind, on)
        self.language.choices = [(code, str(LEGAL_LANGUAGES[code])) for code in county_languages]

    def to_command(self) -> Content:
        """Return what was typed; a choice that is not offered counts as not made."""
        values = {name: self[name].data for name in CONTENT_FIELDS if name != "legal_bases"}
        for name in ("child_hearing", "child_heard_how", "child_heard_language", "representative_hearing"):
            offered = {value for value, _label in self[name].choices if value}
            values[name] = values[name] if values[name] in offered else None
        values["kind"] = DecisionKind.URGENT if values["kind"] == DecisionKind.URGENT else DecisionKind.PLACEMENT
        written = [code for code, _label in self.language.choices]
        values["language"] = values["language"] if values["language"] in written else written[0]
        bases = {code for code, _label in self.legal_bases.choices}
        chosen = tuple(code for code in self.legal_bases.data or () if code in bases)
        return Content(**values, legal_bases=chosen)

    @property
    def opened_version(self) -> int:
        """The version of the draft that this form shows; a forged text counts as an old one."""
        return whole(self.version.data)


class ServiceForm(KitForm):
    """The days on which the decision was served."""

    version = HiddenField()
    served_child_on = DayField(_l("Served on the child on"))
    served_representative_on = DayField(_l("Served on the representative on"))


class ReasonForm(KitForm):
    """The second official's own reason."""

    version = HiddenField()
    reason = text(_l("Your reason"), LONGEST_REASON)


class StartForm(KitForm):
    """A decision to begin: child and unit by reference, or the child's row of a proposal."""

    child = HiddenField()
    unit = HiddenField()
    proposal = HiddenField()
    kind = HiddenField()
    start = DayField(_l("First day"))
    end = DayField(_l("Leaving day at the latest"))


def whole(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def attach(form: KitForm, faults: Iterable[Refusal]) -> None:
    """Put each refusal on the field it is about; one about no field goes to the top of the form."""
    for fault in faults:
        if fault.field and fault.field in form:
            field = form[fault.field]
            if not field.errors:  # what could not be read is said already
                field.errors = [sentence(fault)]
        else:
            form.form_errors.append(sentence(fault))
