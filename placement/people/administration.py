"""Accounts and mandates: adding, listing, disabling. Flushes, never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from placement.audit.service import record
from placement.clock import business_day
from placement.people.passwords import Passwords
from placement.people.queries import CARE_ROLES, COUNTY_KINDS
from placement.people.service import end_all_sessions, set_password
from placement.people.tables import Organisation, OrganisationKind, User, UserMandate
from placement.permissions import Actor, Permission, Role, permissions_of
from placement.refusals import Refusal
from placement.units.tables import Unit

Kind = OrganisationKind
MUNICIPAL = frozenset({Kind.MUNICIPALITY, Kind.COUNTY_AND_MUNICIPALITY})
BODIES: dict[Role, frozenset[OrganisationKind]] = {
    **dict.fromkeys(CARE_ROLES, frozenset(COUNTY_KINDS)),
    Role.REVIEWER: frozenset({Kind.STATE_CENTRE}),
    Role.PAYMENT_EXAMINER: frozenset({Kind.PAYING_AGENCY}),
    Role.PAYER: frozenset({Kind.PAYING_AGENCY}),
    Role.MUNICIPALITY_WORKER: MUNICIPAL,
}
"""The kinds of body a role belongs to; a role that is not here may belong to any."""


@dataclass(frozen=True)
class NewMandate:
    """A role in a body from a day to a day, both inclusive; `body` is its official code, `unit` a reference."""

    role: Role
    body: str
    valid_from: date
    valid_to: date | None = None
    may_decide: bool = False
    unit: str | None = None
    basis: str = ""


def add_user(
    session: Session,
    login: str,
    name: str,
    password: str,
    passwords: Passwords,
    *,
    actor: Actor | None,
    at: datetime,
) -> User:
    """Add an account; raises Refusal for an empty or taken user name, an empty name, or a short password."""
    key = login.strip().lower()
    if not key or not name.strip():
        raise Refusal("user-name-missing", field="login" if not key else "name")
    if find(session, key) is not None:
        raise Refusal("user-name-taken", field="login")
    user = User(login=key, name=name.strip(), created_at=at)
    set_password(session, user, password, passwords, at=at)
    session.add(user)
    session.flush()
    record(session, actor=actor, action="user-added", object_kind="user", object_ref=_ref(user), at=at)
    return user


def give_mandate(session: Session, user: User, new: NewMandate, *, actor: Actor | None, at: datetime) -> UserMandate:
    """Give a person a role in a body; raises Refusal with the field where the two do not fit each other."""
    body = _body(session, new.body, new.valid_from)
    if new.role in BODIES and body.kind not in BODIES[new.role]:
        raise Refusal("mandate-body", field="organisation")
    if new.may_decide and Permission.DECIDE not in permissions_of(new.role):
        raise Refusal("mandate-decides", field="may_decide")
    if new.valid_to is not None and new.valid_to < new.valid_from:
        raise Refusal("ends-before-start", field="valid_to")
    mandate = UserMandate(
        user_id=user.id or 0,
        role=new.role,
        organisation_id=body.id or 0,
        unit_id=_unit_id(session, new, body),
        may_decide=new.may_decide,
        basis=new.basis,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
    )
    session.add(mandate)
    session.flush()
    record(
        session,
        actor=actor,
        action="mandate-given",
        object_kind="mandate",
        object_ref=f"mandate-{mandate.id}",
        at=at,
        after={
            "user": user.id,
            "role": new.role,
            "organisation": body.id,
            "from": new.valid_from,
            "to": new.valid_to,
            "may_decide": new.may_decide,
        },
    )
    return mandate


def _unit_id(session: Session, new: NewMandate, body: Organisation) -> int | None:
    if new.role is not Role.UNIT_MANAGER:
        return None
    found = session.exec(select(Unit).where(Unit.ref == (new.unit or ""), Unit.county_id == body.id)).first()
    if found is None:
        raise Refusal("mandate-unit", field="unit")
    return found.id


def _body(session: Session, code: str, on: date) -> Organisation:
    """Return the body with a county's (08), a municipality's (837) or an authority's code that exists on the day."""
    rows = session.exec(
        select(Organisation).where(
            or_(
                Organisation.county_code == code,
                Organisation.municipality_code == code,
                Organisation.authority_code == code,
            )
        )
    ).all()
    for row in rows:
        if (row.valid_from is None or row.valid_from <= on) and (row.valid_to is None or on <= row.valid_to):
            return row
    raise Refusal("mandate-organisation", field="organisation")


def disable(session: Session, login: str, *, actor: Actor | None, at: datetime) -> int:
    """Close an account and end its sessions at once; returns how many. Closing a closed one is harmless."""
    user = find(session, login)
    if user is None:
        raise Refusal("user-unknown", field="login")
    ended = end_all_sessions(session, user.id or 0, at=at)
    if user.active:
        user.active = False
        session.add(user)
        session.flush()
        record(
            session,
            actor=actor,
            action="user-disabled",
            object_kind="user",
            object_ref=_ref(user),
            at=at,
            after={"sessions_ended": ended},
        )
    return ended


def find(session: Session, login: str) -> User | None:
    return session.exec(select(User).where(User.login == login.strip().lower())).first()


@dataclass(frozen=True)
class Listed:
    """One mandate of an account (or an account without any) as the list shows it."""

    login: str
    name: str
    state: str
    role: str
    body: str
    valid_from: date | None
    valid_to: date | None


def listed(session: Session, at: datetime) -> list[Listed]:
    """Return every account with its mandates, by user name; state is active, disabled or without a mandate today."""
    rows = session.execute(
        select(User, UserMandate, Organisation)
        .join(UserMandate, col(UserMandate.user_id) == User.id, isouter=True)
        .join(Organisation, col(Organisation.id) == UserMandate.organisation_id, isouter=True)
        .order_by(col(User.login), col(UserMandate.valid_from), col(UserMandate.id))
    )
    on = business_day(at)
    found = []
    for user, mandate, body in rows:
        holds = (
            mandate is not None and mandate.valid_from <= on and (mandate.valid_to is None or on <= mandate.valid_to)
        )
        state = ("active" if holds else "no mandate today") if user.active else "disabled"
        found.append(
            Listed(
                login=user.login,
                name=user.name,
                state=state,
                role=str(mandate.role) if mandate else "",
                body=body.name_en if body else "",
                valid_from=mandate.valid_from if mandate else None,
                valid_to=mandate.valid_to if mandate else None,
            )
        )
    return found


def _ref(user: User) -> str:
    return f"user-{user.id}"
