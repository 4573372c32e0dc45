"""The columns of a sheet of units and what a row of them says. The rules are those of a unit's offer and places."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from agreements.period import Period
from placement.imports.cells import between, cents, day, listed, one_of, text, whole, yes_no
from placement.imports.columns import Column, ReadRow
from placement.reference import unit_kind
from placement.refusals import Refusal
from placement.units.offer_rules import MOST_HOURS, KindLimits, Offer, offer_faults
from placement.units.places import PlacesCommand
from placement.units.service import UnitCommand
from placement.units.tables import GenderPolicy, UnitKind


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


COLUMNS = (
    Column("name", _("Name of the unit"), _("Unique in the county."), text(120), needed=True,
           other_names=("nimi", "namn", "unit", "yksikkö", "enhet"), example="Esimerkkikoti"),
    Column("kind", _("Kind of unit"), _("Family group home, supported housing, foster home and so on."),
           one_of("kind"), needed=True, example="family_group_home"),
    Column("municipality", _("Municipality"), _("Name or code of the municipality, for example Tampere or 837."),
           one_of("municipality"), needed=True, example="Tampere"),
    Column("address", _("Street address"), _("If it is recorded here."), text(200)),
    Column("secret_address", _("Secret address"), _("Yes or no; empty means no."), yes_no),
    Column("building", _("Building"), _("Name of a building that the county has here already."), one_of("building")),
    Column("provider", _("Service provider"), _("Name of a known provider; empty: the county itself."),
           one_of("provider")),
    Column("opened_on", _("Opened on"), _("The day on which the unit opened or opens."), day, needed=True,
           example="1.4.2026"),
    Column("closed_on", _("Last day in use"), _("Only when it is known."), day),
    Column("places", _("Places"), _("Places in use from the opening or from today, whichever is later."), whole,
           needed=True, example="7"),
    Column("care_workers", _("Care workers"), _("A whole number; empty means 0."), whole, example="7"),
    Column("age_min", _("Youngest age, years"), _("Whole years, included."), whole, needed=True, example="10"),
    Column("age_max", _("Oldest age, years"), _("Whole years, included."), whole, needed=True, example="17"),
    Column("gender", _("For whom"), _("Girls, boys or all; empty means all."), one_of("for_whom")),
    Column("support_min", _("Support level from"), _("1 to 4; empty means 1."), between(1, 4)),
    Column("support_max", _("Support level to"), _("1 to 4; empty means 4."), between(1, 4)),
    Column("care_hours", _("Hours of care a week, all staff"), _("A whole number."), between(0, MOST_HOURS),
           needed=True, example="280"),
    Column("interpreter_hours", _("Hours of interpreting a week"), _("A whole number; empty means 0."),
           between(0, MOST_HOURS)),
    Column("price_day", _("Price of a place-day"), _("In euros, for example 245,50."), cents, example="245,50"),
    Column("price_empty_day", _("Price of an empty place-day"), _("In euros; empty means 0."), cents),
    Column("registered_from", _("Registered from"), _("First day of the registration."), day),
    Column("registered_to", _("Registered to"), _("Last day of the registration."), day),
    Column("languages", _("Languages of the staff"),
           _("Each with its hours a week where they are known, for example somali 40; suomi."),
           listed("language", low=0, high=MOST_HOURS, without=0), example="somali 40; suomi 200"),
    Column("services", _("Services given"),
           _("Each with its hours a week where they are known, for example trauma 10; wheelchair."),
           listed("service", low=0, high=MOST_HOURS, without=0), example="trauma 10"),
    Column("two_carers", _("Two carers live in the home"), _("Foster homes only: yes or no."), yes_no),
    Column("professional", _("Professional foster home"), _("Foster homes only: yes or no."), yes_no),
    Column("own_young_children", _("The household's own children under school age"), _("Foster homes only."),
           between(0, 20)),
    Column("notes", _("Notes on the unit, nothing about a child"), _("Free text."), text(1000)),
)  # fmt: skip

FIELD_COLUMNS = {
    "municipality_id": "municipality",
    "building_id": "building",
    "price_empty_day_cents": "price_empty_day",
    "price_day_cents": "price_day",
}
PAIRS = {
    "age_max": "age_min",
    "support_max": "support_min",
    "closed_on": "opened_on",
    "registered_to": "registered_from",
    "price_empty_day": "price_day",
}
"""The column a rule compares another with: where one could not be read, nothing is said of the pair."""


def unit_of(row: ReadRow, municipality_ids: Mapping[str, int], on: date) -> tuple[UnitCommand, PlacesCommand]:
    """Return the row as the commands that add a unit; a cell that could not be read has a value that harms nothing.

    Places begin on the opening day or today, whichever is later: earlier days are history.
    """
    get: Any = row.values.get
    kind = get("kind") or UnitKind.PRIVATE_ACCOMMODATION
    limits = unit_kind(kind, on)
    opened = get("opened_on") or on
    offer = Offer(
        kind=str(kind),
        two_carers=get("two_carers", False),
        professional=get("professional", False),
        own_young_children=get("own_young_children", 0),
        opened_on=opened,
        closed_on=get("closed_on"),
        age_min=get("age_min", limits.youngest),
        age_max=get("age_max", limits.oldest),
        support_min=get("support_min", 1),
        support_max=get("support_max", 4),
        care_hours=get("care_hours", 0),
        interpreter_hours=get("interpreter_hours", 0),
        registered_from=get("registered_from"),
        registered_to=get("registered_to"),
        price_day_cents=get("price_day", 0),
        price_empty_day_cents=get("price_empty_day", 0),
        languages=dict(get("languages", ())),
        services=dict(get("services", ())),
    )
    command = UnitCommand(
        name=get("name", ""),
        municipality_id=municipality_ids.get(get("municipality"), 0),
        building_id=int(get("building")) if get("building") else None,
        provider_id=int(get("provider")) if get("provider") else None,
        gender=GenderPolicy(get("gender", "any")),
        secret_address=get("secret_address", False),
        address=get("address"),
        notes=get("notes", ""),
        offer=offer,
    )
    return command, PlacesCommand(Period(max(opened, on)), get("places", 0), get("care_workers", 0))


def faults(row: ReadRow, offer: Offer, on: date) -> list[Refusal]:
    """Return what the rules of an offer say against the row, each with the column it concerns."""
    if "kind" in row.faulty:
        return []
    known = unit_kind(offer.kind, on)
    limits = KindLimits(known.youngest, known.oldest, offer.kind == UnitKind.FOSTER_HOME)
    found = [Refusal(one.code, field=column_of(one.about), **one.facts) for one in offer_faults(offer, limits)]
    return [one for one in found if not {one.field, PAIRS.get(one.field or "")} & row.faulty]


def column_of(name: str | None) -> str:
    return FIELD_COLUMNS.get(name or "", name or "")
