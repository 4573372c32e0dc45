"""The demo's paths: every kind of service in every state, assessments, hearings, representatives, family, protocols.

Runs after the rest with a chance of its own, so that what the tour shows does not change with it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select

from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.demo.path_services import Paths, anybody, event_day, nearest_to_adulthood, write_service, write_services
from placement.demo.schools import write_schools
from placement.demo.urgent_decisions import write_urgent
from placement.demo.writing import Writer
from placement.integration.tables import (
    ChildHearing,
    ChildMerge,
    FamilyMember,
    HearingOutcome,
    ProtocolKind,
    Relationship,
    Representation,
    RestrictionProtocol,
    ServiceNeedAssessment,
    Whose,
)
from placement.people.tables import Organisation
from placement.reference import adult_from
from placement.units.tables import Unit, UnitKind

MERGED_FROM = 60
"""The small demo is too small for a merged record: its numbers are those of the tour."""


def write_paths(writer: Writer, seed: int, only: Sequence[Child] | None = None) -> None:
    """Write the path of every child of the demo (or of these only), a few odd cases among them."""
    paths = Paths(writer, random.Random(f"paths-{seed}"))  # noqa: S311
    children = list(only or writer.session.exec(select(Child).order_by(col(Child.id))))
    paths.nearest = nearest_to_adulthood(children, writer.on)
    homes = _homes(writer)
    for place, child in enumerate(children):
        _assessment(paths, child, place)
        _hearing(paths, child, place)
        _representative(paths, child, place)
        write_services(paths, child)
        if place % 6 == 4:
            _family(paths, child, place)
        home = homes.get(child.id or 0)
        if home is not None and place % 5 == 2:
            _protocol(paths, child, home, place)
    if len(children) > MERGED_FROM:
        _merged(paths, children)
    write_schools(paths, children)
    if only is None:
        write_urgent(paths)
    writer.session.flush()


def _merged(paths: Paths, children: list[Child]) -> None:
    """A record added with a temporary number whose identity code turned out to be a known child's; merged since."""
    kept = next(child for child in children if child.waiting_since is None and child.municipality_id)
    county, town = (paths.writer.session.get_one(Organisation, key) for key in (kept.county_id, kept.municipality_id))
    second = paths.writer.child(county, town, age_years=15, language="so", temporary_number=True)
    second.birth_date, second.entered_on = kept.birth_date, kept.entered_on
    paths.writer.session.add(
        ChildMerge(
            county_id=kept.county_id,
            kept_id=kept.id or 0,
            merged_id=second.id or 0,
            moved=json.dumps({"rows": [], "waiting_since": None}),
            reason="Henkilötunnus saapui ja kuuluu lapselle, joka on jo asiakkaana.",
            merged_by=kept.worker_id or anybody(paths),
            merged_at=paths.writer.at - timedelta(days=3),
        )
    )


def _homes(writer: Writer) -> dict[int, int]:
    """Return the family group home of each child who lives in one today."""
    rows = writer.session.exec(
        select(Stay, Unit).join(Unit, col(Unit.id) == Stay.unit_id).where(Unit.kind == UnitKind.FAMILY_GROUP_HOME)
    )
    return {
        stay.child_id: unit.id or 0
        for stay, unit in rows
        if stay.realised_start is not None and (stay.end is None or stay.end > writer.on)
    }


def _assessment(paths: Paths, child: Child, place: int) -> None:
    """An assessment for each: most are ready; of eight, four are somewhere on the way, in time or late."""
    on, stage = paths.writer.on, place % 8
    contact, started, ready = _stage(paths, child, stage)
    if contact < child.entered_on:
        return
    needs = paths.rng.choice(({}, {"prep_education": 1}, {"trauma": 1}, {"literacy": 2}, {"school_support": 1}))
    paths.writer.session.add(
        ServiceNeedAssessment(
            child_id=child.id or 0,
            county_id=child.county_id,
            number=paths.number("assessment", child),
            contact_on=contact,
            started_on=started,
            ready_on=ready,
            needs=json.dumps(needs if ready else {}),
            summary="Palvelutarve arvioitiin yhdessä lapsen ja edustajan kanssa." if ready else None,
            worker_id=child.worker_id or anybody(paths),
            recorded_at=paths.writer.at,
        )
    )
    reported = "reported" if stage in (4, 5) else "owed"
    write_service(
        paths, child, "assessment_start", contact, "assessment", "delivered" if started else reported, on=started
    )
    if started is not None and started <= on:
        write_service(
            paths, child, "assessment_ready", started, "assessment", "delivered" if ready else reported, on=ready
        )


def _stage(paths: Paths, child: Child, stage: int) -> tuple[date, date | None, date | None]:
    """Return the days of contact, beginning and end at one of eight stages (six and seven are ready)."""
    on = paths.writer.on
    under_way = {0: (3, None), 1: (25, None), 2: (40, 34), 3: (140, 130), 4: (6, None), 5: (80, 75)}
    if stage in under_way:
        contact, started = under_way[stage]
        return on - timedelta(days=contact), on - timedelta(days=started) if started else None, None
    first = max(child.entered_on, (child.permit_on or child.entered_on) - timedelta(days=paths.rng.randint(5, 60)))
    begun = first + timedelta(days=paths.rng.choice((2, 4, 6, 8)))
    ready = begun + timedelta(days=paths.rng.randint(20, 60))
    return (first, begun, ready) if ready <= on else (on - timedelta(days=5), None, None)


def _hearing(paths: Paths, child: Child, place: int) -> None:
    """A hearing for each; some without the interpreter or with an objection, heard again where that was done."""
    odd, kind = place % 11, {3: "hearing_again", 5: "second_hearing"}.get(place % 11)
    wanted = paths.next_state(kind) if kind else "delivered"
    day = event_day(paths, child, kind or "third_sector", wanted)
    if day < child.entered_on:
        return
    if kind:
        write_service(paths, child, kind, day, "hearing", wanted, on=day + timedelta(days=4))
    if odd == 9:
        reason = {"ground": "endangers_health_or_development", "said": "Lapsi on osastohoidossa."}
        _heard(paths, child, HearingOutcome.NOT_HEARD, day, **reason)
        return
    first = _heard(
        paths,
        child,
        HearingOutcome.NO_INTERPRETER if odd == 3 else HearingOutcome.HEARD,
        day,
        objects=odd == 5,
        said=None
        if odd == 3
        else "Ei halua muuttaa kauas ystävistä."
        if odd == 5
        else "Toivoo paikkaa koulun läheltä.",
        alternatives="Arvioitiin kaksi lähempää yksikköä." if odd == 5 else None,
    )
    if odd in (3, 5) and wanted == "delivered":
        again = day + timedelta(days=4)
        _heard(paths, child, HearingOutcome.HEARD, again, said="Hyväksyy lähemmän paikan.", answers=first)


def _heard(paths: Paths, child: Child, outcome: HearingOutcome, on: date, **more: Any) -> int:
    number = paths.number("hearing", child)
    spoken = {"how": "conversation", "language": "so", "interpreter": True} if outcome == HearingOutcome.HEARD else {}
    paths.writer.session.add(
        ChildHearing(
            **{
                "child_id": child.id,
                "county_id": child.county_id,
                "number": number,
                "whose": Whose.CHILD,
                "about": "placement",
                "outcome": outcome,
                "heard_on": on,
                "recorded_by": child.worker_id or anybody(paths),
                "recorded_at": paths.writer.at,
                **spoken,
                **more,
            }
        )
    )
    return number


def _representative(paths: Paths, child: Child, place: int) -> None:
    """The court's appointment; three in fifteen have none yet, and the task of those who are of age has ended."""
    adult, stage = adult_from(child.birth_date), place % 15
    applied = (child.permit_on or child.entered_on) + timedelta(days=paths.rng.randint(2, 12))
    appointed = applied + timedelta(days=paths.rng.randint(14, 40))
    if appointed >= adult or appointed > paths.writer.on:
        return
    if stage in (6, 7, 8) and paths.writer.on < adult and child.waiting_since is None:
        child.representative_name = child.representative_contact = child.representative_from = None
        child.no_representative_reason = "Hakemusta käräjäoikeudelle valmistellaan."
        wanted = ("owed", "late", "reported")[stage - 6]
        since = paths.writer.on - timedelta(days=3 if wanted == "owed" else 30)
        write_service(paths, child, "representative", max(since, child.entered_on), "manual", wanted)
        return
    write_service(
        paths, child, "representative", child.permit_on or child.entered_on, "manual", "delivered", on=applied
    )
    ended = adult if adult <= paths.writer.on else None
    paths.writer.session.add(
        Representation(
            child_id=child.id or 0,
            county_id=child.county_id,
            number=paths.number("representation", child),
            applied_on=applied,
            child_heard_on=applied - timedelta(days=1),
            name=child.representative_name or "Edustaja Entinen",
            appointed_on=appointed,
            court="Pirkanmaan käräjäoikeus",
            case_number=f"H {paths.rng.randint(10, 999)}/{applied.year}",
            ended_on=ended,
            end_reason="adult" if ended else None,
            recorded_by=child.worker_id or anybody(paths),
            recorded_at=paths.writer.at,
        )
    )


def _family(paths: Paths, child: Child, place: int) -> None:
    """Relatives who are here or expected, and what is owed to them; one guardian has arrived."""
    guardian = place % 4 != 1 and adult_from(child.birth_date) > paths.writer.on
    came = paths.writer.on - timedelta(days=5 + 20 * (place % 4 == 2)) if guardian or place % 3 == 1 else None
    member = FamilyMember(
        child_id=child.id or 0,
        county_id=child.county_id,
        number=paths.number("family", child),
        relationship=Relationship.GUARDIAN if guardian else Relationship.SIBLING,
        name=f"Perheenjäsen {place}",
        expected_on=came or paths.writer.on + timedelta(days=40),
        arrived_on=came,
        note="Tarvitsee asunnon samalta paikkakunnalta.",
        recorded_by=child.worker_id or anybody(paths),
        recorded_at=paths.writer.at,
    )
    paths.writer.session.add(member)
    paths.writer.session.flush()
    if came is not None:
        if guardian:
            wanted = paths.next_state("representative_release")
            write_service(paths, child, "representative_release", came, "guardian", wanted)
        for kind in ("basic_information", "guidance_advice"):
            write_service(paths, child, kind, came, "pathway-family_arrives", member=member.id)


def _protocol(paths: Paths, child: Child, home: int, place: int) -> None:
    """A seizure or a room inspection in a home; the copies have gone, are to be sent, or are late."""
    wanted = paths.next_state("protocol_copies")
    made = event_day(paths, child, "protocol_copies", wanted)
    sent = made + timedelta(days=2) if wanted == "delivered" else None
    marked_by = (child.worker_id or anybody(paths)) if sent else None
    paths.writer.session.add(
        RestrictionProtocol(
            child_id=child.id or 0,
            county_id=child.county_id,
            number=paths.number("protocol", child),
            kind=ProtocolKind.SEIZURE if place % 2 else ProtocolKind.ROOM_INSPECTION,
            unit_id=home,
            made_on=made,
            content="Toimenpide tehtiin kahden työntekijän läsnä ollessa ja lasta kuultiin.",
            copy_county_on=sent,
            copy_agency_on=sent,
            copy_county_by=marked_by,
            copy_county_at=paths.writer.at if sent else None,
            copy_agency_by=marked_by,
            copy_agency_at=paths.writer.at if sent else None,
            recorded_by=child.worker_id or anybody(paths),
            recorded_at=paths.writer.at,
        )
    )
    write_service(paths, child, "protocol_copies", made, "protocol", wanted, on=sent)
