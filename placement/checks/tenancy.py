"""Whose rows are whose, and whether everybody is shown what the policy says: X1 and X2."""

from __future__ import annotations

import json
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from agreements.check import Result
from placement import models
from placement.children import access
from placement.children.tables import Child
from placement.clock import business_day
from placement.decisions.tables import Hold, Proposal, Run, Stay
from placement.integration.tables import ChildMerge
from placement.people.queries import actor_of, cooperating_counties, mandate_value
from placement.people.tables import CooperationMember, Organisation, User, UserMandate
from placement.permissions import Actor, Permission, Role
from placement.units.queries import counties_under, units_visible_to
from placement.units.tables import Unit

OWNER = "county_id"
ACROSS_COOPERATION = "unit"
"""The one table that a row of another county may lead to: a child may live in a unit of a county that co-operates."""
SHARED_RUN = ("proposal", "run")
BY_PARENT = (
    ("proposal_row", "proposal_id", "proposal", "child_id", "child"),
    ("sibling_member", "group_id", "sibling_group", "child_id", "child"),
    ("agreement_unit", "version_id", "agreement_version", "unit_id", "unit"),
)
"""Tables whose owner stands in a parent: (table, key of the parent, parent, key of the other, other)."""
MOST_PEOPLE, MOST_OBJECTS = 40, 200


def rows_stay_in_their_county(session: Session) -> Result:
    """X1: every row with an owner has one that is a county, and every foreign key stays inside it.

    A key may lead to a shared table (organisations, people), and to a unit of a county that co-operates.
    """
    counties = set(session.scalars(sa.select(col(Organisation.id)).where(col(Organisation.county_code).is_not(None))))
    partners = _partners(session)
    checked, breaches = 0, []
    for table in models.metadata.sorted_tables:
        if OWNER not in table.c or table.name in ("organisation", "cooperation_member", "agreement_quota"):
            continue
        key = next(iter(table.primary_key.columns))
        for row_id, owner in session.execute(sa.select(key, table.c[OWNER])):
            checked += 1
            if owner is not None and owner not in counties:
                breaches.append(f"{table.name} {row_id}: its owner {owner} is no county")
        for foreign in table.foreign_keys:
            name = foreign.column.table.name
            target = foreign.column.table.alias()  # a table may lead to itself
            if OWNER not in target.c or name == "organisation" or (table.name, name) == SHARED_RUN:
                continue
            pairs = sa.select(key, table.c[OWNER], target.c[OWNER]).join_from(
                table, target, foreign.parent == target.c[foreign.column.name]
            )
            for row_id, owner, other in session.execute(pairs):
                checked += 1
                if not _inside(owner, other, name, partners):
                    breaches.append(f"{table.name} {row_id}: leads to a {name} of another county")
    for more, found in (_by_parent(session, partners), _shared_runs(session)):
        checked, breaches = checked + more, breaches + found
    return Result("X1", checked, breaches)


def _shared_runs(session: Session) -> tuple[int, list[str]]:
    """A run belongs to all counties it was calculated for: a proposal of it is for one of them."""
    rows = session.execute(
        sa.select(col(Proposal.ref), col(Proposal.county_id), col(Run.counties)).join_from(
            Proposal, Run, col(Proposal.run_id) == Run.id
        )
    ).all()
    foreign = [
        f"proposal {ref}: its run is of other counties" for ref, own, all_ in rows if own not in json.loads(all_)
    ]
    return len(rows), foreign


def _inside(owner: int | None, other: int | None, target: str, partners: dict[int, set[int]]) -> bool:
    if owner is None or other is None or owner == other:
        return True
    return target == ACROSS_COOPERATION and other in partners.get(owner, set())


def _partners(session: Session) -> dict[int, set[int]]:
    """Return, for each county, those it has ever co-operated with."""
    together: dict[int, set[int]] = {}
    for row in session.exec(select(CooperationMember)):
        together.setdefault(row.cooperation_id, set()).add(row.county_id)
    found: dict[int, set[int]] = {}
    for members in together.values():
        for one in members:
            found.setdefault(one, set()).update(members)
    return found


def _by_parent(session: Session, partners: dict[int, set[int]]) -> tuple[int, list[str]]:
    tables = models.metadata.tables
    checked, breaches = 0, []
    for name, up, parent, key, other in BY_PARENT:
        one, owner, target = tables[name], tables[parent], tables[other]
        column = owner.c.get(OWNER)
        query = sa.select(one.c[key], column if column is not None else tables["agreement"].c[OWNER], target.c[OWNER])
        joined = query.join_from(one, owner, one.c[up] == owner.c.id).join(target, one.c[key] == target.c.id)
        if column is None:
            joined = joined.join(tables["agreement"], owner.c.agreement_id == tables["agreement"].c.id)
        for row_id, first, second in session.execute(joined):
            checked += 1
            if not _inside(first, second, other, partners):
                breaches.append(f"{name} of {other} {row_id}: belongs to another county than its {parent}")
    return checked, breaches


def shown_as_the_policy_says(session: Session, at: datetime) -> Result:
    """X2: for people and objects of the sample, the scoped query gives what the policy says of each pair."""
    on = business_day(at)
    children = session.execute(
        sa.select(col(Child.id), col(Child.ref), col(Child.county_id)).order_by(col(Child.id)).limit(MOST_OBJECTS)
    ).all()
    units = session.exec(select(Unit).order_by(col(Unit.id)).limit(MOST_OBJECTS)).all()
    living, partners = _living(session, at), _partners_on(session, on)
    hidden = set(session.scalars(sa.select(col(ChildMerge.merged_id)).where(col(ChildMerge.undone_at).is_(None))))
    checked, breaches = 0, []
    for who in _people(session, on):
        shown = set(session.scalars(access.children_visible_to(who, at).with_only_columns(col(Child.id))))
        for key, ref, county in children:
            checked += 1
            known = key not in hidden and _may_know_child(who, key, county, living)
            if known != (key in shown):
                breaches.append(f"{who.role} {who.user_id} and {ref}: policy and query differ")
        seen = set(session.scalars(units_visible_to(session, who, on).with_only_columns(col(Unit.id))))
        under = set(counties_under(session, who.organisation_id, on)) if who.county_id is None else set()
        for unit in units:
            checked += 1
            if _may_see_unit(who, unit, partners, under) != (unit.id in seen):
                breaches.append(f"{who.role} {who.user_id} and {unit.ref}: policy and query differ")
    return Result("X2", checked, breaches)


def _people(session: Session, on: date) -> list[Actor]:
    rows = session.exec(
        select(User, UserMandate)
        .join(UserMandate, col(UserMandate.user_id) == User.id)
        .where(col(User.active))
        .order_by(col(User.id), col(UserMandate.id))
        .limit(MOST_PEOPLE)
    ).all()
    return [actor_of(session, user, mandate) for user, mandate in rows if mandate_value(mandate).holds_on(on)]


def _living(session: Session, at: datetime) -> set[tuple[int, int]]:
    """Return (unit, child) of every stay that covers today and every live hold."""
    on = business_day(at)
    found = {
        (one.unit_id, one.child_id)
        for one in session.exec(select(Stay))
        if one.start is not None and one.start <= on and (one.end is None or on < one.end)
    }
    for hold in session.exec(select(Hold)):
        if hold.released_at is None and at < hold.expires_at:
            found.add((hold.unit_id, hold.child_id))
    return found


def _partners_on(session: Session, on: date) -> dict[int, set[int]]:
    counties = session.scalars(sa.select(col(Organisation.id)).where(col(Organisation.county_code).is_not(None)))
    return {key: set(cooperating_counties(session, key, on)[1]) for key in counties if key is not None}


def _may_know_child(who: Actor, child_id: int, county: int, living: set[tuple[int, int]]) -> bool:
    if not who.can(Permission.SEE_CHILDREN) or who.county_id != county:
        return False
    return who.role is not Role.UNIT_MANAGER or (who.unit_id or 0, child_id) in living


def _may_see_unit(who: Actor, unit: Unit, partners: dict[int, set[int]], under: set[int]) -> bool:
    if not who.can(Permission.SEE_UNITS):
        return False
    if who.role is Role.UNIT_MANAGER:
        return unit.id == who.unit_id and unit.county_id == who.county_id
    if who.county_id is None:
        return unit.county_id in under
    if who.can(Permission.SEE_BOARD):
        return unit.county_id in partners[who.county_id]
    return unit.county_id == who.county_id
