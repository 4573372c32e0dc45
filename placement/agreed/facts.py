"""A draft with everything the law and the register say of it, as the values that the rules of drafts take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from agreements import draft_rules
from agreements.agreement_rules import Required, hearing_state
from agreements.check import party_facts
from agreements.draft_rules import DraftFacts, Places, Price, Problem, UnitLimits
from agreements.drafting import Party
from agreements.period import Period
from agreements.tables import Agreement, AgreementParty, AgreementRate, AgreementUnit, AgreementVersion, PartySide
from agreements.terms import load as load_terms
from placement.people.tables import Organisation
from placement.reference import (
    NoCompetentAuthority,
    NotInForce,
    RequiredParty,
    ceiling,
    competent_authority,
    law_day,
    required_parties,
)
from placement.units.queries import organisations_by_key
from placement.units.rules import NEEDS_REGISTRATION, PUBLIC_TRANSITION_ENDS
from placement.units.tables import Unit

ALAND_HEALTH = "ahs"
ALAND = "91"


@dataclass(frozen=True)
class Draft:
    """A version with its rows: what pages draw and rules judge."""

    agreement: Agreement
    version: AgreementVersion
    parties: tuple[AgreementParty, ...]
    units: tuple[AgreementUnit, ...]
    rates: tuple[AgreementRate, ...]


def load(session: Session, agreement: Agreement, version: AgreementVersion) -> Draft:
    """Return a version with its rows, three statements."""

    def rows(table: Any) -> tuple[Any, ...]:
        return tuple(session.exec(select(table).where(table.version_id == version.id).order_by(table.id)))

    return Draft(agreement, version, rows(AgreementParty), rows(AgreementUnit), rows(AgreementRate))


def problems(session: Session, draft: Draft, on: date, *, before_hearing: bool = False) -> list[Problem]:
    """Return everything that keeps the draft from going on, by the law of the day `on`."""
    return draft_rules.problems(facts(session, draft, on), before_hearing=before_hearing)


def facts(session: Session, draft: Draft, on: date) -> DraftFacts:
    """Return the draft as the rules see it. The law that binds is that of the day on which it is signed: `on`.

    One that was made on paper by an earlier law is held against that law (`law_day`).
    """
    version = draft.version
    on = law_day(draft.agreement.kind.value, version.valid_from, on) or on
    bodies = organisations_by_key(session, [one.organisation_id for one in draft.parties])
    county = county_of(session, draft.agreement, bodies.values())
    required = required_on(draft.agreement.kind.value, on, aland=on_aland(draft.parties, bodies, county))
    return DraftFacts(
        kind=draft.agreement.kind.value,
        term=Period(version.valid_from, version.valid_to),
        law_day=on,
        required=None if required is None else [Required(r.chapter, r.side, r.role, r.source) for r in required],
        parties=[party_facts(one) for one in draft.parties],
        bodies={key: Period(row.valid_from or date.min, row.valid_to) for key, row in bodies.items()},
        competent=_competent(session, required or [], county, on),
        hearing=hearing_state(version.hearing_requested_on, version.hearing_due_on, version.heard_on, on),
        places=[Places(one.unit_id, Period(one.valid_from, one.valid_to), one.places) for one in draft.units],
        limits=limits(session, [one.unit_id for one in draft.units], version.valid_from),
        prices=[
            Price(one.unit_id, Period(one.valid_from, one.valid_to), one.day_cents, one.empty_day_cents)
            for one in draft.rates
        ],
        cost_basis=load_terms(version.terms).cost_basis,
    )


def required_on(kind: str, on: date, *, aland: bool) -> list[RequiredParty] | None:
    """Return whom the law of the day requires, None where it does not know the kind."""
    try:
        return required_parties(kind, on, aland=aland)
    except NotInForce:
        return None


def county_of(session: Session, agreement: Agreement, bodies: Any) -> Organisation | None:
    """Return the county the agreement is about: its own, else that of a municipality that is a party."""
    if agreement.county_id is not None:
        return session.get(Organisation, agreement.county_id)
    for body in bodies:
        if body.county_code:
            return body  # type: ignore[no-any-return]
        if body.county_id is not None:
            return session.get(Organisation, body.county_id)
    return None


def on_aland(
    parties: Sequence[AgreementParty], bodies: Mapping[int, Organisation], county: Organisation | None
) -> bool:
    """Whether a municipality without a county is a party: those are Åland's."""
    return county is None and any(
        one.side is PartySide.MUNICIPALITY and bodies[one.organisation_id].county_id is None for one in parties
    )


def _competent(
    session: Session, required: Sequence[RequiredParty], county: Organisation | None, on: date
) -> dict[str, int]:
    found = {}
    for row in required:
        if row.task is None or county is None or county.county_code is None:
            continue
        body = competent_body(session, row.task, county.county_code, on)
        if body is not None:
            found[row.chapter] = body.id or 0
    return found


def competent_body(session: Session, task: str, county_code: str, on: date) -> Organisation | None:
    """Return the state body that the law names for a task in a county on a day, as it is called then."""
    try:
        key = competent_authority(task, county_code, on).key
    except NoCompetentAuthority:
        return None
    return authority(session, key, on)


def authority(session: Session, key: str, on: date) -> Organisation | None:
    """Return the body with an authority's key as it is called on the day."""
    rows = session.exec(
        select(Organisation).where(Organisation.authority_code == key).order_by(col(Organisation.valid_from))
    )
    return next((row for row in rows if (row.valid_from or on) <= on and (row.valid_to or on) >= on), None)


def limits(session: Session, unit_ids: Sequence[int], on: date) -> dict[int, UnitLimits]:
    """Return what bounds the places of each unit on the day."""
    found = {}
    for unit in session.exec(select(Unit).where(col(Unit.id).in_(set(unit_ids)))):
        try:
            rule = ceiling(unit.kind.value, on, two_carers=unit.two_carers, professional=unit.professional)
            per_unit, per_building = rule.per_unit, rule.per_building
            if per_unit is not None and rule.own_children_counted:
                per_unit -= unit.own_young_children
        except NotInForce:
            per_unit = per_building = None
        stated = unit.registered_from is not None or unit.registered_to is not None
        own = unit.provider_id is None and on <= PUBLIC_TRANSITION_ENDS
        found[unit.id or 0] = UnitLimits(
            unit_id=unit.id or 0,
            per_unit=per_unit,
            building_id=unit.building_id,
            per_building=per_building,
            registered=Period(unit.registered_from or date.min, unit.registered_to) if stated else None,
            must_register=unit.kind.value in NEEDS_REGISTRATION and not own,
        )
    return found


def suggested_parties(
    session: Session, kind: str, county: Organisation | None, municipality: Organisation | None, on: date
) -> list[Party]:
    """Return the parties that the law of the day asks for, with the bodies that are competent in the county.

    A side that must only be heard in one chapter and signs another signs the whole. A state side of two bodies
    (Lapland) becomes two parties, each for its chapters.
    """
    rows = required_on(kind, on, aland=county is None) or []
    found: dict[tuple[int, str], set[str]] = {}
    roles: dict[tuple[int, str], str] = {}
    for row in rows:
        body = _body_of(session, row, county, municipality, on)
        if body is None:
            continue
        key = (body.id or 0, row.side)
        found.setdefault(key, set()).add(row.chapter)
        if roles.get(key) != "signatory":
            roles[key] = row.role
    several_states = sum(side == "state" for _, side in found) > 1
    parties = []
    for (body_id, side), chapters in found.items():
        role = roles[body_id, side]
        if side == "state" and several_states:
            parties += [Party(body_id, side, role, chapter) for chapter in sorted(chapters)]
        else:
            parties.append(Party(body_id, side, role))
    return parties


def _body_of(
    session: Session,
    row: RequiredParty,
    county: Organisation | None,
    municipality: Organisation | None,
    on: date,
) -> Organisation | None:
    if row.side == "county":
        return county
    if row.side == "municipality":
        return municipality
    if row.side == "aland_health_authority":
        return authority(session, ALAND_HEALTH, on)
    if row.side == "state" and row.task is not None:
        code = county.county_code if county is not None else ALAND
        return competent_body(session, row.task, code or ALAND, on)
    return None
