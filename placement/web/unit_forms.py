"""Forms of units: the filters of the list, what a unit offers, its places over time, an urgent excess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField

from agreements.period import Period
from placement.people.tables import Organisation
from placement.reference import languages, services, unit_kind_codes, unit_kinds
from placement.refusals import Refusal, Refusals
from placement.units.offer_rules import Offer
from placement.units.places import ExcessCommand, PlacesCommand
from placement.units.queries import UnitFacts
from placement.units.service import UnitCommand
from placement.units.tables import Building, GenderPolicy, UnitKind
from placement.web.child_forms import KitForm, line, needed, text
from placement.web.fields import CentsField, DayField, WholeField
from placement.web.i18n import day as day_text
from placement.web.i18n import label, lang, language_name
from placement.web.sentences import sentence

NOTES, REASON = 1000, 400
LANGUAGE, SERVICE = "language_", "service_"
LEVELS = [(str(level), str(level)) for level in range(1, 5)]


class FilterForm(KitForm):
    """The filters beside the list; a GET form, so nothing is validated: what no list knows finds nothing."""

    kind = SelectField(_l("Kind of unit"))
    municipality = SelectField(_l("Municipality"))
    language = SelectField(_l("Language of the staff"))
    free = BooleanField(_l("Only units with a free place"))
    sort = HiddenField(default="name")


class DayForm(KitForm):
    day = DayField(_l("Day"))


class OfferFields(KitForm):
    name = line(_l("Name of the unit"), 120, needed(_l("Write the name of the unit.")))
    municipality = SelectField(_l("Municipality"), [needed(_l("Choose the municipality."))])
    address = line(_l("Street address"), 200)
    secret_address = BooleanField(_l("The address is secret: other counties do not see the town"))
    building = SelectField(_l("Building"))
    provider = SelectField(_l("Service provider"))
    opened_on = DayField(_l("Opened on"), [needed(_l("Write the day on which the unit opened or opens."))])
    closed_on = DayField(_l("Last day in use"))
    two_carers = BooleanField(_l("Two carers live in the home"))
    professional = BooleanField(_l("Professional foster home"))
    own_young_children = WholeField(_l("The household's own children under school age"), default=0)
    age_min = WholeField(_l("Youngest age, years"), [needed(_l("Write the youngest age."))], default=0)
    age_max = WholeField(_l("Oldest age, years"), [needed(_l("Write the oldest age."))], default=17)
    gender = RadioField(_l("For whom"), [needed(_l("Choose for whom the unit is."))], default="any")
    support_min = SelectField(_l("Support level from"), default="1")
    support_max = SelectField(_l("Support level to"), default="4")
    care_hours = WholeField(_l("Hours of care a week, all staff"), [needed(_l("Write the hours of care."))])
    interpreter_hours = WholeField(_l("Hours of interpreting a week"), default=0)
    price_day = CentsField(_l("Price of a place-day"), default=0)
    price_empty_day = CentsField(_l("Price of an empty place-day"), default=0)
    registered_from = DayField(_l("Registered from"))
    registered_to = DayField(_l("Registered to"))
    notes = text(_l("Notes on the unit, nothing about a child"), NOTES)

    def to_command(self, kind: str) -> UnitCommand:
        """Return what was typed as a command; call after validation."""
        return UnitCommand(
            name=self.name.data,
            municipality_id=int(self.municipality.data),
            building_id=int(self.building.data) if self.building.data else None,
            provider_id=int(self.provider.data) if self.provider.data else None,
            gender=GenderPolicy(self.gender.data),
            secret_address=bool(self.secret_address.data),
            address=self.address.data,
            notes=self.notes.data or "",
            offer=Offer(
                kind=kind,
                two_carers=bool(self.two_carers.data),
                professional=bool(self.professional.data),
                own_young_children=self.own_young_children.data or 0,
                opened_on=self.opened_on.data,
                closed_on=self.closed_on.data,
                age_min=self.age_min.data,
                age_max=self.age_max.data,
                support_min=int(self.support_min.data),
                support_max=int(self.support_max.data),
                care_hours=self.care_hours.data,
                interpreter_hours=self.interpreter_hours.data or 0,
                registered_from=self.registered_from.data,
                registered_to=self.registered_to.data,
                price_day_cents=self.price_day.data or 0,
                price_empty_day_cents=self.price_empty_day.data or 0,
                languages=self.hours_by(LANGUAGE),
                services=self.hours_by(SERVICE),
            ),
        )

    def hours_by(self, prefix: str) -> dict[str, int]:
        """Return code -> hours of the fields with this prefix that hold a number; an empty one is not offered."""
        return {
            name.removeprefix(prefix): field.data
            for name, field in self._fields.items()
            if name.startswith(prefix) and field.data is not None
        }


class PlacesFields:
    places = WholeField(_l("Places"), [needed(_l("Write the number of places."))])
    care_workers = WholeField(_l("Care workers"), [needed(_l("Write the number of care workers."))])


class PlacesForm(KitForm, PlacesFields):
    valid_from = DayField(_l("From"), [needed(_l("Write the first day."))])
    valid_to = DayField(_l("To, last day"))

    def to_command(self) -> PlacesCommand:
        return PlacesCommand(_period(self), self.places.data, self.care_workers.data)


class ExcessForm(KitForm):
    valid_from = DayField(_l("From"), [needed(_l("Write the first day."))])
    valid_to = DayField(_l("To, last day"), [needed(_l("Write the last day: an excess always ends."))])
    extra_places = WholeField(_l("Places above the ceiling"), [needed(_l("Write the number of places."))])
    reason = text(_l("Why it is necessary and urgent"), REASON, needed(_l("Write why it is necessary and urgent.")))

    def to_command(self) -> ExcessCommand:
        return ExcessCommand(_period(self), self.extra_places.data, self.reason.data)


def _period(form: Any) -> Period:
    first, last = form.valid_from.data, form.valid_to.data
    if last is not None and last < first:
        raise Refusal("ends-before-start", field="valid_to")
    return Period(first, last)


def _hour_fields(on: date) -> dict[str, Any]:
    spoken = {f"{LANGUAGE}{one.code}": WholeField(language_name(one.code)) for one in languages(on)}
    return spoken | {f"{SERVICE}{one.key}": WholeField(_(one.label)) for one in services(on)}


def offer_form(
    *,
    on: date,
    municipalities: Iterable[Organisation],
    buildings: Iterable[Building],
    providers: Iterable[Organisation],
    new: bool,
    data: Mapping[str, Any] | None = None,
) -> Any:
    """Return the form of a unit's offer; with `new` also its kind and first places.

    `data` are stored values; without them the form holds what was sent, if anything was.
    """
    more = _hour_fields(on)
    if new:
        more |= {
            "kind": RadioField(_l("Kind of unit"), [needed(_l("Choose the kind of unit."))]),
            "places": PlacesFields.places,
            "care_workers": PlacesFields.care_workers,
        }
    kept = {} if data is None else {"formdata": None, "data": data}
    form = type("OfferForm", (OfferFields,), more)(**kept)
    form.municipality.choices = [("", _("Choose")), *((str(one.id), one.name(lang())) for one in municipalities)]
    form.building.choices = [("", _("No shared building")), *((str(one.id), one.name) for one in buildings)]
    form.provider.choices = [("", _("The county itself")), *((str(one.id), one.name(lang())) for one in providers)]
    form.gender.choices = [(policy.value, label(policy)) for policy in GenderPolicy]
    form.support_min.choices = form.support_max.choices = LEVELS
    if new:
        form.kind.choices = [(one.key, label(one.key)) for one in unit_kinds(on) if one.key in list(UnitKind)]
    return form


def offer_data(facts: UnitFacts, address: str | None) -> dict[str, Any]:
    """Return the field values of a stored unit."""
    return {
        "name": facts.name,
        "municipality": str(facts.municipality_id),
        "address": address,
        "secret_address": facts.secret_address,
        "building": str(facts.building_id or ""),
        "provider": str(facts.provider_id or ""),
        "opened_on": facts.opened_on,
        "closed_on": facts.closed_on,
        "two_carers": facts.two_carers,
        "professional": facts.professional,
        "own_young_children": facts.own_young_children,
        "age_min": facts.age_min_months // 12,
        "age_max": facts.age_max_months // 12,
        "gender": facts.gender,
        "support_min": str(facts.support_min),
        "support_max": str(facts.support_max),
        "care_hours": facts.care_hours,
        "interpreter_hours": facts.interpreter_hours,
        "price_day": facts.price_day_cents,
        "price_empty_day": facts.price_empty_day_cents,
        "registered_from": facts.registered_from,
        "registered_to": facts.registered_to,
        "notes": facts.notes,
        **{f"{LANGUAGE}{code}": hours for code, hours in facts.languages.items()},
        **{f"{SERVICE}{code}": hours for code, hours in facts.services.items()},
    }


FIELD_OF = {
    "municipality_id": "municipality",
    "building_id": "building",
    "price_empty_day_cents": "price_empty_day",
    "price_day_cents": "price_day",
}
"""Where a refused value stands in the form when the field has another name than the rule's input."""


def put_faults(form: Any, refused: Refusal) -> None:
    """Write each refusal's sentence at the field it is about; one that is about none stands above the form."""
    for one in refused.faults if isinstance(refused, Refusals) else [refused]:
        name = FIELD_OF.get(one.field or "", one.field or "")
        words = sentence(_in_words(one))
        if name in form:
            form[name].errors = [*form[name].errors, words]
        else:
            form.form_errors.append(words)


def _in_words(refused: Refusal) -> Refusal:
    """Return the refusal with its day in the reader's form."""
    facts = dict(refused.facts)
    if "day" in facts:
        facts["day"] = day_text(date.fromisoformat(str(facts["day"])))
    return Refusal(refused.code, field=refused.field, **facts)


def filter_form(args: Mapping[str, str], towns: Iterable[Organisation], spoken: Iterable[str]) -> FilterForm:
    """Return the filters as they stand in the address, with the choices that the actor's own units give."""
    form = FilterForm(formdata=args)
    form.kind.choices = [("", _("All")), *((code, label(code)) for code in unit_kind_codes() if code in list(UnitKind))]
    named = sorted(((one.municipality_code or "", one.name(lang())) for one in towns), key=lambda item: item[1])
    form.municipality.choices = [("", _("All")), *named]
    by_name = sorted(((code, language_name(code)) for code in spoken), key=lambda item: item[1].casefold())
    form.language.choices = [("", _("All")), *by_name]
    return form
