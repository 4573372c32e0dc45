"""What the books say: balances as of any day, what is owed to whom and for which year, how old open sums are.

Reads only. A balance as of a day counts every entry whose day of effect is that day or before. `known_at` asks
what the books said at an instant: entries posted later are left out, even when their effect lies before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from agreements.ledger_rules import Account, Side, month
from agreements.ledger_tables import BookBalance, LedgerEntry, LedgerLeg
from agreements.period import ONE_DAY

OWED = (Account.PAYABLE,)
"""What the state owes counties: decided and not yet paid."""


HALF_MONTH = 15
"""Up to this day of a month its days are added to the months before; later ones are taken off the whole month."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Debits and credits of an account for one claiming body and year of care, in cents."""

    account: Account
    party_id: int
    care_year: int
    debit_cents: int
    credit_cents: int

    @property
    def net_cents(self) -> int:
        """Debits less credits: what is owed to the county shows as a negative sum on `payable`."""
        return self.debit_cents - self.credit_cents


_DEBITS = sa.func.sum(sa.case((col(LedgerLeg.side) == Side.DEBIT, LedgerLeg.cents), else_=0))
_CREDITS = sa.func.sum(sa.case((col(LedgerLeg.side) == Side.CREDIT, LedgerLeg.cents), else_=0))


def balances(session: Session, as_of: date, *, known_at: datetime | None = None) -> list[Balance]:
    """Return every balance as of a day, by account, body and year; those that nothing moved are left out.

    Without `known_at`, whole months come from the balances kept by month; the days from the nearer end of the
    month are added up from legs or taken off again, so that the books of many years answer at once.
    """
    sums: dict[tuple[Account, int, int], list[int]] = {}
    if known_at is not None:
        _add(sums, _by_day(session, None, as_of, known_at), 1)
    elif as_of.day <= HALF_MONTH:
        _add(sums, _by_month(session, month(as_of)), 1)
        _add(sums, _by_day(session, as_of.replace(day=1), as_of, None), 1)
    else:
        next_month = (as_of.replace(day=1) + timedelta(days=31)).replace(day=1)
        _add(sums, _by_month(session, month(next_month)), 1)
        if as_of + ONE_DAY < next_month:
            _add(sums, _by_day(session, as_of + ONE_DAY, next_month - ONE_DAY, None), -1)
    return [Balance(*key, *sums[key]) for key in sorted(sums) if any(sums[key])]


def _add(sums: dict[tuple[Account, int, int], list[int]], rows: Sequence[Any], sign: int) -> None:
    for account, party_id, care_year, debited, credited in rows:
        kept = sums.setdefault((account, party_id, care_year), [0, 0])
        kept[0] += sign * int(debited)
        kept[1] += sign * int(credited)


def _by_month(session: Session, before: str) -> Sequence[Any]:
    query = (
        sa.select(
            BookBalance.account,  # type: ignore[call-overload]
            BookBalance.party_id,
            BookBalance.care_year,
            sa.func.sum(BookBalance.debit_cents),
            sa.func.sum(BookBalance.credit_cents),
        )
        .where(col(BookBalance.month) < before)
        .group_by(BookBalance.account, BookBalance.party_id, BookBalance.care_year)
    )
    return session.execute(query).all()


def _by_day(session: Session, first: date | None, last: date, known_at: datetime | None) -> Sequence[Any]:
    entries = sa.select(LedgerEntry.id).where(col(LedgerEntry.effective_on) <= last)  # type: ignore[call-overload]
    if first is not None:
        entries = entries.where(col(LedgerEntry.effective_on) >= first)
    if known_at is not None:
        entries = entries.where(col(LedgerEntry.posted_at) <= known_at)
    query = (
        sa.select(LedgerLeg.account, LedgerLeg.party_id, LedgerLeg.care_year, _DEBITS, _CREDITS)  # type: ignore[call-overload]
        .where(_is_of(session, entries, few=first is not None))
        .group_by(LedgerLeg.account, LedgerLeg.party_id, LedgerLeg.care_year)
    )
    return session.execute(query).all()


def _is_of(session: Session, entries: sa.Select[Any], *, few: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a leg belongs to one of the entries.

    PostgreSQL reads every leg of the books to join the entries of half a month; given their numbers as a list it
    looks up the legs of each.
    """
    entry_id = col(LedgerLeg.entry_id)
    if few and session.get_bind().dialect.name == "postgresql":
        numbers = sa.func.array(entries.scalar_subquery(), type_=sa.ARRAY(sa.Integer))
        return entry_id == sa.any_(numbers)
    return entry_id.in_(entries)


def subject_balances(session: Session, subjects: Sequence[str]) -> dict[str, dict[Account, int]]:
    """Return for each claim or payment the net of each account it moved, debits less credits in cents."""
    found: dict[str, dict[Account, int]] = {subject: {} for subject in subjects}
    for start in range(0, len(subjects), 500):
        query = (
            sa.select(LedgerLeg.subject, LedgerLeg.account, _DEBITS, _CREDITS)  # type: ignore[call-overload]
            .where(col(LedgerLeg.subject).in_(subjects[start : start + 500]))
            .group_by(LedgerLeg.subject, LedgerLeg.account)
        )
        for subject, account, debited, credited in session.execute(query):
            found[subject][account] = int(debited) - int(credited)
    return found


def net_by_year(session: Session, subject: str, account: Account) -> dict[int, int]:
    """Return for a claim or payment the net of one account by year of care, debits less credits, without zeros."""
    query = (
        sa.select(LedgerLeg.care_year, _DEBITS, _CREDITS)  # type: ignore[call-overload]
        .where(col(LedgerLeg.subject) == subject, col(LedgerLeg.account) == account)
        .group_by(LedgerLeg.care_year)
    )
    sums = {year: int(debited) - int(credited) for year, debited, credited in session.execute(query)}
    return {year: cents for year, cents in sorted(sums.items()) if cents}


@dataclass(frozen=True, slots=True)
class Owed:
    """What the state owes one county for one year of care as of a day; a negative sum is owed back."""

    party_id: int
    care_year: int
    cents: int


def owed(session: Session, as_of: date) -> list[Owed]:
    """Return what the state owes per county and year of care as of a day; settled ones are left out."""
    return [
        Owed(one.party_id, one.care_year, -one.net_cents)
        for one in balances(session, as_of)
        if one.account in OWED and one.net_cents != 0
    ]


@dataclass(frozen=True, slots=True)
class Open:
    """An open sum: the claim or payment, its account, since when it has not been zero, and its age in days."""

    subject: str
    party_id: int
    account: Account
    since: date
    age_days: int
    cents: int


CLEARING = (Account.UNDER_REVIEW, Account.PAYABLE, Account.RECOVERABLE, Account.ADVANCES)
"""Accounts that come back to zero for each claim or payment when all is done."""


def ageing(session: Session, as_of: date, accounts: Sequence[Account] = CLEARING) -> list[Open]:
    """Return the open sums as of a day, oldest first: what waits for review, payment or settlement.

    A sum is as old as the last day on which it became open, so that a claim paid in full and corrected years
    later does not look years overdue.
    """
    query = (
        sa.select(
            LedgerLeg.subject,  # type: ignore[call-overload]
            LedgerLeg.party_id,
            LedgerLeg.account,
            LedgerEntry.effective_on,
            (_DEBITS - _CREDITS),
        )
        .select_from(LedgerEntry)
        .join(LedgerLeg, col(LedgerLeg.entry_id) == LedgerEntry.id)
        .where(col(LedgerEntry.effective_on) <= as_of, col(LedgerLeg.account).in_(accounts))
        .group_by(LedgerLeg.subject, LedgerLeg.party_id, LedgerLeg.account, LedgerEntry.effective_on)
        .order_by(LedgerEntry.effective_on)
    )
    running: dict[tuple[str, int, Account], int] = {}
    since: dict[tuple[str, int, Account], date] = {}
    for subject, party_id, account, day, cents in session.execute(query):
        key = (subject, party_id, account)
        if running.get(key, 0) == 0:
            since[key] = day
        running[key] = running.get(key, 0) + int(cents)
    rows = [
        Open(key[0], key[1], key[2], since[key], (as_of - since[key]).days, cents)
        for key, cents in running.items()
        if cents != 0
    ]
    return sorted(rows, key=lambda row: (row.since, row.subject, row.account))
