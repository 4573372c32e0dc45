"""What a placement decision must say before it can be made, and who may make it. Pure: values in, refusals out.

Sources: 681/2023 § 4 (the child's opinion, and the two grounds for not asking it), § 33.2 (the county decides
on the assessment of service needs); 1301/2014 §§ 12 (services in an urgent case) and 36 (the assessment is ready
within three months); 434/2003 §§ 34 (hearing), 44 (content), 45 (reasons).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from placement.decisions.rules import Broken
from placement.refusals import Refusal

ORDINARY = "placement"
URGENT = "urgent"
HEARD = "heard"
NO_REPRESENTATIVE = "no-representative"
NOT_HEARD = "not-heard"
HEARING_WAYS = ("conversation", "video", "phone", "writing", "observation")
REPRESENTATIVE_ANSWERS = (HEARD, NOT_HEARD, NO_REPRESENTATIVE)
LONGEST_TEXT = 6000


@dataclass(frozen=True, slots=True)
class Content:
    """What the official has written so far; None or an empty text = not yet.

    `kind` is ORDINARY or URGENT: before the assessment is ready, for `urgent_reason`, until it is looked at again.
    `child_hearing` is "heard" or a ground of 681/2023 § 4.3; `representative_hearing` one of
    REPRESENTATIVE_ANSWERS; `end` is the leaving day, exclusive; `legal_bases` are codes of the dated table.
    """

    start: date | None = None
    end: date | None = None
    review_on: date | None = None
    kind: str = ORDINARY
    urgent_reason: str | None = None
    language: str = "fi"
    assessment_on: date | None = None
    child_hearing: str | None = None
    child_heard_on: date | None = None
    child_heard_how: str | None = None
    child_heard_language: str | None = None
    child_interpreter: bool = False
    child_opinion: str | None = None
    child_not_heard_reason: str | None = None
    representative_hearing: str | None = None
    representative_heard_on: date | None = None
    representative_opinion: str | None = None
    representative_not_heard_reason: str | None = None
    alternatives: str | None = None
    reasons: str | None = None
    legal_bases: tuple[str, ...] = ()
    deviation_reason: str | None = None
    siblings_apart_reason: str | None = None


CONTENT_FIELDS = tuple(one.name for one in fields(Content))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the content is judged against: today, the grounds and bases of that day, what is deviated from.

    `assessed_on`: the day on which the child's latest assessment became ready, None = it is not. `latest_review`: the
    last day (inclusive) by which an urgent decision of today is looked at again.
    """

    today: date
    hearing_grounds: frozenset[str]
    known_bases: frozenset[str]
    assessed_on: date | None = None
    latest_review: date | None = None
    deviates: bool = False
    broken: tuple[Broken, ...] = ()


def missing(content: Content, around: Circumstances) -> list[Refusal]:
    """Return what keeps the decision from being made, one refusal for each field, in the order of the page."""
    return [
        *_dates(content, around),
        *_child(content, around),
        *_representative(content, around),
        *_weighing(content, around),
    ]


def _needed(content: Content, *names: str) -> Iterable[Refusal]:
    for name in names:
        if not getattr(content, name):
            yield Refusal(f"{name.replace('_', '-')}-missing", field=name)


def _not_later(content: Content, name: str, today: date) -> Iterable[Refusal]:
    day = getattr(content, name)
    if day is not None and day > today:
        yield Refusal("day-in-future", field=name)


def _dates(content: Content, around: Circumstances) -> Iterable[Refusal]:
    yield from _needed(content, "start", "end", "review_on")
    if content.start and content.end and content.start >= content.end:
        yield Refusal("dates-order", field="end")
    elif content.start and content.end and content.review_on and not content.start <= content.review_on <= content.end:
        yield Refusal("review-outside", field="review_on")
    elif content.kind == URGENT:
        yield from _provisional(content, around)
    if content.kind == URGENT:
        yield from _urgency(content, around)
    else:
        yield from _needed(content, "assessment_on")
        yield from _not_later(content, "assessment_on", around.today)


def _provisional(content: Content, around: Circumstances) -> Iterable[Refusal]:
    """An urgent decision lasts until the assessment can be ready: a later day, within its three months."""
    if content.review_on is not None and content.review_on <= around.today:
        yield Refusal("review-not-later", field="review_on")
    elif content.review_on and around.latest_review and content.review_on > around.latest_review:
        yield Refusal("review-too-late", field="review_on", day=around.latest_review)


def _urgency(content: Content, around: Circumstances) -> Iterable[Refusal]:
    """Nothing is urgent in this sense once the assessment is ready: the decision rests on it then."""
    ready = content.assessment_on or around.assessed_on
    if ready is not None:
        yield Refusal("urgent-assessed", field="kind", day=ready)
    yield from _needed(content, "urgent_reason")


def _child(content: Content, around: Circumstances) -> Iterable[Refusal]:
    if content.child_hearing == HEARD:
        yield from _needed(content, "child_heard_on", "child_heard_how", "child_heard_language", "child_opinion")
        yield from _not_later(content, "child_heard_on", around.today)
    elif content.child_hearing in around.hearing_grounds:
        yield from _needed(content, "child_not_heard_reason")
    else:
        yield Refusal("child-hearing-missing", field="child_hearing")


def _representative(content: Content, around: Circumstances) -> Iterable[Refusal]:
    if content.representative_hearing == HEARD:
        yield from _needed(content, "representative_heard_on", "representative_opinion")
        yield from _not_later(content, "representative_heard_on", around.today)
    elif content.representative_hearing in REPRESENTATIVE_ANSWERS:
        yield from _needed(content, "representative_not_heard_reason")
    else:
        yield Refusal("representative-hearing-missing", field="representative_hearing")


def _weighing(content: Content, around: Circumstances) -> Iterable[Refusal]:
    yield from _needed(content, "alternatives", "reasons")
    if not set(content.legal_bases) & around.known_bases:
        yield Refusal("legal-bases-missing", field="legal_bases")
    elif content.kind == URGENT and URGENT not in content.legal_bases:
        yield Refusal("urgent-basis-missing", field="legal_bases")
    codes = {one.code for one in around.broken}
    if around.deviates or codes - {"siblings-must"}:
        yield from _needed(content, "deviation_reason")
    if "siblings-must" in codes:
        yield from _needed(content, "siblings_apart_reason")


def unconfirmed(broken: Iterable[Broken], confirmed: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of broken rules that no second official has confirmed, each once, in order."""
    known = set(confirmed)
    return tuple(dict.fromkeys(one.code for one in broken if one.code not in known))


def legal_language(child_languages: Iterable[str], county_languages: tuple[str, ...]) -> str:
    """Return the language of the legal text: fi or sv.

    A county of both languages writes in the child's own one where the child speaks Finnish or Swedish (the
    better one stands first in `child_languages`); otherwise, and in a county of one language, in the county's
    first. Source: 423/2003 §§ 10, 12 and 19.
    """
    if len(county_languages) > 1:
        for code in child_languages:
            if code in county_languages:
                return code
    return county_languages[0]


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """A mandate that the actor has in the county: its key, and whether it covers deciding on the day."""

    id: int
    role: str
    may_decide: bool
    holds: bool


def deciding_mandate(mandates: Iterable[MandateFacts], role: str) -> int | None:
    """Return the key of the mandate by which the actor decides in this role today, or None."""
    return next((one.id for one in mandates if one.holds and one.may_decide and one.role == role), None)
