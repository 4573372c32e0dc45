"""Writing one section of a child's record and telling what changed, in references, codes and dates only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from placement.children import record_rules as parts
from placement.children.tables import (
    ApartPair,
    Child,
    ChildBan,
    ChildLanguage,
    ChildNeed,
    ChildWish,
    Gender,
    SiblingGroup,
    SiblingMember,
    SiblingMode,
)
from placement.crypto import EncryptedText, vault
from placement.people.tables import CooperationMember
from placement.refusals import Refusal
from placement.units.tables import Unit


@dataclass
class Change:
    """What a section held and holds now; sealed columns appear as `given` or `none`, never as text."""

    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)

    def note(self, name: str, old: object, new: object) -> None:
        if old != new:
            self.before[name], self.after[name] = old, new


def write_part(session: Session, child: Child, part: parts.Part) -> Change:
    """Write one section; returns what changed. Raises Refusal naming the field when a reference leads nowhere."""
    change = Change()
    _WRITERS[type(part)](session, child, part, change)
    return change


def _assign(child: Child, change: Change, values: Mapping[str, object]) -> None:
    columns = Child.__table__.columns  # type: ignore[attr-defined]
    for name, new in values.items():
        old = getattr(child, name)
        if old == new:
            continue
        setattr(child, name, new)
        if name.endswith("_index"):
            continue
        if isinstance(columns[name].type, EncryptedText):
            change.before[name], change.after[name] = ("given" if old else "none"), ("changed" if new else "none")
        else:
            change.note(name, old, new)


def _identity(_session: Session, child: Child, part: parts.IdentityPart, change: Change) -> None:
    code = part.identity_code.strip().upper() if part.identity_code else None
    _assign(
        child,
        change,
        {
            "first_name": part.first_name,
            "last_name": part.last_name,
            "identity_code": code,
            "identity_index": vault.blind_index(code) if code else None,
            "temporary_number": part.temporary_number,
            "temporary_index": vault.blind_index(part.temporary_number) if part.temporary_number else None,
            "birth_date": part.birth_date,
            "gender": Gender(part.gender),
            "municipality_id": part.municipality_id,
            "eligibility_ground": part.ground,
            "entered_on": part.entered_on,
            "permit_on": part.permit_on,
            "residence_from": part.residence_from,
        },
    )


def _representative(_session: Session, child: Child, part: parts.RepresentativePart, change: Change) -> None:
    _assign(
        child,
        change,
        {
            "representative_name": part.name,
            "representative_contact": part.contact,
            "representative_from": part.since,
            "no_representative_reason": part.none_reason,
        },
    )


def _protection(_session: Session, child: Child, part: parts.ProtectionPart, change: Change) -> None:
    _assign(child, change, {"protected": part.protected, "protected_until": part.until})


def _view(_session: Session, child: Child, part: parts.ViewPart, change: Change) -> None:
    _assign(
        child,
        change,
        {
            "own_view": part.view,
            "own_view_on": part.on,
            "own_view_how": part.how,
            "no_view_reason": part.none_reason,
        },
    )


def _place(_session: Session, child: Child, part: parts.PlacePart, change: Change) -> None:
    _assign(
        child,
        change,
        {
            "priority": part.priority,
            "waiting_since": part.waiting_since,
            "place_from": part.place_from,
            "place_until": part.place_until,
        },
    )


def _worker(_session: Session, child: Child, part: parts.WorkerPart, change: Change) -> None:
    _assign(child, change, {"worker_id": part.user_id})


def _needs(session: Session, child: Child, part: parts.NeedsPart, change: Change) -> None:
    names = ("support_level", "care_hours", "language_hours", "interpreter_hours")
    _assign(child, change, {name: getattr(part, name) for name in names})
    old = {row.code: row for row in session.exec(select(ChildNeed).where(ChildNeed.child_id == child.id))}
    change.note("services", {code: row.hours for code, row in sorted(old.items())}, dict(sorted(part.services.items())))
    _replace(session, old, {c: ChildNeed(child_id=_key(child), code=c, hours=h) for c, h in part.services.items()})


def _languages(session: Session, child: Child, part: parts.LanguagesPart, change: Change) -> None:
    old = {row.code: row for row in session.exec(select(ChildLanguage).where(ChildLanguage.child_id == child.id))}
    spoken = dict(part.spoken)
    change.note("languages", {code: row.level for code, row in sorted(old.items())}, dict(sorted(spoken.items())))
    _replace(session, old, {c: ChildLanguage(child_id=_key(child), code=c, level=n) for c, n in spoken.items()})


def _wishes(session: Session, child: Child, part: parts.WishesPart, change: Change) -> None:
    _assign(
        child,
        change,
        {"relatives_municipality_id": part.relatives_municipality_id, "school": part.school},
    )
    units = _units(session, child, (*part.units, *part.ruled_out))
    wished = {row.unit_id: row for row in session.exec(select(ChildWish).where(ChildWish.child_id == child.id))}
    banned = {row.unit_id: row for row in session.exec(select(ChildBan).where(ChildBan.child_id == child.id))}
    new_wishes, new_bans = [units[ref] for ref in part.units], [units[ref] for ref in part.ruled_out]
    change.note("wishes", [key for key, _ in sorted(wished.items(), key=lambda one: one[1].rank)], new_wishes)
    change.note("ruled_out", sorted(banned), sorted(new_bans))
    reason = _kept({key: row.reason for key, row in banned.items()}, part.ruled_out_reason)
    key = _key(child)
    _replace(session, wished, {u: ChildWish(child_id=key, unit_id=u, rank=n) for n, u in enumerate(new_wishes, 1)})
    _replace(session, banned, {u: ChildBan(child_id=key, unit_id=u, reason=reason(u)) for u in new_bans})


def _kept(old: Mapping[int, str], typed: str | None) -> Callable[[int], str]:
    """Return the reason of each key: the typed one, but an old one where several different reasons stand.

    The form shows one reason; where several stand it shows none of them and must not overwrite what it hid.
    """
    differ = len(set(old.values())) > 1
    return lambda key: old[key] if differ and key in old else typed or ""


def _units(session: Session, child: Child, refs: Iterable[str]) -> dict[str, int]:
    """Return keys by reference; only units of the child's county and of those that ever co-operated with it."""
    wanted = set(refs)
    if not wanted:
        return {}
    joint = sa.select(col(CooperationMember.cooperation_id)).where(col(CooperationMember.county_id) == child.county_id)
    partners = sa.select(col(CooperationMember.county_id)).where(col(CooperationMember.cooperation_id).in_(joint))
    rows = session.execute(
        sa.select(col(Unit.ref), col(Unit.id)).where(
            col(Unit.ref).in_(wanted),
            sa.or_(col(Unit.county_id) == child.county_id, col(Unit.county_id).in_(partners)),
        )
    )
    found = _pairs(rows)
    if wanted - found.keys():
        raise Refusal("unit-unknown", field="wishes-0")
    return found


def _pairs(rows: Iterable[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}


def _people(session: Session, child: Child, part: parts.PeoplePart, change: Change) -> None:
    known = _children(session, child, (*part.sibling_refs, *part.apart_refs))
    _siblings(session, child, part, known, change)
    _apart(session, child, part, known, change)


def _children(session: Session, child: Child, refs: Iterable[str]) -> dict[str, int]:
    """Return keys by reference; only children of the same county: foreign and missing are the same."""
    wanted = set(refs)
    if not wanted:
        return {}
    rows = session.execute(
        sa.select(col(Child.ref), col(Child.id)).where(
            col(Child.ref).in_(wanted), col(Child.county_id) == child.county_id, col(Child.id) != child.id
        )
    )
    return _pairs(rows)


def _found(known: Mapping[str, int], refs: Iterable[str], name: str) -> list[int]:
    for ref in refs:
        if ref not in known:
            raise Refusal("child-unknown", field=name, ref=ref)
    return [known[ref] for ref in refs]


def _siblings(session: Session, child: Child, part: parts.PeoplePart, known: Mapping[str, int], change: Change) -> None:
    """Make the child and the named ones one group, with whoever the named ones were grouped with.

    A child that names nobody leaves its group; the others stay together, unless only one of them is left.
    """
    wanted = set(_found(known, part.sibling_refs, "sibling_refs"))
    own = session.get(SiblingMember, child.id)
    group = session.get(SiblingGroup, own.group_id) if own else None
    old = {row.child_id for row in _members(session, [own.group_id])} - {_key(child)} if own else set()
    mode = SiblingMode(part.mode) if wanted and part.mode else None
    change.note("siblings", sorted(old), sorted(wanted))
    change.note("sibling_mode", group.mode if group else None, mode)
    if mode is None:
        _leave(session, {_key(child)})
        return
    _leave(session, old - wanted)
    if group is None or session.get(SiblingMember, child.id) is None:
        group = SiblingGroup(county_id=child.county_id, mode=mode)
        session.add(group)
        session.flush()
    group.mode = mode
    others = session.exec(select(SiblingMember.group_id).where(col(SiblingMember.child_id).in_(wanted)))
    merged = set(others) - {_row_key(group.id)}
    members = {row.child_id for row in _members(session, merged)} | wanted | {_key(child)}
    _leave(session, {row.child_id for row in _members(session, merged)})
    for key in sorted(members):
        if session.get(SiblingMember, key) is None:
            session.add(SiblingMember(child_id=key, group_id=_row_key(group.id)))
    session.flush()


def _leave(session: Session, child_ids: set[int]) -> None:
    """Take children out of their groups; a group of fewer than two is none and goes too."""
    groups = set()
    for key in child_ids:
        row = session.get(SiblingMember, key)
        if row is not None:
            groups.add(row.group_id)
            session.delete(row)
    session.flush()
    for group_id in groups:
        left = _members(session, [group_id])
        if len(left) < 2:
            for row in left:
                session.delete(row)
            session.flush()
            session.delete(session.get_one(SiblingGroup, group_id))
    session.flush()


def _members(session: Session, group_ids: Iterable[int]) -> list[SiblingMember]:
    return list(session.exec(select(SiblingMember).where(col(SiblingMember.group_id).in_(list(group_ids)))))


def _apart(session: Session, child: Child, part: parts.PeoplePart, known: Mapping[str, int], change: Change) -> None:
    key = _key(child)
    wanted = set(_found(known, part.apart_refs, "apart_refs"))
    pairs = select(ApartPair).where(sa.or_(col(ApartPair.child_a_id) == key, col(ApartPair.child_b_id) == key))
    old = {row.child_b_id if row.child_a_id == key else row.child_a_id: row for row in session.exec(pairs)}
    change.note("apart", sorted(old), sorted(wanted))
    reason = _kept({other: row.reason for other, row in old.items()}, part.apart_reason)
    new = {}
    for other in wanted:
        low, high = sorted((key, other))
        new[other] = ApartPair(child_a_id=low, child_b_id=high, county_id=child.county_id, reason=reason(other))
    _replace(session, old, new)


def _replace(session: Session, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> None:
    for row in old.values():
        session.delete(row)
    session.flush()
    for row in new.values():
        session.add(row)
    session.flush()


def _key(child: Child) -> int:
    return _row_key(child.id)


def _row_key(value: int | None) -> int:
    if value is None:
        raise AssertionError("a stored row has a key")
    return value


_WRITERS: dict[type, Any] = {
    parts.IdentityPart: _identity,
    parts.RepresentativePart: _representative,
    parts.ProtectionPart: _protection,
    parts.NeedsPart: _needs,
    parts.LanguagesPart: _languages,
    parts.PeoplePart: _people,
    parts.WishesPart: _wishes,
    parts.ViewPart: _view,
    parts.PlacePart: _place,
    parts.WorkerPart: _worker,
}
