"""What the demos show of agreements besides those their homes need: other kinds, odd ends, deliveries, directions.

Written last and by a chance of its own, so that the children of the tour stay who they are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from agreements.delivery_rules import Reported, due_on
from agreements.life_tables import AgreementReview
from agreements.tables import Agreement, AgreementKind, AgreementVersion, PartyRole, PartySide, VersionStatus
from placement.agreed import obligations
from placement.agreed.facts import suggested_parties
from placement.agreed.obligations import Owed
from placement.audit.service import record
from placement.children.tables import Child
from placement.demo.accounts import FIRST_COUNTY, FIRST_MUNICIPALITY, OTHER_COUNTY, body
from placement.demo.agreements import Side, signer_of, write_agreement
from placement.demo.writing import Writer
from placement.directing import service as directing
from placement.directing.service import NewDirection
from placement.directing.tables import Care, Decline
from placement.people.queries import actor_of, mandates_of
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Actor
from placement.units.queries import organisations_by_key
from placement.units.tables import Unit, UnitCapacity, UnitKind

OLD_LAW_FIRST = date(2024, 7, 1)
ALAND_TOWN = "478"
REPORT_AFTER = timedelta(days=12)


def own_chance(writer: Writer, name: str) -> Writer:
    """Return a writer that shares everything but the dice."""
    return replace(writer, rng=random.Random(f"{name}-{writer.on}"))  # noqa: S311


def days_to(writer: Writer, day: date) -> int:
    return (day - writer.on).days


def sides_on(
    writer: Writer, kind: AgreementKind, county: Organisation | None, town: Organisation, on: date
) -> list[Side]:
    """Return the parties that the law asks for on a day, with the bodies that were there; each of them signs."""
    parties = suggested_parties(writer.session, kind.value, county, town, on)
    bodies = organisations_by_key(writer.session, [one.organisation_id for one in parties])
    somebody = writer.people["county-signatory"]
    return [
        Side(bodies[one.organisation_id], PartySide(one.side), somebody, PartyRole(one.role), one.chapter)
        for one in parties
    ]


def purchase(writer: Writer, county: Organisation, unit: Unit, *, first_day: int = -890) -> None:
    """Add the contract by which all places of a provider's unit are bought, at the unit's own price."""
    places = writer.session.exec(select(UnitCapacity.places).where(UnitCapacity.unit_id == unit.id)).first() or 0
    provider = writer.session.get_one(Organisation, unit.provider_id)
    somebody = writer.people["county-signatory"]
    write_agreement(
        writer,
        AgreementKind.PURCHASE,
        f"{unit.name}, ostopalvelu",
        [Side(county, PartySide.COUNTY, somebody), Side(provider, PartySide.PROVIDER, somebody)],
        [(unit, places)],
        first_day=first_day,
        last_day=1_300,
        price_cents=unit.price_day_cents,
        resolution=True,
    )


def write_small_cases(writer: Writer, homes: Sequence[Unit], bought: Unit) -> None:
    """Add an agreement of the earlier law that has ended, a returned one, a purchase, deliveries and directions."""
    writer = own_chance(writer, "small")
    county = body(writer.session, "county", FIRST_COUNTY, writer.on)
    tampere, nokia = (body(writer.session, "municipality", code, writer.on) for code in (FIRST_MUNICIPALITY, "536"))
    write_agreement(
        writer,
        AgreementKind.LEGACY_28,
        "Metsäkoto ja Kotipesä 2024",
        sides_on(writer, AgreementKind.LEGACY_28, county, tampere, OLD_LAW_FIRST),
        [(unit, 7) for unit in homes],
        first_day=days_to(writer, OLD_LAW_FIRST),
        last_day=-321,
        price_cents=23_800,
    )
    sides = sides_on(writer, AgreementKind.MUNICIPAL_PLACES, county, nokia, writer.on)
    write_agreement(
        writer,
        AgreementKind.MUNICIPAL_PLACES,
        "Nokian kuntapaikat",
        [replace(one, signer=None) for one in sides],
        [],
        first_day=70,
        last_day=1_530,
        status=VersionStatus.RETURNED,
        price_cents=None,
    )
    purchase(writer, county, bought)
    write_deliveries(writer, county, seldom=False)
    write_directions(writer, county, tampere, nokia)
    _mandate_ends(writer)


def _mandate_ends(writer: Writer) -> None:
    """Let the municipality's signatory have a mandate that ends in seven weeks."""
    user = writer.people["municipality-signatory"]
    for row in writer.session.exec(select(UserMandate).where(UserMandate.user_id == user.id)):
        row.valid_to = writer.days(49)
        writer.session.add(row)
    writer.session.flush()


def write_deliveries(writer: Writer, county: Organisation, *, seldom: bool) -> None:
    """Report the periods that are over: most delivered, society orientation in part, language training not at all.

    `seldom`: only in every third agreement something is left open.
    """
    agreements = writer.session.exec(
        select(Agreement).where(Agreement.county_id == county.id, Agreement.kind == AgreementKind.THREE_PARTY)
    ).all()
    places = _municipal_agreements(writer, county)
    for agreement in [*agreements, *places]:
        spared = seldom and (agreement.id or 0) % 3 != 0
        for owed in obligations._owed(writer.session, {agreement.id or 0}, writer.on, None):
            _report(writer, owed, spared=spared)


def _municipal_agreements(writer: Writer, county: Organisation) -> list[Agreement]:
    towns = select(Organisation.id).where(Organisation.county_id == county.id)
    rows = writer.session.exec(select(Agreement).where(Agreement.kind == AgreementKind.MUNICIPAL_PLACES)).all()
    own = set(writer.session.exec(towns))
    return [
        row
        for row in rows
        if any(one.body.id in own for one in obligations._owed(writer.session, {row.id or 0}, writer.on, None))
    ]


def _report(writer: Writer, owed: Owed, *, spared: bool) -> None:
    promise, period = owed.obligation.promise, owed.obligation.period
    if period.last is None or period.last + REPORT_AFTER > writer.on:
        return
    said, note = Reported.DELIVERED, "Toteutunut sovitusti."
    if not spared and due_on(period) < writer.on and promise.service == "language_training":
        return
    if not spared and promise.service == "society_orientation":
        said, note = Reported.PARTLY, "Kaksi ryhmää kolmesta; kolmas siirtyi syksyyn."
    at = noon(writer, days_to(writer, period.last + REPORT_AFTER))
    obligations.report(writer.session, reporter(writer, owed.body, at), owed, said=said, note=note, at=at)


def reporter(writer: Writer, town: Organisation, at: datetime) -> Actor:
    """Return who speaks for a municipality: its worker where it has one with a card, else its signatory."""
    worker = writer.people["municipality-worker"]
    for mandate in mandates_of(writer.session, worker.id or 0, at.date()):
        if mandate.organisation_id == town.id:
            return actor_of(writer.session, worker, mandate)
    return actor_of(writer.session, *signer_of(writer, town, at))


def noon(writer: Writer, days: int) -> datetime:
    """Return an instant so many days from the loading."""
    return writer.at + timedelta(days=days)


def speaker(writer: Writer, key: str) -> Actor:
    user: User = writer.people[key]
    return actor_of(writer.session, user, mandates_of(writer.session, user.id or 0, writer.on)[0])


def write_directions(writer: Writer, county: Organisation, town: Organisation, other: Organisation) -> None:
    """Add a direction in each state: open, agreed, declined, expired, withdrawn."""
    query = select(Child).where(Child.county_id == county.id, col(Child.protected).is_(False)).order_by(col(Child.id))
    children = list(writer.session.exec(query))
    waiting = [one for one in children if one.waiting_since is not None]
    living = [one for one in children if one.waiting_since is None]
    worker, lead = speaker(writer, "social-worker"), speaker(writer, "county-lead")
    state, municipal = speaker(writer, "reviewer"), speaker(writer, "municipality-worker")

    def asked(child: Child, to: Organisation, opened: int, care: Care = Care.MUNICIPAL_PLACE) -> str:
        new = NewDirection(to.id or 0, care.value, writer.days(opened + 30), writer.days(opened + 21))
        at = noon(writer, opened)
        return directing.open_direction(writer.session, worker, child.ref, new, at=at).ref

    def agreed(who: Actor, ref: str, days: int) -> None:
        directing.answer(writer.session, who, ref, agrees=True, reason=None, words=None, at=noon(writer, days))

    done = asked(living[0], town, -80)
    for days, who in enumerate((state, municipal, lead), start=-78):
        agreed(who, done, days)
    agreed(state, asked(living[1], town, -50), -47)
    taken_back = asked(living[2], town, -40)
    directing.withdraw(writer.session, worker, taken_back, "Lapsi muutti sukulaisen luo.", at=noon(writer, -35))
    refused = asked(waiting[-1], other, -9, Care.FOSTER_CARE)
    directing.answer(
        writer.session, state, refused, agrees=False, reason=Decline.NO_SERVICES.value,
        words="Esteettömiä palveluja ei ole kunnassa.", at=noon(writer, -4),
    )  # fmt: skip
    agreed(state, asked(waiting[-3], town, -5), -3)


def write_national_cases(writer: Writer, units: Sequence[tuple[Unit, Organisation, Organisation]]) -> None:
    """Buy the providers' housing, agree on foster care and places, review and end some. `units`: with county, town."""
    writer = own_chance(writer, "national")
    first = body(writer.session, "county", FIRST_COUNTY, writer.on)
    bought = [one for one in units if one[0].provider_id and one[0].kind is UnitKind.SUPPORTED_HOUSING]
    for unit, county, _ in bought[:4]:
        purchase(writer, county, unit, first_day=-1_050)
    towns: dict[int, tuple[Organisation, Organisation]] = {}
    for _, county, town in units:
        towns.setdefault(county.id or 0, (county, town))
    for number, (county, town) in enumerate(towns.values()):
        if number % 4 == 0:
            _plain(writer, AgreementKind.FOSTER_CARE, "Perhehoito", county, town, first_day=-200)
        if number % 3 == 1:
            _plain(writer, AgreementKind.MUNICIPAL_PLACES, "Kuntapaikat", county, town, first_day=-1_000)
    _future_places(writer, first, body(writer.session, "municipality", FIRST_MUNICIPALITY, writer.on))
    _aland(writer)
    _reviewed(writer)
    for county, _ in towns.values():
        write_deliveries(writer, county, seldom=True)
    write_directions(writer, first, *(_town(writer, code) for code in (FIRST_MUNICIPALITY, "536")))
    write_direction_of_the_other_county(writer)


def _town(writer: Writer, code: str) -> Organisation:
    return body(writer.session, "municipality", code, writer.on)


def _plain(
    writer: Writer, kind: AgreementKind, title: str, county: Organisation, town: Organisation, *, first_day: int
) -> AgreementVersion:
    law = writer.days(first_day)
    return write_agreement(
        writer, kind, f"{title}, {town.name_fi}", sides_on(writer, kind, county, town, law), [],
        first_day=first_day, last_day=first_day + 1_826, price_cents=None,
    )  # fmt: skip


def _future_places(writer: Writer, county: Organisation, town: Organisation) -> None:
    """Sign places that begin next month: what they promise is not owed yet."""
    _plain(writer, AgreementKind.MUNICIPAL_PLACES, "Kuntapaikat 2027", county, town, first_day=30)


def _aland(writer: Writer) -> None:
    """Agree on places on Åland: no county, its health authority heard and silent; ended early by consent."""
    town = _town(writer, ALAND_TOWN)
    kind = AgreementKind.MUNICIPAL_PLACES
    write_agreement(
        writer, kind, "Kommunplatser, Mariehamn", sides_on(writer, kind, None, town, writer.days(-500)), [],
        first_day=-500, last_day=900, price_cents=None, silent=True, ended_day=-60,
    )  # fmt: skip


def _reviewed(writer: Writer) -> None:
    """Record the review of the oldest municipal places."""
    agreement = writer.session.exec(
        select(Agreement).where(Agreement.kind == AgreementKind.MUNICIPAL_PLACES).order_by(col(Agreement.id))
    ).first()
    if agreement is None:
        return
    county, at = speaker(writer, "reviewer"), noon(writer, -90)
    writer.session.add(
        AgreementReview(
            agreement_id=agreement.id or 0, held_on=writer.days(-90), outcome="Sopimus jatkuu ennallaan.",
            organisation_id=county.organisation_id, by=county.user_id, at=at,
        )
    )  # fmt: skip
    record(writer.session, actor=county, action="agreement-reviewed", object_kind="agreement",
           object_ref=agreement.ref, at=at, after={"held_on": writer.days(-90).isoformat()})  # fmt: skip
    writer.session.flush()


def write_direction_of_the_other_county(writer: Writer) -> None:
    """Ask about a child of the other county, so that somebody else has a direction too."""
    county = body(writer.session, "county", OTHER_COUNTY, writer.on)
    worker = speaker(writer, "other-social-worker")
    child = writer.session.exec(
        select(Child).where(Child.county_id == county.id, Child.worker_id == worker.user_id).order_by(col(Child.id))
    ).first()
    if child is not None:
        new = NewDirection(_town(writer, "092").id or 0, Care.FOSTER_CARE.value, writer.days(25), writer.days(18))
        directing.open_direction(writer.session, worker, child.ref, new, at=noon(writer, -3))
