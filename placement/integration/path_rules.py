"""What a step of the child's path must say, each as a value with every fault of it at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from placement.integration.tables import HearingOutcome, ProtocolKind, Relationship, SchoolKind, Whose
from placement.refusals import Refusal

ABOUT = ("placement", "urgent-placement", "assessment", "representative", "integration-plan", "move", "other")
WAYS = ("conversation", "video", "phone", "writing", "observation")
END_REASONS = ("adult", "guardian", "replaced", "released", "other")
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class AssessmentPart:
    contact_on: date | None
    started_on: date | None = None
    ready_on: date | None = None
    special_support: bool = True
    needs: dict[str, int] = field(default_factory=dict)
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class HearingPart:
    """`answers` is the number of the earlier hearing that this one follows."""

    whose: str
    about: str
    outcome: str
    heard_on: date | None
    how: str | None = None
    language: str | None = None
    interpreter: bool = False
    ground: str | None = None
    said: str | None = None
    objects: bool = False
    alternatives: str | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class RepresentationPart:
    """`end_words`: the reason in words, which the child's record keeps while there is no representative."""

    applied_on: date | None
    child_heard_on: date | None = None
    name: str | None = None
    appointed_on: date | None = None
    court: str | None = None
    case_number: str | None = None
    ended_on: date | None = None
    end_reason: str | None = None
    end_words: str | None = None


@dataclass(frozen=True, slots=True)
class FamilyPart:
    relationship: str
    name: str | None
    expected_on: date | None = None
    arrived_on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ProtocolPart:
    kind: str
    unit_ref: str | None
    made_on: date | None
    content: str | None
    copy_county_on: date | None = None
    copy_agency_on: date | None = None


@dataclass(frozen=True, slots=True)
class SchoolPart:
    """`municipality` is the code of the school's town; `to_on` the last day, inclusive, None = it goes on."""

    kind: str
    name: str | None
    municipality: str | None
    from_on: date | None
    to_on: date | None = None
    trip_checked_on: date | None = None


Part = AssessmentPart | HearingPart | RepresentationPart | FamilyPart | ProtocolPart | SchoolPart


def faults(part: Part, today: date, *, grounds: frozenset[str], known_needs: frozenset[str]) -> list[Refusal]:
    """Return every fault of a step. `grounds` are those of not hearing that hold today (681/2023 § 4.3)."""
    match part:
        case AssessmentPart():
            return list(_assessment(part, today, known_needs))
        case HearingPart():
            return list(_hearing(part, today, grounds))
        case RepresentationPart():
            return list(_representation(part, today))
        case FamilyPart():
            return list(_family(part, today))
        case ProtocolPart():
            return list(_protocol(part, today))
        case SchoolPart():
            return list(_school(part, today))


def _needed(part: Part, *names: str) -> Iterable[Refusal]:
    for name in names:
        if not getattr(part, name):
            yield Refusal("answer-missing", field=name)


def _past(part: Part, today: date, *names: str) -> Iterable[Refusal]:
    for name in names:
        day = getattr(part, name)
        if day is not None and day > today:
            yield Refusal("day-in-future", field=name)


def _in_order(part: Part, *names: str) -> Iterable[Refusal]:
    """Each day that is given is not before the last one given before it; a later day needs the earlier ones."""
    before: date | None = None
    gap = False
    for name in names:
        day = getattr(part, name)
        if day is None:
            gap = True
            continue
        if gap:
            yield Refusal("earlier-day-missing", field=name)
            return
        if before is not None and day < before:
            yield Refusal("days-crossed", field=name, day=before)
        before = day


def _texts(part: Part, *names: str) -> Iterable[Refusal]:
    for name in names:
        if len(getattr(part, name) or "") > LONGEST:
            yield Refusal("text-too-long", field=name, most=LONGEST)


def _assessment(part: AssessmentPart, today: date, known: frozenset[str]) -> Iterable[Refusal]:
    yield from _needed(part, "contact_on")
    yield from _past(part, today, "contact_on", "started_on", "ready_on")
    yield from _in_order(part, "contact_on", "started_on", "ready_on")
    if part.ready_on is not None:
        yield from _needed(part, "summary")
    yield from _texts(part, "summary")
    if set(part.needs) - known:
        yield Refusal("answer-missing", field="needs")


def _hearing(part: HearingPart, today: date, grounds: frozenset[str]) -> Iterable[Refusal]:
    if part.whose not in list(Whose):
        yield Refusal("answer-missing", field="whose")
    if part.about not in ABOUT:
        yield Refusal("answer-missing", field="about")
    if part.outcome not in list(HearingOutcome):
        yield Refusal("answer-missing", field="outcome")
    yield from _needed(part, "heard_on")
    yield from _past(part, today, "heard_on")
    if part.outcome == HearingOutcome.HEARD:
        yield from _needed(part, "how", "language", "said")
    elif part.outcome == HearingOutcome.NOT_HEARD:
        yield from _needed(part, "said")
        if part.whose == Whose.CHILD and part.ground not in grounds:
            yield Refusal("ground-missing", field="ground")
    if part.objects and part.outcome != HearingOutcome.HEARD:
        yield Refusal("objection-unheard", field="objects")
    if part.objects:
        yield from _needed(part, "alternatives")
    yield from _texts(part, "said", "alternatives")


def _representation(part: RepresentationPart, today: date) -> Iterable[Refusal]:
    yield from _needed(part, "applied_on")
    yield from _past(part, today, "applied_on", "child_heard_on", "appointed_on")
    yield from _in_order(part, "applied_on", "appointed_on", "ended_on")
    if part.appointed_on is not None:
        yield from _needed(part, "name", "court", "child_heard_on")
        if part.child_heard_on is not None and part.child_heard_on > part.appointed_on:
            yield Refusal("days-crossed", field="appointed_on", day=part.child_heard_on)
    if part.ended_on is not None and part.end_reason not in END_REASONS:
        yield Refusal("answer-missing", field="end_reason")


def _family(part: FamilyPart, today: date) -> Iterable[Refusal]:
    if part.relationship not in list(Relationship):
        yield Refusal("answer-missing", field="relationship")
    yield from _needed(part, "name")
    yield from _past(part, today, "arrived_on")
    yield from _texts(part, "note")


def _protocol(part: ProtocolPart, today: date) -> Iterable[Refusal]:
    if part.kind not in list(ProtocolKind):
        yield Refusal("answer-missing", field="kind")
    yield from _needed(part, "unit_ref", "made_on", "content")
    yield from _past(part, today, "made_on", "copy_county_on", "copy_agency_on")
    for name in ("copy_county_on", "copy_agency_on"):
        day = getattr(part, name)
        if day is not None and part.made_on is not None and day < part.made_on:
            yield Refusal("days-crossed", field=name, day=part.made_on)
    yield from _texts(part, "content")


def _school(part: SchoolPart, today: date) -> Iterable[Refusal]:
    if part.kind not in list(SchoolKind):
        yield Refusal("answer-missing", field="kind")
    yield from _needed(part, "name", "municipality", "from_on")
    yield from _past(part, today, "trip_checked_on")
    if part.from_on is not None and part.to_on is not None and part.to_on < part.from_on:
        yield Refusal("days-crossed", field="to_on", day=part.from_on)


def trip_unchecked(moved_on: date, from_on: date, to_on: date | None, checked_on: date | None) -> bool:
    """Whether the trip to school is to be looked at because of a move on `moved_on`.

    It is when the child moves after the school began and after the trip was last looked at, on a day of the school
    place (`to_on` inclusive, None = it goes on). Schooling is among what the best interests weigh (417/2007 § 4.2).
    """
    since = from_on if checked_on is None else max(from_on, checked_on)
    return since < moved_on and (to_on is None or moved_on <= to_on)
