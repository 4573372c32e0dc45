"""Signing in and out, sessions, and the accounts behind them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, or_, select

from placement.audit.service import record
from placement.clock import business_day
from placement.crypto import vault
from placement.people import queries
from placement.people.passwords import MIN_LENGTH, Passwords, totp_step
from placement.people.tables import LoginAttempt, User, UserMandate, UserSession
from placement.permissions import Actor
from placement.refusals import NotFound, Refusal


def locked_out(session: Session, login: str, address: str, at: datetime, *, limit: int, minutes: int) -> bool:
    """Whether this account or this address has failed `limit` times in the last `minutes`; 0 = no limit."""
    if limit <= 0:
        return False
    since = at - timedelta(minutes=minutes)
    failed = session.exec(
        select(func.count(col(LoginAttempt.id))).where(
            LoginAttempt.at >= since,
            or_(
                LoginAttempt.account_index == vault.blind_index(login),
                LoginAttempt.address_index == vault.blind_index(address),
            ),
        )
    ).one()
    return failed >= limit


def note_failure(session: Session, login: str, address: str, at: datetime) -> None:
    session.add(LoginAttempt(account_index=vault.blind_index(login), address_index=vault.blind_index(address), at=at))


def check_password(session: Session, passwords: Passwords, login: str, password: str) -> User | None:
    """Return the active person with this login and password; None for a wrong one of either, after equal work."""
    user = session.exec(select(User).where(User.login == login.strip().lower())).first()
    right = passwords.matches(user.password_hash if user else None, password)
    return user if user and right and user.active else None


def check_totp(user: User, code: str, at: datetime) -> bool:
    """Whether the code is right and unused; remembers its step on the row, which the caller's transaction saves."""
    if user.totp_secret is None:
        return False
    step = totp_step(user.totp_secret, code, at)
    if step is None or step <= user.totp_last_step:
        return False
    user.totp_last_step = step
    return True


def demo_user(session: Session, key: str) -> User:
    """Return the invented person of a demo card; raises NotFound for a key that is none."""
    user = session.exec(select(User).where(User.demo_key == key, col(User.active).is_(True))).first()
    if user is None:
        raise NotFound
    return user


def sign_in(session: Session, user: User, *, at: datetime) -> tuple[Actor, UserMandate]:
    """Return the person's actor under the first mandate of the day; raises Refusal('no-mandate') without one."""
    mandates = queries.mandates_of(session, user.id or 0, business_day(at))
    if not mandates:
        raise Refusal("no-mandate")
    actor = queries.actor_of(session, user, mandates[0])
    record(session, actor=actor, action="signed-in", object_kind="user", object_ref=str(user.id), at=at)
    return actor, mandates[0]


def sessions_of(session: Session, user_id: int) -> list[UserSession]:
    """Return the open sessions of a person, the latest first."""
    return list(
        session.exec(
            select(UserSession)
            .where(UserSession.user_id == user_id, col(UserSession.ended_at).is_(None))
            .order_by(col(UserSession.seen_at).desc())
        )
    )


def end_session(session: Session, actor: Actor, session_id: int, *, at: datetime) -> None:
    """End one of the actor's own sessions; another person's is NotFound."""
    row = session.get(UserSession, session_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    if row.ended_at is None:
        row.ended_at = at
        record(session, actor=actor, action="session-ended", object_kind="session", object_ref=str(row.id), at=at)


def end_all_sessions(session: Session, user_id: int, *, at: datetime, keep: int | None = None) -> int:
    """End every open session of a person (but `keep`); returns how many."""
    rows = [row for row in sessions_of(session, user_id) if row.id != keep]
    for row in rows:
        row.ended_at = at
    return len(rows)


def set_password(session: Session, user: User, password: str, passwords: Passwords, *, at: datetime) -> None:
    """Give a person a new password and end their sessions; raises Refusal('password-short')."""
    if len(password) < MIN_LENGTH:
        raise Refusal("password-short", field="password", least=MIN_LENGTH)
    user.password_hash = passwords.hash(password)
    if user.id is not None:
        end_all_sessions(session, user.id, at=at)


def set_language(session: Session, user_id: int, language: str) -> None:
    user = session.get(User, user_id)
    if user is not None:
        user.language = language


def set_shortcuts(session: Session, user_id: int, *, on: bool) -> None:
    user = session.get(User, user_id)
    if user is not None:
        user.shortcuts = on
