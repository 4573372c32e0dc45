"""The whole books as text: beancount (accepted by its checker) and CSV, in the order of the entries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import Session, col, select

from agreements.ledger_rules import Account, Leg, Side
from agreements.ledger_tables import LedgerEntry, LedgerLeg
from agreements.money import euros

NAMES = {
    Account.BANK: "Assets:Bank",
    Account.ADVANCES: "Assets:Advances",
    Account.RECOVERABLE: "Assets:Recoverable",
    Account.CLAIMED: "Assets:Memo:Claimed",
    Account.UNDER_REVIEW: "Liabilities:Memo:UnderReview",
    Account.COMMITTED: "Assets:Memo:Committed",
    Account.GRANTED: "Liabilities:Memo:Granted",
    Account.PAYABLE: "Liabilities:Payable",
    Account.REIMBURSEMENT: "Expenses:Reimbursement",
    Account.INTEREST: "Income:Interest",
}
"""The accounts as beancount names them; each claiming body has one of its own below."""

CSV_COLUMNS = (
    "entry",
    "date",
    "period",
    "event",
    "event_id",
    "reverses",
    "posted_at",
    "line",
    "account",
    "side",
    "amount",
    "currency",
    "organisation",
    "subject",
    "care_year",
    "hash",
)


def account_name(account: Account, party_id: int) -> str:
    """Return the beancount account of a claiming body; every part starts with a capital."""
    return f"{NAMES[account]}:Org{party_id}"


def rows(session: Session, as_of: date | None) -> Iterator[tuple[LedgerEntry, list[LedgerLeg]]]:
    """Yield the entries with effect up to a day (None = all) with their legs, by number."""
    query = select(LedgerEntry).order_by(col(LedgerEntry.id))
    if as_of is not None:
        query = query.where(col(LedgerEntry.effective_on) <= as_of)
    entries = session.exec(query).all()
    last = entries[-1].id if entries else 0
    legs = select(LedgerLeg).where(col(LedgerLeg.entry_id) <= last)
    by_entry: dict[int, list[LedgerLeg]] = {}
    for leg in session.exec(legs.order_by(col(LedgerLeg.entry_id), col(LedgerLeg.line_no))):
        by_entry.setdefault(leg.entry_id, []).append(leg)
    for entry in entries:
        yield entry, by_entry.get(entry.id, [])


def beancount(session: Session, as_of: date | None = None) -> Iterator[str]:
    """Yield the books as beancount lines: accounts opened, each entry a transaction flagged `*`, closing balances.

    The balances at the end are the sums of the legs exported, so the checker adds up every account again.
    """
    kept = list(rows(session, as_of))
    yield 'option "title" "Reimbursement"'
    yield 'option "operating_currency" "EUR"'
    yield ""
    if not kept:
        return
    first = min(entry.effective_on for entry, _ in kept)
    last = max(entry.effective_on for entry, _ in kept)
    sums: dict[str, int] = {}
    for _, legs in kept:
        for leg in legs:
            name = account_name(leg.account, leg.party_id)
            sums[name] = sums.get(name, 0) + _signed(leg)
    for name in sorted(sums):
        yield f"{first.isoformat()} open {name} EUR"
    for entry, legs in kept:
        yield ""
        yield from _transaction(entry, legs)
    yield ""
    for name in sorted(sums):
        yield f"{(last + timedelta(days=1)).isoformat()} balance {name} {euros(sums[name])} EUR"


def _transaction(entry: LedgerEntry, legs: list[LedgerLeg]) -> Iterator[str]:
    yield f'{entry.effective_on.isoformat()} * "{entry.source_kind} {entry.source_id}"'
    yield f"  entry: {entry.id}"
    if entry.reverses_entry_id is not None:
        yield f"  reverses: {entry.reverses_entry_id}"
    yield f'  hash: "{entry.hash}"'
    for leg in legs:
        yield f"  {account_name(leg.account, leg.party_id)}  {euros(_signed(leg))} EUR"
        yield f'    subject: "{leg.subject}"'
        yield f"    careyear: {leg.care_year}"


def _signed(leg: LedgerLeg | Leg) -> int:
    return leg.cents if leg.side is Side.DEBIT else -leg.cents


def csv_lines(session: Session, as_of: date | None = None) -> Iterator[str]:
    """Yield the books as CSV lines, one for each leg, with a header; sums with a decimal point."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for entry, legs in rows(session, as_of):
        for leg in legs:
            writer.writerow(
                [
                    entry.id,
                    entry.effective_on.isoformat(),
                    entry.period,
                    entry.source_kind,
                    entry.source_id,
                    entry.reverses_entry_id or "",
                    entry.posted_at.isoformat(),
                    leg.line_no,
                    leg.account.value,
                    leg.side.value,
                    euros(leg.cents),
                    leg.currency,
                    leg.party_id,
                    leg.subject,
                    leg.care_year,
                    entry.hash,
                ]
            )
    yield from buffer.getvalue().splitlines()
