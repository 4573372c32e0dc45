"""The national demo: 12 counties, 41 units, about 160 children and young people, three years of history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from agreements.tables import AgreementKind, PartyRole, PartySide, VersionStatus
from placement.agreed.facts import suggested_parties
from placement.children.tables import ApartPair, Child, SiblingMode
from placement.demo.accounts import FIRST_COUNTY, OTHER_COUNTY, body
from placement.demo.agreed_cases import write_national_cases
from placement.demo.agreements import Side, write_agreement
from placement.demo.claims_national import write_national_claims
from placement.demo.claims_small import provider
from placement.demo.examining import write_letters, write_questions
from placement.demo.life import write_life
from placement.demo.names import LANGUAGES
from placement.demo.national_areas import AREAS, SERVED, TREES, Area
from placement.demo.stays import write_stay
from placement.demo.writing import Writer
from placement.people.tables import Cooperation, CooperationMember, Organisation, User, UserMandate
from placement.permissions import Role
from placement.units.queries import organisations_by_key
from placement.units.tables import Closure, Unit, UnitKind

GROWN_KINDS = (UnitKind.SUPPORTED_HOUSING, UnitKind.SUPPORTED_OWN_FLAT)
FOUNDED_ONLY = "10"
"""The county whose home is only founded by agreement, its municipality silent when it was asked."""
SIBLINGS = {0: SiblingMode.MUST, 1: SiblingMode.SHOULD, 2: SiblingMode.MUST}
"""Who of those who wait has a sister or brother waiting too; none of them is grown, because a home takes both."""
BOUGHT_HOMES = ("03", "05", "19")
PARTS = ((18.2, 22.4), (14.0, 17.6), (9.0, 13.5))


@dataclass
class Place:
    """A unit with the places still free and the official of its county."""

    unit: Unit
    county: Organisation
    town: Organisation
    worker: User
    left: int


def write_national(writer: Writer) -> None:
    """Write the whole set; about four fifths of the places are taken, thirty children wait."""
    writer.letters = True
    names = list(TREES)
    places: list[Place] = []
    for area in AREAS:
        places += area_of(writer, area, names)
    _cooperation(writer)
    _residents(writer, places)
    _history(writer, places)
    _waiting(writer, places)
    _odd_cases(writer, places)
    _claims(writer, places)
    _new_home(writer)
    write_life(writer, closing=True)


def _new_home(writer: Writer) -> None:
    """Open a home in another town of the first county, so that a home that closes can be replaced in several ways."""
    area = AREAS[0]
    county = body(writer.session, "county", area.county, writer.on)
    town = body(writer.session, "municipality", area.towns[1], writer.on)
    home = writer.unit(
        county,
        town,
        "Uusikoto",
        places=7,
        languages=("en", "prs", "ar", "so"),
        services=SERVED,
        opened=-20,
        ages=(7, 17),
        price_cents=25_200,
    )
    kind = AgreementKind.THREE_PARTY
    write_agreement(
        writer,
        kind,
        home.name,
        _sides(writer, kind, county, town, -45),
        [(home, 7)],
        first_day=-20,
        last_day=1_441,
        price_cents=25_200,
    )


def _claims(writer: Writer, places: list[Place]) -> None:
    """Buy the housing of every county and the homes of some from a provider; write three years of claims."""
    bought = [
        one.unit
        for one in places
        if one.unit.kind is UnitKind.SUPPORTED_HOUSING
        or (one.unit.kind is UnitKind.FAMILY_GROUP_HOME and one.county.county_code in BOUGHT_HOMES)
    ]
    provider(writer, *bought)
    write_national_cases(writer, [(one.unit, one.county, one.town) for one in places])
    units: dict[int, list[Unit]] = {}
    for one in places:
        units.setdefault(one.county.id or 0, []).append(one.unit)
    counties = list({one.county.id: one.county for one in places}.values())
    write_national_claims(writer, units, counties, _person)
    write_letters(writer)
    write_questions(writer)


def _person(writer: Writer, key: str, name: str, role: Role, body_: Organisation) -> User:
    """Return the person with this key, added without a sign-in card when the demo has none."""
    found = writer.people.get(key) or writer.others.get(key)
    if found is not None:
        return found
    user = User(login=f"{key}@demo.invalid", name=name, title=role.value, demo_key=key, created_at=writer.at)
    writer.session.add(user)
    writer.session.flush()
    writer.session.add(
        UserMandate(
            user_id=user.id or 0,
            role=role,
            organisation_id=body_.id or 0,
            may_decide=role is Role.SOCIAL_WORKER,
            basis="DEMO",
            valid_from=writer.days(-4 * 365),
        )
    )
    writer.session.flush()
    writer.others[key] = user
    return user


def _worker(writer: Writer, county: Organisation, code: str) -> User:
    """Return the county's deciding official: an account with a card, or one that only the demo's history needs."""
    key = {FIRST_COUNTY: "social-worker", OTHER_COUNTY: "other-social-worker"}.get(code, f"worker-{code}")
    return _person(writer, key, f"Päivi Päättäjä {code}", Role.SOCIAL_WORKER, county)


def area_of(writer: Writer, area: Area, names: list[str]) -> list[Place]:
    county = body(writer.session, "county", area.county, writer.on)
    towns = [body(writer.session, "municipality", code, writer.on) for code in area.towns]
    worker = _worker(writer, county, area.county)
    rng = writer.rng
    places = []
    house = writer.building(county, towns[0], f"{names[0]}talo") if area.homes > 1 else None

    def add(town: Organisation, size: int, **more: Any) -> None:
        unit = writer.unit(county, town, names.pop(0), places=size, opened=-rng.randint(1_100, 1_400), **more)
        places.append(Place(unit, county, town, worker, size))

    for _ in range(area.homes):
        add(
            towns[0],
            7,
            services=SERVED,
            languages=_spoken(writer, 4),
            building=house,
            ages=rng.choice(((7, 17), (10, 17), (0, 17))),
            price_cents=rng.randint(235, 278) * 100,
        )
    for _ in range(area.housing):
        add(
            towns[-1],
            rng.randint(5, 8),
            kind=UnitKind.SUPPORTED_HOUSING,
            languages=_spoken(writer, 3),
            services={"school_support": 10, "prep_education": 0, "trauma": 4},
            price_cents=rng.randint(128, 160) * 100,
        )
    for _ in range(area.foster):
        add(
            towns[0],
            2,
            kind=UnitKind.FOSTER_HOME,
            languages=_spoken(writer, 2),
            ages=(0, 17),
            two_carers=True,
            services={"prep_education": 0, "trauma": 2, "school_support": 4},
            price_cents=11_000,
            interpreter_hours=6,
        )
    for _ in range(area.flats):
        add(
            towns[-1],
            2,
            kind=UnitKind.SUPPORTED_OWN_FLAT,
            languages=_spoken(writer, 1),
            ages=(18, 22),
            services={"school_support": 2},
            price_cents=6_800,
            interpreter_hours=4,
        )
    _agreements(writer, area, county, towns, [one.unit for one in places])
    return places


def _spoken(writer: Writer, count: int) -> list[str]:
    codes, shares = zip(*LANGUAGES, strict=True)
    found: list[str] = ["en"]
    while len(found) < count + 1:
        code = writer.rng.choices(codes, shares)[0]
        if code not in found:
            found.append(code)
    return found


def _agreements(writer: Writer, area: Area, county: Organisation, towns: list[Organisation], units: list[Unit]) -> None:
    """Cover the homes with three-party agreements, one ended and one in force; add the other states here and there."""
    homes = [unit for unit in units if unit.kind is UnitKind.FAMILY_GROUP_HOME]
    if not homes:
        return
    covered = [(unit, 7) for unit in homes]
    title = " ja ".join(unit.name for unit in homes)
    write_agreement(
        writer,
        AgreementKind.LEGACY_28,
        f"{title} 2023",
        _sides(writer, AgreementKind.LEGACY_28, county, towns[0], -1_120),
        covered,
        first_day=-1_090,
        last_day=-330,
        price_cents=23_800,
    )
    kind = AgreementKind.FOUNDING if area.county == FOUNDED_ONLY else AgreementKind.THREE_PARTY
    write_agreement(
        writer,
        kind,
        title,
        _sides(writer, kind, county, towns[0], -355),
        covered,
        first_day=-329,
        last_day=55 if area.county == "12" else 1_300,
        price_cents=None if kind is AgreementKind.FOUNDING else 24_900,
        silent=kind is AgreementKind.FOUNDING,
    )
    if area.county in STATES:
        kind, status, first = STATES[area.county]
        unsigned = [
            Side(one.body, one.side, None, one.role, one.chapter) for one in _sides(writer, kind, county, towns[0], -30)
        ]
        write_agreement(
            writer,
            kind,
            f"{title} 2027",
            unsigned,
            covered if kind is not AgreementKind.MUNICIPAL_PLACES else [],
            first_day=first,
            last_day=first + 1_460,
            status=status,
            price_cents=None,
        )


def _sides(writer: Writer, kind: AgreementKind, county: Organisation, town: Organisation, days: int) -> list[Side]:
    """Return the parties that the law asked for on a day, with the bodies that were there; each of them signs."""
    on = writer.days(days)
    parties = suggested_parties(writer.session, kind.value, county, town, on)
    bodies = organisations_by_key(writer.session, [one.organisation_id for one in parties])
    somebody = writer.people["county-signatory"]
    return [
        Side(bodies[one.organisation_id], PartySide(one.side), somebody, PartyRole(one.role), one.chapter)
        for one in parties
    ]


STATES = {
    "90": (AgreementKind.FOUNDING, VersionStatus.DRAFT, 1_301),
    "05": (AgreementKind.FOUNDING, VersionStatus.HEARING, 1_301),
    "19": (AgreementKind.THREE_PARTY, VersionStatus.IN_SIGNING, 1_301),
    "21": (AgreementKind.THREE_PARTY, VersionStatus.RETURNED, 1_301),
    "15": (AgreementKind.MUNICIPAL_PLACES, VersionStatus.DRAFT, 60),
}


def _cooperation(writer: Writer) -> None:
    """Join the first county with Keski-Suomi: their proposals may be calculated together."""
    joined = Cooperation(name="Sisä-Suomen yhteistyö", valid_from=writer.days(-200))
    writer.session.add(joined)
    writer.session.flush()
    for code in (FIRST_COUNTY, "15"):
        county = body(writer.session, "county", code, writer.on)
        writer.session.add(CooperationMember(cooperation_id=joined.id or 0, county_id=county.id or 0))


def youngster(writer: Writer, place: Place, *, grown: bool | None = None, **more: Any) -> Child:
    rng = writer.rng
    codes, shares = zip(*LANGUAGES, strict=True)
    old = place.unit.kind in GROWN_KINDS if grown is None else grown
    low, high = PARTS[0] if old else rng.choices(PARTS[1:], (85, 15))[0]
    spoken = [row for row in codes if rng.random() < 0.04]
    return writer.child(
        place.county,
        place.town,
        language=rng.choices(codes, shares)[0],
        gender=rng.choices("MF", (8, 2))[0],
        worker=place.worker,
        support_level=rng.choices((1, 2, 3), (2, 5, 2))[0],
        other_languages=dict.fromkeys(spoken, 3),
        needs={"prep_education": 1} if not old and rng.random() < 0.4 else {},
        **{"age_years": rng.uniform(low, high), "in_finland_days": rng.randint(380, 900), **more},
    )


def _residents(writer: Writer, places: list[Place]) -> None:
    """Fill about four fifths of the places with children who stay today, foster homes with one or two."""
    for place in places:
        share = 0.5 if place.unit.kind is UnitKind.FOSTER_HOME else 0.74
        for _ in range(place.left):
            if writer.rng.random() > share:
                continue
            child = youngster(writer, place)
            write_stay(writer, child, place.unit, start=-writer.rng.randint(20, 320), decider=place.worker)
            place.left -= 1


def _history(writer: Writer, places: list[Place]) -> None:
    """Add young people who left a home before they were 18, up to a year and a half ago."""
    homes = [place for place in places if place.unit.kind is UnitKind.FAMILY_GROUP_HOME]
    for number in range(14):
        place = homes[number % len(homes)]
        left = writer.rng.randint(340, 500)
        came = left + writer.rng.randint(120, 500)
        child = youngster(
            writer,
            place,
            grown=True,
            age_years=writer.rng.uniform(16.4, 17.9) + left / 365.25,
            in_finland_days=came + 20,
        )
        write_stay(writer, child, place.unit, start=-came, end=-left, decider=place.worker, end_reason="moved-on")


def _waiting(writer: Writer, places: list[Place]) -> None:
    """Add those who wait: in each county by its size, with siblings, wishes and needs."""
    rng = writer.rng
    waiting: list[tuple[Child, Place]] = []
    for number in range(27):
        place = places[(number * 7) % len(places)]
        child = youngster(
            writer,
            place,
            grown=rng.random() < 0.25 and number not in SIBLINGS,
            waiting_days=rng.randint(3, 150),
            priority=rng.randint(1, 5),
            protected=number == 4,
            temporary_number=number % 5 == 0,
            own_view="Haluan asua lähellä ystäviä.",
            relatives=rng.choice(places).town if rng.random() < 0.4 else None,
        )
        wished = [one.unit for one in rng.sample(places, 2) if one.county is place.county]
        writer.wish(child, *wished)
        waiting.append((child, place))
    for number, mode in SIBLINGS.items():
        elder, place = waiting[number]
        other = youngster(writer, place, grown=False, waiting_days=40, priority=4)
        other.last_name = elder.last_name
        writer.siblings(place.county, elder, other, mode=mode)
    first, second = waiting[5][0], waiting[6][0]
    if first.county_id == second.county_id:
        low, high = sorted((first.id or 0, second.id or 0))
        writer.session.add(
            ApartPair(child_a_id=low, child_b_id=high, county_id=first.county_id, reason="Aiempi väkivaltatilanne.")
        )


def _odd_cases(writer: Writer, places: list[Place]) -> None:
    """Close two free places for repairs, and give the unit manager a unit."""
    roomy = max((place for place in places if place.unit.kind is UnitKind.SUPPORTED_HOUSING), key=lambda one: one.left)
    if roomy.left:
        writer.session.add(
            Closure(
                unit_id=roomy.unit.id or 0,
                valid_from=writer.days(-5),
                valid_to=writer.days(40),
                places=1,
                reason="Huoneen kosteusvaurio korjataan.",
            )
        )
    manager = writer.people["unit-manager"]
    own = next(place for place in places if place.county.county_code == FIRST_COUNTY)
    for mandate in writer.session.exec(select(UserMandate).where(UserMandate.user_id == manager.id)):
        mandate.unit_id = own.unit.id
