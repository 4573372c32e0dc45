"""Checks of the books as they are stored: each rule with how many cases were compared and what breaks it.

The session must be able to write: L5 and L6 try what must fail, inside savepoints that are rolled back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from agreements import ledger, statements
from agreements.check import Result
from agreements.ledger_reading import StoredBooks, StoredEntry, read
from agreements.ledger_rules import GENESIS, Posting, chained, month
from agreements.ledger_tables import BookBalance, PostingPeriod

HELSINKI = ZoneInfo("Europe/Helsinki")
ITEM = TypeVar("ITEM")
SAMPLE = 24
"""How many days (L17) and repeated events (L6) are tried: enough for every month of two years."""

FORBIDDEN = (
    "UPDATE ledger_entry SET hash = hash",
    "DELETE FROM ledger_entry",
    "UPDATE ledger_leg SET cents = cents",
    "DELETE FROM ledger_leg",
)
"""What the database must refuse on sealed rows, even where it would change nothing."""


def run(session: Session) -> list[Result]:
    """Return the result of every rule that concerns the books alone, read once from what is stored."""
    books = read(session)
    return [
        entries_balance(books),
        whole_positive_cents(books),
        nothing_appears(books),
        chain_is_whole(books),
        rows_never_change(session, books),
        booked_once(session, books),
        reversals_mirror(books),
        closed_months_stand(session, books),
        asked_then_and_now(session, books),
        balances_match(session, books),
    ]


def entries_balance(books: StoredBooks) -> Result:
    """L1: each entry has two legs or more, its debits equal its credits, and no leg stands alone."""
    breaches = list(books.orphans)
    for entry in books.entries.values():
        if len(entry.lines) < 2:
            breaches.append(f"entry {entry.id} has {len(entry.lines)} legs")
        if entry.net_cents != 0:
            breaches.append(f"entry {entry.id} is out of balance by {entry.net_cents} cents")
        if [line[0] for line in entry.lines] != list(range(1, len(entry.lines) + 1)):
            breaches.append(f"entry {entry.id} has legs that are not numbered 1 to {len(entry.lines)}")
    return Result("L1", len(books.entries), breaches)


def whole_positive_cents(books: StoredBooks) -> Result:
    """L2: every amount is a whole number of euro cents above zero; every value is as booking wrote it."""
    breaches = [f"entry {entry.id}: {fault}" for entry in books.entries.values() for fault in entry.faults]
    legs = [(entry, line) for entry in books.entries.values() for line in entry.lines]
    breaches += [
        f"entry {entry.id} leg {line[0]} is {line[3]} {line[4]}"
        for entry, line in legs
        if line[3] < 1 or line[4] != "EUR"
    ]
    return Result("L2", len(legs), breaches)


def nothing_appears(books: StoredBooks) -> Result:
    """L3: debits less credits are zero as of every day on which anything had an effect."""
    by_day: Counter[date] = Counter()
    for entry in books.entries.values():
        by_day[entry.effective_on or date.min] += entry.net_cents
    running, breaches = 0, []
    for day in sorted(by_day):
        running += by_day[day]
        if running:
            breaches.append(f"as of {day} the books are out of balance by {running} cents")
    return Result("L3", len(by_day), breaches)


def chain_is_whole(books: StoredBooks) -> Result:
    """L4: numbers are 1 to n without gaps and each entry names the hash of the one before it."""
    breaches, previous = [], GENESIS
    for place, number in enumerate(sorted(books.entries), start=1):
        entry = books.entries[number]
        if number != place:
            breaches.append(f"entry {number} stands where {place} belongs")
            break
        if entry.prev_hash != previous:
            breaches.append(f"entry {number} does not follow the hash of entry {number - 1}")
        previous = entry.hash
    return Result("L4", len(books.entries), breaches)


def rows_never_change(session: Session, books: StoredBooks) -> Result:
    """L5: the hash of what is stored is the hash stored with it; the database refuses UPDATE and DELETE."""
    breaches = changed(books)
    if books.entries:
        breaches += [f"the database accepts {text}" for text in FORBIDDEN if not _refused(session, text)]
    return Result("L5", len(books.entries), breaches)


def changed(books: StoredBooks) -> list[str]:
    """Return a sentence for each entry that is not what its hash was made of."""
    return [
        f"entry {entry.id} is not what was sealed"
        for entry in books.entries.values()
        if entry.text is None or chained(entry.text, entry.prev_hash) != entry.hash
    ]


def _refused(session: Session, statement: str) -> bool:
    """Try a statement in a savepoint that is rolled back in any case; return whether the database refused it."""
    attempt = session.begin_nested()
    try:
        session.execute(sa.text(statement))
    except DBAPIError:
        return True
    finally:
        attempt.rollback()
    return False


def booked_once(session: Session, books: StoredBooks) -> Result:
    """L6: one event, one entry; the same event again gets the same entry and writes nothing."""
    counts = Counter(entry.source for entry in books.entries.values())
    breaches = [f"{' '.join(source)} is booked {count} times" for source, count in counts.items() if count > 1]
    for entry in _spread([one for one in books.entries.values() if one.text is not None]):
        attempt = session.begin_nested()
        try:
            legs = ledger.legs_of(session, [entry.id])[entry.id]
            posting = Posting(*entry.source, entry.effective_on or date.min, legs, entry.reverses)
            again = ledger.post(session, posting, at=datetime.now(UTC))
            if again != ledger.Booked(entry.id, False):
                breaches.append(f"{' '.join(entry.source)} again gets entry {again.entry_id}, not {entry.id}")
        except (DBAPIError, ValueError, LookupError) as refused:
            breaches.append(f"{' '.join(entry.source)} again is refused: {refused}")
        finally:
            attempt.rollback()
    return Result("L6", len(counts), breaches)


def reversals_mirror(books: StoredBooks) -> Result:
    """L7: a reversal names one earlier entry that is none itself, once, and mirrors it leg by leg."""
    reversals = [entry for entry in books.entries.values() if entry.reverses is not None]
    counts = Counter(entry.reverses for entry in reversals)
    breaches = [f"entry {number} is taken back {count} times" for number, count in counts.items() if count > 1]
    for entry in reversals:
        taken = books.entries.get(entry.reverses or 0)
        if taken is None or taken.id >= entry.id or taken.reverses is not None:
            breaches.append(f"entry {entry.id} takes back {entry.reverses}, which is no earlier entry of its own")
        elif [_opposite(line) for line in taken.lines] != entry.lines:
            breaches.append(f"entry {entry.id} does not mirror entry {taken.id}")
    return Result("L7", len(reversals), breaches)


def _opposite(line: tuple[int, str, str, int, str, int, str, int]) -> tuple[int, str, str, int, str, int, str, int]:
    return (*line[:2], "credit" if line[2] == "debit" else "debit", *line[3:])


def closed_months_stand(session: Session, books: StoredBooks) -> Result:
    """L15: a closed month holds what it held when it was closed, and nothing was posted in it since."""
    closed = [row for row in session.exec(select(PostingPeriod)) if row.closed_at is not None]
    held: dict[str, list[StoredEntry]] = {}
    for entry in books.entries.values():
        held.setdefault(entry.period, []).append(entry)
    breaches = []
    for row in closed:
        entries = held.get(row.code, [])
        total = sum(line[3] for entry in entries for line in entry.lines if line[2] == "debit")
        last = max((entry.id for entry in entries), default=0)
        if (len(entries), total, last) != (row.entries, row.total_cents, row.last_entry_id):
            breaches.append(f"{row.code} was closed with {row.entries} entries of {row.total_cents} cents")
        if last and books.entries[last].hash != row.last_hash:
            breaches.append(f"{row.code} was closed on another hash of entry {last}")
    breaches += [
        f"entry {entry.id} has its effect after the month {entry.period} it is posted in"
        for entry in books.entries.values()
        if entry.effective_on and month(entry.effective_on) > entry.period
    ]
    return Result("L15", len(books.entries), breaches)


def asked_then_and_now(session: Session, books: StoredBooks) -> Result:
    """L17: a balance asked today is what it was on its day, plus what was posted later with effect by then."""
    days = sorted({entry.effective_on for entry in books.entries.values() if entry.effective_on})
    sampled, breaches = _spread(days), []
    for day in sampled:
        end = datetime.combine(day + timedelta(days=1), time(), HELSINKI) - timedelta(microseconds=1)
        then = _nets(statements.balances(session, day, known_at=end))
        for entry in books.entries.values():
            late = entry.effective_on and entry.effective_on <= day and entry.posted_at and entry.posted_at > end
            for line in entry.lines if late else []:
                key = (line[1], line[5], line[7])
                then[key] = then.get(key, 0) + (line[3] if line[2] == "debit" else -line[3])
        now = _nets(statements.balances(session, day))
        breaches += [
            f"{key} as of {day} is {now.get(key, 0)} cents, not {then.get(key, 0)}"
            for key in then.keys() | now.keys()
            if then.get(key, 0) != now.get(key, 0)
        ]
    return Result("L17", len(sampled), breaches)


def _nets(rows: Iterable[statements.Balance]) -> dict[tuple[str, int, int], int]:
    return {(row.account.value, row.party_id, row.care_year): row.net_cents for row in rows}


def balances_match(session: Session, books: StoredBooks) -> Result:
    """L18 for the books: the balances kept by month are the sums of the legs."""
    counted: dict[tuple[str, int, int, str], list[int]] = {}
    for entry in books.entries.values():
        for line in entry.lines:
            key = (line[1], line[5], line[7], month(entry.effective_on) if entry.effective_on else "")
            kept = counted.setdefault(key, [0, 0])
            kept[0 if line[2] == "debit" else 1] += line[3]
    stored = {
        (row.account.value, row.party_id, row.care_year, row.month): [row.debit_cents, row.credit_cents]
        for row in session.exec(select(BookBalance))
    }
    breaches = [
        f"the balance of {key} is kept as {stored.get(key)}, the legs add up to {counted.get(key)}"
        for key in sorted(counted.keys() | stored.keys())
        if counted.get(key) != stored.get(key)
    ]
    return Result("L18", len(counted), breaches)


def _spread(items: list[ITEM]) -> list[ITEM]:
    """Return up to SAMPLE of the items, spread evenly, the last one among them."""
    if len(items) <= SAMPLE:
        return items
    return [items[(place + 1) * len(items) // SAMPLE - 1] for place in range(SAMPLE)]
