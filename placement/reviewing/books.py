"""The books as their pages show them: entries that fit a filter, balances as of a day, the chain. Reads only.

Every read is narrowed to the counties whose books the actor may see. The chain is one for all: who may see some of
the books is told whether the whole of it holds, and nothing else of the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from agreements import ledger, ledger_reading, statements
from agreements.claim_tables import Claim
from agreements.ledger_rules import GENESIS, Account, Leg, Side, chained
from agreements.ledger_tables import LedgerEntry, LedgerLeg, PostingPeriod
from agreements.payment_tables import Payment, Recovery
from agreements.statements import Balance
from placement.people.tables import Organisation
from placement.refusals import NotFound
from placement.reviewing.tables import Correction

PAGE = 50
QUICK = 3_000
"""Up to this many entries the chain is added up whenever the books are opened; beyond it, when asked for."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the books is shown; an empty value shows all. Days are days of effect, both inclusive."""

    account: str = ""
    county: str = ""
    year: int | None = None
    kind: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None
    month: str = ""

    @property
    def any(self) -> bool:
        return any((self.account, self.county, self.year, self.kind, self.subject, self.first, self.last, self.month))


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with its legs; `moved_cents` is the sum of its debits, `fitting_cents` of the legs that fit, signed."""

    entry: LedgerEntry
    legs: tuple[Leg, ...]
    fitting_cents: int

    @property
    def subject(self) -> str:
        """The reference that the entry is about: a claim's, or that of an advance."""
        return self.legs[0].subject

    @property
    def moved_cents(self) -> int:
        return sum(leg.cents for leg in self.legs if leg.side is Side.DEBIT)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of entries, newest first; `count` and `cents` are of all that fit (debits less credits)."""

    rows: tuple[Shown, ...]
    count: int
    cents: int
    page: int
    pages: int


def _fits(filters: Filters, counties: set[int] | None, county_id: int | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on a leg."""
    found: list[sa.ColumnElement[bool]] = []
    if counties is not None:
        found.append(col(LedgerLeg.party_id).in_(counties))
    if filters.account:
        found.append(col(LedgerLeg.account) == filters.account)
    if filters.county:
        found.append(col(LedgerLeg.party_id) == (county_id or 0))
    if filters.year is not None:
        found.append(col(LedgerLeg.care_year) == filters.year)
    if filters.subject:
        found.append(col(LedgerLeg.subject) == filters.subject)
    return found


def _fits_entry(filters: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if filters.kind:
        found.append(col(LedgerEntry.source_kind) == filters.kind)
    if filters.month:
        found.append(col(LedgerEntry.period) == filters.month)
    if filters.first is not None:
        found.append(col(LedgerEntry.effective_on) >= filters.first)
    if filters.last is not None:
        found.append(col(LedgerEntry.effective_on) <= filters.last)
    return found


def entries(session: Session, filters: Filters, counties: set[int] | None, page: int) -> Found:
    """Return one page of the entries with a leg that fits."""
    county = county_key(session, filters.county)
    legs, whole = _fits(filters, counties, county), _fits_entry(filters)
    joined = sa.select(col(LedgerEntry.id)).join(LedgerLeg, col(LedgerLeg.entry_id) == LedgerEntry.id)
    fitting = joined.where(*legs, *whole).distinct()
    count = session.execute(sa.select(sa.func.count()).select_from(fitting.subquery())).scalar_one()
    pages = max(1, -(-count // PAGE))
    page = min(max(1, page), pages)
    query = select(LedgerEntry).where(col(LedgerEntry.id).in_(fitting)).order_by(col(LedgerEntry.id).desc())
    rows = session.exec(query.offset((page - 1) * PAGE).limit(PAGE)).all()
    shown = ledger.legs_of(session, [row.id for row in rows])
    signed = sa.case((col(LedgerLeg.side) == Side.DEBIT, LedgerLeg.cents), else_=-col(LedgerLeg.cents))
    total = session.execute(
        sa.select(sa.func.coalesce(sa.func.sum(signed), 0))
        .select_from(LedgerLeg)
        .join(LedgerEntry, col(LedgerEntry.id) == LedgerLeg.entry_id)
        .where(*legs, *whole)
    ).scalar_one()
    return Found(
        rows=tuple(
            Shown(row, shown.get(row.id, ()), _net(shown.get(row.id, ()), filters, counties, county)) for row in rows
        ),
        count=count,
        cents=int(total),
        page=page,
        pages=pages,
    )


def _net(legs: Collection[Leg], filters: Filters, counties: set[int] | None, county: int | None) -> int:
    return sum(
        leg.cents if leg.side is Side.DEBIT else -leg.cents
        for leg in legs
        if (counties is None or leg.party_id in counties)
        and filters.account in ("", leg.account.value)
        and (not filters.county or leg.party_id == county)
        and filters.year in (None, leg.care_year)
        and filters.subject in ("", leg.subject)
    )


def county_key(session: Session, code: str) -> int | None:
    if not code:
        return None
    return session.exec(select(Organisation.id).where(Organisation.county_code == code)).first()


def kinds(session: Session) -> list[str]:
    """Return the kinds of event that are booked, by name."""
    return sorted(session.exec(select(LedgerEntry.source_kind).distinct()))


def years(session: Session) -> list[int]:
    return sorted(session.exec(select(LedgerLeg.care_year).distinct()))


def balances(session: Session, as_of: date, counties: set[int] | None) -> list[Balance]:
    """Return the balances as of a day that the actor may see and that are not settled."""
    return [
        one
        for one in statements.balances(session, as_of)
        if one.net_cents and (counties is None or one.party_id in counties)
    ]


def names(session: Session, keys: Collection[int]) -> dict[int, Organisation]:
    rows = session.exec(select(Organisation).where(col(Organisation.id).in_(set(keys))))
    return {row.id or 0: row for row in rows}


@dataclass(frozen=True, slots=True)
class Chain:
    """What adding up the chain gave: how many entries, the last hash, the first entry where it does not hold."""

    entries: int
    last_hash: str
    broken_at: int | None

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def size(session: Session) -> int:
    return session.exec(select(func.count()).select_from(LedgerEntry)).one()


def chain(session: Session) -> Chain:
    """Return whether every entry is numbered, balanced and hashed as it was booked, from the first to the last."""
    books = ledger_reading.read(session)
    previous = GENESIS
    for expected, number in enumerate(sorted(books.entries), start=1):
        entry = books.entries[number]
        sound = (
            number == expected
            and entry.text is not None
            and entry.prev_hash == previous
            and entry.hash == chained(entry.text, previous)
            and entry.net_cents == 0
        )
        if not sound:
            return Chain(len(books.entries), previous, number)
        previous = entry.hash
    return Chain(len(books.entries), previous, None if not books.orphans else 0)


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """One entry with what it is about and its links: what it takes back, what took it back, the same event's others."""

    entry: LedgerEntry
    legs: tuple[Leg, ...]
    reverses: LedgerEntry | None
    reversed_by: LedgerEntry | None
    claim: Claim | None
    payment: Payment | None
    recovery: Recovery | None
    correction: Correction | None
    later: tuple[LedgerEntry, ...]


def entry(session: Session, number: int, counties: set[int] | None) -> OpenedEntry:
    """Return an entry the actor may see; raises NotFound for a foreign and a missing one alike."""
    row = session.get(LedgerEntry, number)
    legs = ledger.legs_of(session, [number]).get(number, ())
    if row is None or (counties is not None and not any(leg.party_id in counties for leg in legs)):
        raise NotFound
    event = row.source_id.split("/")[0]
    subject = next((leg.subject for leg in legs), event)
    claim = session.exec(select(Claim).where(col(Claim.ref).in_([event, subject]))).first()
    correction = None
    if claim is not None and "/" in row.source_id and row.source_kind in ("claim-decided", "claim-corrected"):
        correction = _correction(session, claim, row)
    return OpenedEntry(
        entry=row,
        legs=legs,
        reverses=session.get(LedgerEntry, row.reverses_entry_id) if row.reverses_entry_id else None,
        reversed_by=session.exec(select(LedgerEntry).where(LedgerEntry.reverses_entry_id == number)).first(),
        claim=claim,
        payment=session.exec(select(Payment).where(Payment.ref == event)).first(),
        recovery=session.exec(select(Recovery).where(Recovery.ref == event)).first(),
        correction=correction,
        later=tuple(_later(session, number, subject)),
    )


def _correction(session: Session, claim: Claim, row: LedgerEntry) -> Correction | None:
    """Return the correction that an entry belongs to: the reversal names the decision taken back, the new one its own.

    None for the first decision and for a correction made by no proposal.
    """
    number = int(row.source_id.split("/")[1])
    made = number + 1 if row.source_kind == "claim-corrected" else number
    query = select(Correction).where(Correction.claim_id == claim.id, Correction.made_no == made)
    return session.exec(query).first()


def _later(session: Session, number: int, subject: str) -> list[LedgerEntry]:
    mine = sa.select(col(LedgerLeg.entry_id)).where(col(LedgerLeg.subject) == subject)
    query = select(LedgerEntry).where(col(LedgerEntry.id).in_(mine), col(LedgerEntry.id) > number)
    return list(session.exec(query.order_by(col(LedgerEntry.id))))


def months(session: Session) -> list[tuple[PostingPeriod, int, int]]:
    """Return the months of the books, the newest first, each with its number of entries and debits in cents."""
    found = []
    for row in session.exec(select(PostingPeriod).order_by(col(PostingPeriod.code).desc())):
        if row.closed_at is not None:
            found.append((row, row.entries or 0, row.total_cents or 0))
        else:
            count, _last, cents = ledger.month_totals(session, row.code)
            found.append((row, count, cents))
    return found


def by_account(rows: Collection[Balance]) -> Mapping[Account, int]:
    """Return the net of each account over balances, debits less credits in cents."""
    found: dict[Account, int] = {}
    for one in rows:
        found[one.account] = found.get(one.account, 0) + one.net_cents
    return found


def export_rows(session: Session, filters: Filters, counties: set[int] | None) -> list[list[Any]]:
    """Return every leg that fits as rows of a spreadsheet, by entry: what the page shows, without its pages."""
    county = county_key(session, filters.county)
    query = (
        sa.select(
            LedgerEntry.id,  # type: ignore[call-overload]
            LedgerEntry.effective_on,
            LedgerEntry.period,
            LedgerEntry.source_kind,
            LedgerEntry.source_id,
            LedgerEntry.reverses_entry_id,
            LedgerLeg.line_no,
            LedgerLeg.account,
            LedgerLeg.side,
            LedgerLeg.cents,
            LedgerLeg.party_id,
            LedgerLeg.subject,
            LedgerLeg.care_year,
            LedgerEntry.hash,
        )
        .join(LedgerLeg, col(LedgerLeg.entry_id) == LedgerEntry.id)
        .where(*_fits(filters, counties, county), *_fits_entry(filters))
        .order_by(LedgerEntry.id, LedgerLeg.line_no)
    )
    return [list(row) for row in session.execute(query)]
