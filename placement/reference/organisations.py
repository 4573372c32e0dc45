"""Wellbeing services counties, Helsinki, Åland, municipalities, regions and employment areas.

Helsinki is one body that is county 90 and municipality 091 at once (Act 681/2023, section 100). Åland (91)
is a province without a county: its municipalities claim (section 69, subsection 2). Names and codes:
Statistics Finland, classifications 2026, CC BY 4.0; coordinates are those of each central locality (WGS 84).
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.citations import named
from placement.reference.dated import DatedTable, UnknownCode, table
from placement.reference.rows import Row, Validity

HELSINKI_COUNTY = "90"
HELSINKI_MUNICIPALITY = "091"
ALAND = "91"

_COUNTY_KINDS = ("wellbeing_services_county", "city", "province")
_LANGUAGE_STATUS = ("fi", "fi sv", "sv fi", "sv")


@dataclass(frozen=True, slots=True)
class County:
    """A wellbeing services county, Helsinki in that role, or Åland.

    `kind` is wellbeing_services_county, city (Helsinki) or province (Åland). `same_as_municipality` is the
    municipality code of the same body, for Helsinki only. `claimant` says who claims costs there: county,
    or municipality on Åland.
    """

    code: str
    fi: str
    sv: str
    en: str
    kind: str
    same_as_municipality: str | None
    claimant: str
    valid: Validity
    source: str

    def name(self, language: str) -> str:
        """Return the name in fi, sv or en."""
        return named(self.fi, self.sv, self.en, language)

    @property
    def body(self) -> str:
        """Return the key of the legal person: the same for Helsinki as a county and as a municipality."""
        if self.same_as_municipality:
            return _municipal_body(self.same_as_municipality)
        return f"county-{self.code}"


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality. `languages` holds fi and sv, the language of the majority first."""

    code: str
    fi: str
    sv: str
    en: str
    languages: tuple[str, ...]
    county: str
    region: str
    employment_area: str
    latitude: float
    longitude: float
    valid: Validity
    source: str

    def name(self, language: str) -> str:
        """Return the name in fi, sv or en."""
        return named(self.fi, self.sv, self.en, language)

    @property
    def body(self) -> str:
        """Return the key of the legal person: the same for Helsinki as a county and as a municipality."""
        return _municipal_body(self.code)

    @property
    def on_aland(self) -> bool:
        """Tell whether the municipality is on Åland."""
        return self.county == ALAND


@dataclass(frozen=True, slots=True)
class Area:
    """A region or an employment area: a code with names."""

    code: str
    fi: str
    sv: str
    en: str
    valid: Validity
    source: str

    def name(self, language: str) -> str:
        """Return the name in fi, sv or en."""
        return named(self.fi, self.sv, self.en, language)


def _municipal_body(code: str) -> str:
    return f"municipality-{code}"


def _code(row: Row) -> str:
    return row.text("code")


def _county(row: Row) -> County:
    return County(
        code=_code(row),
        fi=row.text("name_fi"),
        sv=row.text("name_sv"),
        en=row.text("name_en"),
        kind=row.one_of("kind", _COUNTY_KINDS),
        same_as_municipality=row.optional("same_as_municipality") or None,
        claimant=row.one_of("claimant", ("county", "municipality")),
        valid=row.valid,
        source=row.text("source"),
    )


def _area(row: Row) -> Area:
    return Area(
        code=_code(row),
        fi=row.text("name_fi"),
        sv=row.text("name_sv"),
        en=row.text("name_en"),
        valid=row.valid,
        source=row.text("source"),
    )


def _municipality(row: Row) -> Municipality:
    row.one_of("languages", _LANGUAGE_STATUS)
    for column, known in (
        ("county", _counties()),
        ("region", _regions()),
        ("employment_area", _employment_areas()),
    ):
        if row.text(column) not in known.codes():
            raise row.fault(f"{column} {row.text(column)} is in no row of its own table; correct the code")
    return Municipality(
        code=_code(row),
        fi=row.text("name_fi"),
        sv=row.text("name_sv"),
        en=row.text("name_en"),
        languages=row.words("languages"),
        county=row.text("county"),
        region=row.text("region"),
        employment_area=row.text("employment_area"),
        latitude=row.decimal("latitude"),
        longitude=row.decimal("longitude"),
        valid=row.valid,
        source=row.text("source"),
    )


@cache
def _counties() -> DatedTable[str, County]:
    return table("county", "counties.csv", _code, _county)


@cache
def _regions() -> DatedTable[str, Area]:
    return table("region", "regions.csv", _code, _area)


@cache
def _employment_areas() -> DatedTable[str, Area]:
    return table("employment area", "employment_areas.csv", _code, _area)


@cache
def _municipalities() -> DatedTable[str, Municipality]:
    return table("municipality", "municipalities.csv", _code, _municipality)


def county(code: str, on: date) -> County:
    """Return the county (01-21, 90 Helsinki, 91 Åland) as it is on the day.

    Raises UnknownCode for a code that never existed and NotInForce for a day before the counties.
    """
    return _counties().on(code, on)


def counties(on: date) -> tuple[County, ...]:
    """Return the 21 counties, Helsinki and Åland as they are on the day, by code."""
    return _counties().all_on(on)


def county_codes() -> tuple[str, ...]:
    """Return every county code, Helsinki (90) and Åland (91) last."""
    return _counties().codes()


def municipality(code: str, on: date) -> Municipality:
    """Return the municipality with the three-digit code as it is on the day.

    Raises UnknownCode for a code that never existed and NotInForce for a day outside its rows.
    """
    return _municipalities().on(code, on)


def municipalities(on: date, county_code: str | None = None) -> tuple[Municipality, ...]:
    """Return the municipalities on the day, by code; only those of one county when it is given.

    Raises UnknownCode for a county code that never existed.
    """
    found = _municipalities().all_on(on)
    if county_code is None:
        return found
    _counties().entries(county_code)
    return tuple(one for one in found if one.county == county_code)


def municipality_named(name: str, on: date) -> Municipality:
    """Return the municipality with this Finnish, Swedish or English name, in any letter case.

    Raises UnknownCode when none has the name: a file to import must say which place it means.
    """
    wanted = name.strip().casefold()
    for one in municipalities(on):
        if wanted in (one.fi.casefold(), one.sv.casefold(), one.en.casefold()):
            return one
    raise UnknownCode(f"no municipality is called {name.strip()!r}; give its name or three-digit code")


def region(code: str, on: date) -> Area:
    """Return the region (maakunta) with the two-digit code as it is on the day."""
    return _regions().on(code, on)


def employment_area(code: str, on: date) -> Area:
    """Return the employment area as it is on the day; raises NotInForce before 2025, when there was none."""
    return _employment_areas().on(code, on)


def county_languages(code: str, on: date) -> tuple[str, ...]:
    """Return the languages of a county: both when any of its municipalities has another majority or two.

    The county's majority comes first, counted in municipalities. Source: Act 423/2003, section 6.
    """
    places = municipalities(on, code)
    spoken = {language for place in places for language in place.languages}
    swedish_first = sum(place.languages[0] == "sv" for place in places) * 2 > len(places)
    order = ("sv", "fi") if swedish_first else ("fi", "sv")
    return tuple(language for language in order if language in spoken)


def claiming_body(county_code: str, municipality_code: str, on: date) -> str:
    """Return the key of the body that claims the costs of care in the county.

    The county claims, Helsinki in that role too; on Åland the municipality does. Raises ValueError when the
    municipality is not in that county: the claim would go to a body that did not arrange the care.
    Source: Act 681/2023, section 69, subsections 1 and 2, and section 100.
    """
    place = municipality(municipality_code, on)
    if place.county != county_code:
        raise ValueError(f"municipality {municipality_code} is in county {place.county}, not {county_code}")
    one = county(county_code, on)
    return place.body if one.claimant == "municipality" else one.body


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _counties()
    _regions()
    _employment_areas()
    _municipalities()
