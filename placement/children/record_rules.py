"""What a child's record may hold: each section as a value, and every fault of it at once. Pure.

A fault is a Refusal whose `field` is the name of the input it is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from placement.reference import (
    InvalidIdentityCode,
    UnknownCode,
    eligibility_ground,
    has_right_by_age,
    is_child,
    language,
    parse_identity_code,
    service,
    support_end_age,
)
from placement.reference.dated import NotInForce
from placement.refusals import Refusal

MOST_HOURS = 168
LONGEST_WAIT_AHEAD_DAYS = 365


@dataclass(frozen=True)
class IdentityPart:
    """Who the child is and on which ground covered; days are inclusive, gender is F or M."""

    first_name: str
    last_name: str
    birth_date: date
    gender: str
    municipality_id: int | None
    ground: str
    entered_on: date
    identity_code: str | None = None
    temporary_number: str | None = None
    permit_on: date | None = None
    residence_from: date | None = None


@dataclass(frozen=True)
class RepresentativePart:
    name: str | None = None
    contact: str | None = None
    since: date | None = None
    none_reason: str | None = None


@dataclass(frozen=True)
class ProtectionPart:
    """Non-disclosure for personal safety; `until` is its last day, None = not known."""

    protected: bool = False
    until: date | None = None


@dataclass(frozen=True)
class NeedsPart:
    """Support level 1-4, hours a week, and each needed service with its hours (0 = needed, not metered)."""

    support_level: int
    care_hours: int
    language_hours: int
    interpreter_hours: int
    services: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LanguagesPart:
    """Languages with level 1-5, as typed: the same code twice is a fault."""

    spoken: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PeoplePart:
    """Siblings (mode must or should) and persons to be kept apart, by child reference."""

    sibling_refs: tuple[str, ...] = ()
    mode: str | None = None
    apart_refs: tuple[str, ...] = ()
    apart_reason: str | None = None


@dataclass(frozen=True)
class WishesPart:
    """Wished units by reference (first wish first), units ruled out with the reason, relatives' place, school."""

    units: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()
    ruled_out_reason: str | None = None
    relatives_municipality_id: int | None = None
    school: str | None = None


@dataclass(frozen=True)
class ViewPart:
    """The child's own view: what, when and how it was asked, or why it was not (681/2023 § 4)."""

    view: str | None = None
    on: date | None = None
    how: str | None = None
    none_reason: str | None = None


@dataclass(frozen=True)
class PlacePart:
    """The place looked for: since when the child waits (None = does not), from and to which day."""

    priority: int
    waiting_since: date | None
    place_from: date | None = None
    place_until: date | None = None


@dataclass(frozen=True)
class WorkerPart:
    user_id: int


Part = (
    IdentityPart
    | RepresentativePart
    | ProtectionPart
    | NeedsPart
    | LanguagesPart
    | PeoplePart
    | WishesPart
    | ViewPart
    | PlacePart
    | WorkerPart
)


@dataclass(frozen=True)
class NewChild:
    """A child as the four steps gave it."""

    identity: IdentityPart
    representative: RepresentativePart
    protection: ProtectionPart
    needs: NeedsPart
    languages: LanguagesPart
    people: PeoplePart
    wishes: WishesPart
    view: ViewPart
    place: PlacePart


def identity_faults(part: IdentityPart, *, on: date, invented_codes: bool) -> list[Refusal]:
    """Return every fault of the identity section.

    `invented_codes` lets serials 900-999 through, which only demo and test do. The right ends on a birthday
    that the law of `on` names (681/2023 § 2.6).
    """
    faults = _code_faults(part, invented_codes) + birth_faults(part.birth_date, entered_on=part.entered_on, on=on)
    if part.entered_on > on:
        faults.append(Refusal("day-ahead", field="entered_on"))
    if part.permit_on and part.permit_on > on:
        faults.append(Refusal("day-ahead", field="permit_on"))
    return faults + _ground_faults(part, on)


def birth_faults(birth_date: date, *, entered_on: date, on: date) -> list[Refusal]:
    """Return what is wrong with a birth date: in the future, after arrival, or of an age without a right."""
    if birth_date > on:
        return [Refusal("birth-ahead", field="birth_date")]
    faults = []
    if not has_right_by_age(birth_date, on):
        faults.append(Refusal("right-over", field="birth_date", age=support_end_age(on)))
    if entered_on < birth_date:
        faults.append(Refusal("before-birth", field="entered_on"))
    return faults


def _code_faults(part: IdentityPart, invented_codes: bool) -> list[Refusal]:
    if part.identity_code is None:
        return [] if part.temporary_number else [Refusal("code-missing", field="identity_code")]
    try:
        code = parse_identity_code(part.identity_code, allow_temporary=invented_codes)
    except InvalidIdentityCode as wrong:
        return [Refusal(f"code-{wrong.reason}", field="identity_code")]
    if code.birth_date != part.birth_date:
        return [Refusal("birth-differs", field="birth_date")]
    return []


def _ground_faults(part: IdentityPart, on: date) -> list[Refusal]:
    try:
        ground = eligibility_ground(part.ground, on)
    except (UnknownCode, NotInForce):
        return [Refusal("ground-unknown", field="ground")]
    if ground.needs_municipality_of_residence and part.residence_from is None:
        return [Refusal("residence-missing", field="residence_from")]
    return []


def representative_faults(part: RepresentativePart, birth_date: date, on: date) -> list[Refusal]:
    """Return faults: a child under 18 has a representative, or the record says why not (681/2023 §§ 35-39)."""
    if part.name is None and part.none_reason is None and is_child(birth_date, on):
        return [Refusal("representative-missing", field="representative_name")]
    if part.name is not None and part.since is not None and part.since > on + timedelta(days=LONGEST_WAIT_AHEAD_DAYS):
        return [Refusal("day-far", field="representative_from")]
    return []


def protection_faults(part: ProtectionPart, on: date) -> list[Refusal]:
    """Return faults: an end without protection says nothing; an end in the past means it is over."""
    if part.until is None:
        return []
    if not part.protected:
        return [Refusal("protection-off", field="protected")]
    return [Refusal("protection-over", field="protected_until")] if part.until < on else []


def needs_faults(part: NeedsPart, on: date) -> list[Refusal]:
    """Return faults: unknown services, hours beyond a week."""
    faults = [
        Refusal("hours", field=name, most=MOST_HOURS)
        for name in ("care_hours", "language_hours", "interpreter_hours")
        if not 0 <= getattr(part, name) <= MOST_HOURS
    ]
    for code, hours in part.services.items():
        try:
            service(code, on)
        except (UnknownCode, NotInForce):
            faults.append(Refusal("service-unknown", field="support_level"))
            continue
        if not 0 <= hours <= MOST_HOURS:
            faults.append(Refusal("hours", field=f"hours_{code}", most=MOST_HOURS))
    return faults


def languages_faults(part: LanguagesPart, on: date) -> list[Refusal]:
    """Return faults: none given, one twice, one unknown; the field is `languages-<row>-code`."""
    if not part.spoken:
        return [Refusal("language-missing", field="languages-0-code")]
    faults, seen = [], set()
    for row, (code, _level) in enumerate(part.spoken):
        try:
            language(code, on)
        except (UnknownCode, NotInForce):
            faults.append(Refusal("language-unknown", field=f"languages-{row}-code"))
        if code in seen:
            faults.append(Refusal("language-twice", field=f"languages-{row}-code"))
        seen.add(code)
    return faults


def people_faults(part: PeoplePart) -> list[Refusal]:
    """Return faults: siblings without the choice must or should, apart without a reason, one child in both."""
    faults = []
    if part.sibling_refs and part.mode is None:
        faults.append(Refusal("sibling-mode-missing", field="sibling_mode"))
    if part.apart_refs and part.apart_reason is None:
        faults.append(Refusal("apart-reason-missing", field="apart_reason"))
    both = set(part.sibling_refs) & set(part.apart_refs)
    if both:
        faults.append(Refusal("sibling-and-apart", field="apart_refs", ref=min(both)))
    return faults


def wishes_faults(part: WishesPart) -> list[Refusal]:
    """Return faults: a unit twice or both wished and ruled out, a ruled-out unit without its reason."""
    faults = []
    if len(set(part.units)) < len(part.units):
        faults.append(Refusal("wish-twice", field="wishes-0"))
    if set(part.units) & set(part.ruled_out):
        faults.append(Refusal("wish-ruled-out", field="ruled_out-0"))
    if part.ruled_out and part.ruled_out_reason is None:
        faults.append(Refusal("ruled-out-reason-missing", field="ruled_out_reason"))
    return faults


def view_faults(part: ViewPart, on: date) -> list[Refusal]:
    """Return faults: the view, or why it was not asked; a view says when and how (681/2023 § 4)."""
    if part.view is None:
        return [] if part.none_reason else [Refusal("view-missing", field="own_view")]
    faults = []
    if part.on is None:
        faults.append(Refusal("view-day-missing", field="own_view_on"))
    elif part.on > on:
        faults.append(Refusal("day-ahead", field="own_view_on"))
    if part.how is None:
        faults.append(Refusal("view-how-missing", field="own_view_how"))
    return faults


def place_faults(part: PlacePart, on: date) -> list[Refusal]:
    """Return faults of the dates of the place looked for; `place_until` is the leaving day."""
    faults = []
    if part.waiting_since is not None and part.waiting_since > on:
        faults.append(Refusal("day-ahead", field="waiting_since"))
    if part.place_from and part.place_until and part.place_until <= part.place_from:
        faults.append(Refusal("place-order", field="place_until"))
    return faults


def faults_of(part: Part, *, birth_date: date, on: date, invented_codes: bool) -> list[Refusal]:
    """Return every fault of one section. `birth_date` is the child's (an identity section brings its own)."""
    if isinstance(part, IdentityPart):
        return identity_faults(part, on=on, invented_codes=invented_codes)
    if isinstance(part, RepresentativePart):
        return representative_faults(part, birth_date, on)
    if isinstance(part, PeoplePart):
        return people_faults(part)
    if isinstance(part, WishesPart):
        return wishes_faults(part)
    checks = {
        ProtectionPart: protection_faults,
        NeedsPart: needs_faults,
        LanguagesPart: languages_faults,
        ViewPart: view_faults,
        PlacePart: place_faults,
    }
    check = checks.get(type(part))
    return check(part, on) if check else []  # type: ignore[operator]
