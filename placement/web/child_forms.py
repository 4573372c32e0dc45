"""Forms of a child's record: one mixin of fields for each section, joined into steps and edit pages.

A form reads what people typed; `part()` of a section gives the value that the rules and the service take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import StopValidation, ValidationError

from placement.children.choices import Choices
from placement.children.queries import ChildFacts
from placement.children.service import LONGEST_PURPOSE
from placement.reference import eligibility_grounds, languages, services
from placement.refusals import Refusal
from placement.web.fields import DayField, WholeField
from placement.web.i18n import language_name
from placement.web.sentences import sentence

SUPPORT_LEVELS = {
    "1": _l("1 – copes mostly alone"),
    "2": _l("2 – everyday support"),
    "3": _l("3 – much support"),
    "4": _l("4 – constant support"),
}
PRIORITIES = {
    "1": _l("1 – can wait"),
    "2": _l("2 – normal"),
    "3": _l("3 – soon"),
    "4": _l("4 – urgent"),
    "5": _l("5 – at once"),
}
LEVELS = {
    "1": _l("1 – a few words"),
    "2": _l("2 – everyday needs"),
    "3": _l("3 – simple conversation"),
    "4": _l("4 – fluent"),
    "5": _l("5 – mother tongue"),
}
WAYS_OF_ASKING = {
    "talk": _l("In a talk"),
    "interpreter": _l("In a talk through an interpreter"),
    "writing": _l("In writing"),
    "representative": _l("Told by the representative"),
    "other": _l("In another way"),
}
GENDERS = {"F": _l("Girl"), "M": _l("Boy")}
SIBLING_MODES = {"must": _l("Must live together"), "should": _l("Should live together if possible")}
SPARE_ROWS, FEWEST_ROWS = 1, 3
SHORT, LINE, LONG = 20, 120, 2000


def tidy(text: str | None) -> str | None:
    return text.strip() or None if text else None


def needed(words: object) -> Callable[[Any, Any], None]:
    """Return a validator that asks with `words` for an answer that is not there."""

    def check(_form: Any, field: Any) -> None:
        if getattr(field, "unread", False):
            return
        if field.data in (None, "", ()):
            raise StopValidation(str(words))

    return check


def at_most(limit: int) -> Callable[[Any, Any], None]:
    def check(_form: Any, field: Any) -> None:
        if field.data and len(field.data) > limit:
            raise ValidationError(_("Write at most %(count)s characters.", count=limit))

    return check


def line(label: object, limit: int = LINE, *more: Any) -> Any:
    return StringField(label, [*more, at_most(limit)], filters=[tidy])


def text(label: object, limit: int = LONG, *more: Any) -> Any:
    return TextAreaField(label, [*more, at_most(limit)], filters=[tidy])


def words(codes: dict[str, Any]) -> list[tuple[str, str]]:
    return [(code, str(word)) for code, word in codes.items()]


class KitForm(FlaskForm):
    """A form of this product: CSRF is checked for every POST of the application, not per form."""

    class Meta(FlaskForm.Meta):
        csrf = False


class PurposeForm(KitForm):
    purpose = text(_l("Purpose"), LONGEST_PURPOSE, needed(_l("Write why you need to see this child.")))
    next = HiddenField()


class IdentityFields:
    identity_code = line(_l("Personal identity code"), SHORT)
    temporary_number = line(_l("Temporary number"), SHORT)
    first_name = line(_l("First names"), LINE, needed(_l("Write the first names.")))
    last_name = line(_l("Family name"), LINE, needed(_l("Write the family name.")))
    birth_date = DayField(_l("Date of birth"), [needed(_l("Write the date of birth."))])
    gender = RadioField(_l("Gender"), [needed(_l("Choose the gender."))], validate_choice=False)
    municipality = SelectField(_l("Municipality"), default="")
    ground = SelectField(_l("Ground of eligibility"), [needed(_l("Choose the ground of eligibility."))], default="")
    entered_on = DayField(_l("Client since"), [needed(_l("Write the day since which the child is a client."))])
    permit_on = DayField(_l("Residence permit granted on"))
    residence_from = DayField(_l("Municipality of residence since"))


class RepresentativeFields:
    representative_name = line(_l("Name of the representative"))
    representative_contact = line(_l("Phone or e-mail of the representative"), 200)
    representative_from = DayField(_l("Representative since"))
    no_representative_reason = text(_l("Why there is no representative"), 500)


class ProtectionFields:
    protected = BooleanField(_l("Non-disclosure for personal safety (turvakielto)"))
    protected_until = DayField(_l("In force until"))


class LanguageRow(Form):
    code = SelectField(_l("Language"), default="")
    level = SelectField(_l("Level"), default="5")


class LanguagesFields:
    languages = FieldList(FormField(LanguageRow), min_entries=FEWEST_ROWS, max_entries=20)


class NeedsFields:
    """The services are added by `with_services`, one box and one number for each in force."""

    support_level = RadioField(_l("Support level"), [needed(_l("Choose the support level."))], default="2")
    care_hours = WholeField(_l("Hours of care a week"), [needed(_l("Write the hours of care."))], default=14)
    language_hours = WholeField(
        _l("Hours a week in the child's own language"), [needed(_l("Write the hours; 0 if none."))], default=3
    )
    interpreter_hours = WholeField(
        _l("Hours of interpreting a week"), [needed(_l("Write the hours; 0 if none."))], default=3
    )


class PlaceFields:
    waiting_since = DayField(_l("Waiting since"))
    priority = SelectField(_l("Urgency"), default="2")
    place_from = DayField(_l("Place needed from"))
    place_until = DayField(_l("Place needed until"))


class PeopleFields:
    sibling_refs = line(_l("References of the siblings"), 200)
    sibling_mode = RadioField(_l("Siblings"), validate_choice=False)
    apart_refs = line(_l("References of persons to be kept apart"), 200)
    apart_reason = text(_l("Why they are kept apart"), 500)


class WishesFields:
    wishes = FieldList(SelectField(_l("Wished unit"), default=""), min_entries=FEWEST_ROWS, max_entries=20)
    ruled_out = FieldList(SelectField(_l("Ruled-out unit"), default=""), min_entries=2, max_entries=20)
    ruled_out_reason = text(_l("Why these units are ruled out"), 500)
    relatives = SelectField(_l("Municipality where relatives live"), default="")
    school = line(_l("School"))


class ViewFields:
    own_view = text(_l("The child's own view"))
    own_view_on = DayField(_l("Asked on"))
    own_view_how = SelectField(_l("How it was asked"), default="")
    no_view_reason = text(_l("Why the view was not asked"), 500)


class WorkerFields:
    worker = SelectField(_l("Worker"), [needed(_l("Choose the worker."))], default="")


class BirthDateFields:
    birth_date = DayField(_l("Date of birth"), [needed(_l("Write the date of birth."))])
    source = line(_l("Source of the correction"), 200, needed(_l("Write what the correction rests on.")))


SECTION_FIELDS: dict[str, tuple[type, ...]] = {
    "identity": (IdentityFields,),
    "representative": (RepresentativeFields,),
    "protection": (ProtectionFields,),
    "needs": (NeedsFields,),
    "languages": (LanguagesFields,),
    "place": (PlaceFields,),
    "people": (PeopleFields,),
    "wishes": (WishesFields,),
    "view": (ViewFields,),
    "worker": (WorkerFields,),
    "birth-date": (BirthDateFields,),
}
STEPS: tuple[tuple[str, ...], ...] = (
    ("identity", "representative", "protection"),
    ("needs", "languages", "place"),
    ("people", "wishes", "view"),
)


@cache
def form_class(sections: tuple[str, ...], service_codes: tuple[tuple[str, str, bool], ...]) -> type[KitForm]:
    """Return the form of these sections, with a box (and hours) for each service in force."""
    bases = tuple(base for section in sections for base in SECTION_FIELDS[section])
    extra: dict[str, Any] = {}
    if "needs" in sections:
        for code, _label, counted in service_codes:
            extra[f"need_{code}"] = BooleanField()
            if counted:
                extra[f"hours_{code}"] = WholeField()
    return type("ChildForm", (*bases, KitForm), extra)


def build(
    sections: Iterable[str], choices: Choices, on: date, *, formdata: Any = None, data: dict[str, Any] | None = None
) -> KitForm:
    """Return the bound form of these sections with everything to choose from."""
    in_force = tuple((one.key, one.label, one.counted_in_hours) for one in services(on))
    form = form_class(tuple(sections), in_force)(formdata=formdata, data=data)
    _offer(form, choices, on)
    for code, label, _counted in in_force:
        if f"need_{code}" in form:
            form[f"need_{code}"].label.text = _(label)
        if f"hours_{code}" in form:
            form[f"hours_{code}"].label.text = _("Hours a week: %(service)s", service=_(label))
    return form


def _offer(form: KitForm, choices: Choices, on: date) -> None:
    none = [("", _("Not chosen"))]
    offers: dict[str, list[tuple[str, str]]] = {
        "gender": words(GENDERS),
        "municipality": none + list(choices.municipalities.items()),
        "ground": none + [(one.key, _(one.label)) for one in eligibility_grounds(on)],
        "support_level": words(SUPPORT_LEVELS),
        "priority": words(PRIORITIES),
        "sibling_mode": words(SIBLING_MODES),
        "relatives": none + list(choices.all_municipalities.items()),
        "own_view_how": none + words(WAYS_OF_ASKING),
        "worker": none + list(choices.workers.items()),
    }
    for name, offered in offers.items():
        if name in form:
            form[name].choices = offered
    units = none + list(choices.units.items())
    for name, label in (("wishes", _l("Wish %(number)s")), ("ruled_out", _l("Ruled-out unit %(number)s"))):
        if name in form:
            for number, entry in enumerate(form[name], start=1):
                entry.choices = units
                entry.label.text = str(label) % {"number": number}
    if "languages" in form:
        _offer_languages(form, on)


def _offer_languages(form: KitForm, on: date) -> None:
    names = sorted(((one.code, language_name(one.code)) for one in languages(on)), key=lambda one: one[1].casefold())
    for number, entry in enumerate(form["languages"], start=1):
        entry.form.code.choices = [("", _("Not chosen")), *names]
        entry.form.level.choices = words(LEVELS)
        entry.form.code.label.text = _("Language %(number)s", number=number)
        entry.form.level.label.text = _("Level of language %(number)s", number=number)


def leaves(fields: Iterable[Any]) -> Iterator[Any]:
    """Yield every single control of a form, those of rows too."""
    for field in fields:
        if isinstance(field, FormField):
            yield from leaves(field.form)
        elif isinstance(field, FieldList):
            yield from leaves(field.entries)
        else:
            yield field


def attach(form: KitForm, faults: Iterable[Refusal]) -> None:
    """Put each refusal's sentence on its field; one without a field goes above the form."""
    by_name = {field.name: field for field in leaves(form)}
    for fault in faults:
        field = by_name.get(fault.field or "")
        if field is None:
            form.form_errors.append(sentence(fault))
        else:
            field.errors = [*field.errors, sentence(fault)]


def references(typed: str | None) -> tuple[str, ...]:
    """Return the references in a line, however they are separated, each once and in capitals."""
    return tuple(dict.fromkeys((typed or "").upper().replace(",", " ").replace(";", " ").split()))


def filled(entries: Iterable[Any]) -> tuple[str, ...]:
    return tuple(entry.data for entry in entries if entry.data)


def need_data(facts: ChildFacts) -> dict[str, Any]:
    """Return the values of the needs section for a child that is stored."""
    values: dict[str, Any] = {
        "support_level": str(facts.support_level),
        "care_hours": facts.care_hours,
        "language_hours": facts.language_hours,
        "interpreter_hours": facts.interpreter_hours,
    }
    for code, hours in facts.needs.items():
        values[f"need_{code}"] = True
        values[f"hours_{code}"] = hours
    return values
