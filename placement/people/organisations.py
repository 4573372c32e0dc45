"""The register of official bodies, filled from the dated reference table (`placement.reference`)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from sqlmodel import Session, select

from placement.people.tables import Organisation, OrganisationKind
from placement.reference import every_authority, successors
from placement.reference.organisations import HELSINKI_MUNICIPALITY, counties, municipalities, municipality

AS_OF = date(2026, 1, 1)  # the classification's year: municipalities and counties of 2026
LANGUAGE_STATUS = {("fi",): 0, ("fi", "sv"): 1, ("sv",): 2, ("sv", "fi"): 3}
KINDS = {
    "ely_centre": OrganisationKind.STATE_CENTRE,
    "economic_development_centre": OrganisationKind.STATE_CENTRE,
    "paying_agency": OrganisationKind.PAYING_AGENCY,
    "regional_state_agency": OrganisationKind.SUPERVISORY_AGENCY,
    "supervisory_agency": OrganisationKind.SUPERVISORY_AGENCY,
}


def write_organisations(session: Session) -> int:
    """Write every official body that is not yet there and bring names up to date; returns how many are new.

    Helsinki becomes one row with both codes (681/2023 § 100); municipalities of Åland get no county (§ 69.2).
    """
    known = {_key(row): row for row in session.exec(select(Organisation))}
    before = len(known)
    _write_municipalities(session, known, _write_counties(session, known))
    _write_authorities(session, known)
    session.flush()
    _link_successors(known)
    session.flush()
    return len(known) - before


def _key(row: Organisation) -> tuple[str, object]:
    if row.authority_code:
        return row.authority_code, row.valid_from
    return ("county", row.county_code) if row.county_code else ("municipality", row.municipality_code)


def _put(session: Session, known: dict[tuple[str, object], Organisation], row: Organisation) -> Organisation:
    found = known.get(_key(row))
    if found is None:
        session.add(row)
        known[_key(row)] = row
        return row
    found.name_fi, found.name_sv, found.name_en = row.name_fi, row.name_sv, row.name_en
    found.valid_to, found.lat, found.lon = row.valid_to, row.lat, row.lon
    return found


def _write_counties(session: Session, known: dict[tuple[str, object], Organisation]) -> dict[str, Organisation]:
    written = {}
    for county in counties(AS_OF):
        if county.claimant != "county":
            continue
        both = county.same_as_municipality
        body = municipality(both, AS_OF) if both else None
        named = body or county
        written[county.code] = _put(
            session,
            known,
            Organisation(
                kind=OrganisationKind.COUNTY_AND_MUNICIPALITY if both else OrganisationKind.COUNTY,
                county_code=county.code,
                municipality_code=both,
                name_fi=named.fi,
                name_sv=named.sv,
                name_en=named.en,
                language_status=LANGUAGE_STATUS[body.languages] if body else None,
                lat=body.latitude if body else None,
                lon=body.longitude if body else None,
                valid_from=county.valid.first,
                valid_to=county.valid.last,
            ),
        )
    session.flush()
    return written


def _write_municipalities(
    session: Session, known: dict[tuple[str, object], Organisation], written: dict[str, Organisation]
) -> None:
    for one in municipalities(AS_OF):
        if one.code == HELSINKI_MUNICIPALITY:
            continue
        county = written.get(one.county)
        _put(
            session,
            known,
            Organisation(
                kind=OrganisationKind.MUNICIPALITY,
                municipality_code=one.code,
                name_fi=one.fi,
                name_sv=one.sv,
                name_en=one.en,
                county_id=county.id if county else None,
                language_status=LANGUAGE_STATUS[one.languages],
                lat=one.latitude,
                lon=one.longitude,
                valid_from=one.valid.first,
                valid_to=one.valid.last,
            ),
        )


def _write_authorities(session: Session, known: dict[tuple[str, object], Organisation]) -> None:
    for one in every_authority():
        _put(
            session,
            known,
            Organisation(
                kind=KINDS.get(one.kind, OrganisationKind.STATE_OTHER),
                authority_code=one.key,
                name_fi=one.fi,
                name_sv=one.sv,
                name_en=one.en,
                valid_from=one.valid.first,
                valid_to=one.valid.last,
            ),
        )


def _link_successors(known: dict[tuple[str, object], Organisation]) -> None:
    """Point each body that has ended to who acts after it: a later name of the same, or its only successor."""
    by_code: dict[str, list[Organisation]] = {}
    for row in known.values():
        if row.authority_code:
            by_code.setdefault(row.authority_code, []).append(row)
    for code, rows in by_code.items():
        rows.sort(key=lambda row: row.valid_from or date.min)
        for earlier, later in pairwise(rows):
            earlier.successor_id = later.id
        last = rows[-1]
        if last.valid_to is None:
            continue
        after = successors(code, date.fromordinal(last.valid_to.toordinal() + 1))
        if len(after) == 1:
            heirs = [row for row in by_code.get(after[0].key, []) if row.valid_from and row.valid_from > last.valid_to]
            last.successor_id = heirs[0].id if heirs else None
