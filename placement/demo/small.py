"""The two-minute tour: 2 counties, 8 units with 56 places, 44 children placed, 6 waiting, 3 claims.

Of its agreements one is in force, one signed by two of three, and one ends in 40 days; agreed_cases adds the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import select

from agreements.tables import AgreementKind, PartyRole, PartySide, VersionStatus
from placement.children.tables import Child
from placement.demo.accounts import FIRST_CENTRE, FIRST_COUNTY, OTHER_COUNTY, body
from placement.demo.agreed_cases import write_small_cases
from placement.demo.agreements import Side, write_agreement
from placement.demo.claims_small import provider, write_small_claims
from placement.demo.examining import write_examining
from placement.demo.life import write_life
from placement.demo.names import LANGUAGES
from placement.demo.stays import write_stay
from placement.demo.writing import Writer
from placement.people.tables import Organisation, User, UserMandate
from placement.units.tables import Unit, UnitKind

HOUSING = {"prep_education": 0, "school_support": 6}


@dataclass(frozen=True)
class Places:
    """The units of the tour by their part in it."""

    koivu: Unit
    haapa: Unit
    manty: Unit
    kotipesa: Unit
    tuomi: Unit
    uusipesa: Unit
    korento: Unit
    sarka: Unit


def write_small(writer: Writer) -> None:
    """Write the whole set. One child of the six has no suitable place: no unit has wheelchair access."""
    county, other = (body(writer.session, "county", code, writer.on) for code in (FIRST_COUNTY, OTHER_COUNTY))
    tampere, nokia, ylojarvi, vantaa, kerava = (
        body(writer.session, "municipality", code, writer.on) for code in ("837", "536", "980", "092", "245")
    )
    places = _units(writer, county, other, tampere, nokia, ylojarvi, vantaa, kerava)
    _agreements(writer, places, county, tampere, nokia)
    _residents(writer, places, county, other, tampere, vantaa)
    _waiting(writer, places, county, tampere, nokia, ylojarvi)
    provider(writer, places.kotipesa, places.tuomi)
    write_small_cases(writer, [places.koivu, places.haapa, places.manty, places.kotipesa], places.tuomi)
    write_small_claims(writer, county, [places.koivu, places.haapa, places.manty, places.kotipesa, places.tuomi])
    write_examining(writer)
    manager = writer.people["unit-manager"]
    for mandate in writer.session.exec(select(UserMandate).where(UserMandate.user_id == manager.id)):
        mandate.unit_id = places.haapa.id
    write_life(writer)


def _units(writer: Writer, county: Organisation, other: Organisation, *towns: Organisation) -> Places:
    tampere, nokia, ylojarvi, vantaa, kerava = towns
    house = writer.building(county, tampere, "Metsäkoto")
    return Places(
        koivu=writer.unit(county, tampere, "Koivu", places=7, languages=("so", "prs", "ar", "en"), building=house),
        haapa=writer.unit(county, tampere, "Haapa", places=7, languages=("prs", "ps", "uk", "en"), building=house),
        manty=writer.unit(county, tampere, "Mänty", places=7, languages=("ar", "ckb", "ti", "fr"), building=house),
        kotipesa=writer.unit(county, ylojarvi, "Kotipesä", places=7, languages=("so", "uk")),
        tuomi=writer.unit(
            county,
            tampere,
            "Tuomi",
            places=8,
            kind=UnitKind.SUPPORTED_HOUSING,
            languages=("so", "ar", "prs"),
            services=HOUSING,
            price_cents=14_200,
        ),
        uusipesa=writer.unit(county, nokia, "Uusipesä", places=7, languages=("ti", "prs", "ckb"), opened=-20),
        korento=writer.unit(
            other,
            vantaa,
            "Korento",
            places=7,
            kind=UnitKind.SUPPORTED_HOUSING,
            languages=("so", "ar", "prs"),
            services=HOUSING,
            price_cents=13_500,
        ),
        sarka=writer.unit(
            other,
            kerava,
            "Sarka",
            places=6,
            kind=UnitKind.SUPPORTED_HOUSING,
            languages=("so", "uk"),
            services=HOUSING,
            price_cents=13_800,
        ),
    )


def _agreements(
    writer: Writer, places: Places, county: Organisation, tampere: Organisation, nokia: Organisation
) -> None:
    """One in force, one that waits for the state's signature, and one on municipal places that ends in 40 days."""
    centre = body(writer.session, "authority", FIRST_CENTRE, writer.on)
    signers = [writer.people[key] for key in ("county-signatory", "municipality-signatory", "state-signatory")]
    write_agreement(
        writer,
        AgreementKind.THREE_PARTY,
        "Metsäkoto ja Kotipesä",
        _sides(county, tampere, centre, signers),
        [(places.koivu, 7), (places.haapa, 7), (places.manty, 7), (places.kotipesa, 7)],
        first_day=-320,
        last_day=1_400,
    )
    write_agreement(
        writer,
        AgreementKind.THREE_PARTY,
        "Uusipesä",
        _sides(county, nokia, centre, [signers[0], signers[1], None]),
        [(places.uusipesa, 7)],
        first_day=20,
        last_day=1_480,
        status=VersionStatus.IN_SIGNING,
        price_cents=25_100,
    )
    heard = Side(county, PartySide.COUNTY, None, PartyRole.HEARD)
    write_agreement(
        writer,
        AgreementKind.MUNICIPAL_PLACES,
        "Tampereen kuntapaikat",
        [Side(tampere, PartySide.MUNICIPALITY, signers[1]), Side(centre, PartySide.STATE, signers[2]), heard],
        [],
        first_day=-320,
        last_day=40,
        price_cents=None,
    )


def _sides(
    county: Organisation, municipality: Organisation, centre: Organisation, signers: Sequence[User | None]
) -> list[Side]:
    sides = (PartySide.COUNTY, PartySide.MUNICIPALITY, PartySide.STATE)
    return [Side(*each) for each in zip((county, municipality, centre), sides, signers, strict=True)]


def _residents(writer: Writer, places: Places, county: Organisation, other: Organisation, *towns: Organisation) -> None:
    """Fill the places: 5 + 6 + 6 + 7 + 7 in the first county, 7 + 6 in the other."""
    tampere, vantaa = towns
    worker, other_worker = writer.people["social-worker"], writer.people["other-social-worker"]
    for unit, count, home, town, who in (
        (places.koivu, 5, county, tampere, worker),
        (places.haapa, 6, county, tampere, worker),
        (places.manty, 6, county, tampere, worker),
        (places.kotipesa, 7, county, tampere, worker),
        (places.tuomi, 7, county, tampere, worker),
        (places.korento, 7, other, vantaa, other_worker),
        (places.sarka, 6, other, vantaa, other_worker),
    ):
        for number in range(count):
            child = _resident(writer, unit, home, town, who)
            leaves = 171 if unit is places.kotipesa and number == 0 else None
            write_stay(writer, child, unit, start=-writer.rng.randint(60, 310), decider=who, end=leaves)


def _resident(writer: Writer, unit: Unit, county: Organisation, town: Organisation, worker: User) -> Child:
    rng = writer.rng
    spoken, shares = zip(*LANGUAGES, strict=True)
    grown = unit.kind is UnitKind.SUPPORTED_HOUSING
    age = rng.uniform(18.9, 21.4) if grown else rng.choice((rng.uniform(9, 13), rng.uniform(14, 16.6)))
    return writer.child(
        county,
        town,
        age_years=age,
        language=rng.choices(spoken, shares)[0],
        gender=rng.choices("MF", (8, 2))[0],
        worker=worker,
        support_level=rng.choice((1, 2) if grown else (2, 2, 3)),
        needs={"prep_education": 1} if not grown and rng.random() < 0.4 else {},
        in_finland_days=rng.randint(380, 700),
    )


def _waiting(writer: Writer, places: Places, county: Organisation, *towns: Organisation) -> None:
    tampere, nokia, ylojarvi = towns
    worker = writer.people["social-worker"]
    older = writer.child(
        county,
        tampere,
        age_years=14.2,
        language="prs",
        worker=worker,
        waiting_days=34,
        place_in_days=0,
        priority=4,
        needs={"trauma": 1},
        relatives=nokia,
        own_view="Haluan olla veljeni kanssa.",
        family_name="Revontuli",
        in_finland_days=90,
    )
    younger = writer.child(
        county,
        tampere,
        age_years=11.6,
        language="prs",
        worker=worker,
        waiting_days=34,
        place_in_days=0,
        priority=4,
        own_view="Haluan olla veljeni kanssa.",
        family_name="Revontuli",
        in_finland_days=90,
    )
    writer.siblings(county, older, younger)
    writer.wish(older, places.koivu, places.haapa)
    protected = writer.child(
        county,
        ylojarvi,
        age_years=15.4,
        language="uk",
        gender="F",
        worker=worker,
        waiting_days=12,
        place_in_days=0,
        priority=5,
        protected=True,
        support_level=3,
        own_view="Haluan rauhallisen paikan.",
        in_finland_days=60,
    )
    writer.wish(protected, places.haapa)
    writer.child(
        county,
        tampere,
        age_years=16.1,
        language="ti",
        worker=worker,
        waiting_days=58,
        place_in_days=0,
        priority=3,
        needs={"prep_education": 2},
        relatives=tampere,
        own_view="Haluan käydä koulua Tampereella.",
        in_finland_days=120,
        temporary_number=True,
    )
    writer.child(
        county,
        nokia,
        age_years=18.4,
        language="so",
        worker=worker,
        waiting_days=21,
        place_in_days=0,
        priority=2,
        support_level=1,
        own_view="Haluan oman huoneen.",
        in_finland_days=400,
    )
    writer.child(
        county,
        tampere,
        age_years=12.8,
        language="ar",
        gender="F",
        worker=worker,
        waiting_days=41,
        place_in_days=0,
        priority=4,
        needs={"wheelchair": 0, "somatic_care": 4},
        support_level=3,
        own_view="Haluan päästä ulos pyörätuolilla.",
        in_finland_days=150,
    )
