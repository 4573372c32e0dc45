"""What an entry of the books is, as values: accounts, legs, the text that is hashed. Pure.

The books are the state's: what counties claim, what is granted, what is owed and paid, what comes back. They
hold no personal data: organisations by key, claims by reference, the year of care, sums.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

GENESIS = "0" * 64
"""What stands before the first entry of the chain."""


class Account(StrEnum):
    """The accounts. The four memo accounts show what is claimed and granted before anything is owed."""

    BANK = "bank"
    ADVANCES = "advances"
    RECOVERABLE = "recoverable"
    CLAIMED = "claimed"
    UNDER_REVIEW = "under-review"
    COMMITTED = "committed"
    GRANTED = "granted"
    PAYABLE = "payable"
    REIMBURSEMENT = "reimbursement"
    INTEREST = "interest"


class Side(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def other(self) -> Side:
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of an entry. `party_id` is the claiming body, `subject` the claim or payment it is about.

    `care_year` is the calendar year of the care that the money is for: deadlines and recovery follow it.
    """

    account: Account
    side: Side
    cents: int
    party_id: int
    subject: str
    care_year: int

    def mirrored(self) -> Leg:
        """Return the leg that takes this one back."""
        return Leg(self.account, self.side.other, self.cents, self.party_id, self.subject, self.care_year)


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry to be booked. `source_kind` and `source_id` name the business event: it is booked once."""

    source_kind: str
    source_id: str
    effective_on: date
    legs: tuple[Leg, ...]
    reverses: int | None = None


class UnbalancedPosting(ValueError):
    """A posting has fewer than two legs, a leg that is not positive, or sides that differ."""


def debit(account: Account, cents: int, party_id: int, subject: str, care_year: int) -> Leg:
    return Leg(account, Side.DEBIT, cents, party_id, subject, care_year)


def credit(account: Account, cents: int, party_id: int, subject: str, care_year: int) -> Leg:
    return Leg(account, Side.CREDIT, cents, party_id, subject, care_year)


def transfer(
    debited: Account, credited: Account, cents_by_year: Mapping[int, int], party_id: int, subject: str
) -> list[Leg]:
    """Return the legs that move sums by year of care from one account to another; nothing for a sum of zero.

    A negative sum moves the other way: every leg is above zero.
    """
    legs = []
    for year in sorted(cents_by_year):
        cents = cents_by_year[year]
        if cents:
            first, second = (debited, credited) if cents > 0 else (credited, debited)
            legs += [
                debit(first, abs(cents), party_id, subject, year),
                credit(second, abs(cents), party_id, subject, year),
            ]
    return legs


def net(legs: Iterable[Leg]) -> int:
    """Return debits less credits in cents."""
    return sum(leg.cents if leg.side is Side.DEBIT else -leg.cents for leg in legs)


def require_balanced(posting: Posting) -> None:
    """Raise UnbalancedPosting unless the posting has two legs or more, each positive, that add up to zero."""
    name = f"{posting.source_kind} {posting.source_id}"
    if len(posting.legs) < 2:
        raise UnbalancedPosting(f"{name} has {len(posting.legs)} legs; an entry needs two")
    for leg in posting.legs:
        if type(leg.cents) is not int or leg.cents < 1:
            raise UnbalancedPosting(f"{name} has a leg of {leg.cents!r}; give whole cents above zero")
    difference = net(posting.legs)
    if difference != 0:
        raise UnbalancedPosting(f"{name} is out of balance by {difference} cents")


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as the chain sees it: every stored value, so that no value can change unseen."""

    id: int
    source_kind: str
    source_id: str
    reverses: int | None
    effective_on: date
    period: str
    posted_at: datetime


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def canonical(entry: Sealed, lines: Sequence[tuple[int, str, str, int, str, int, str, int]]) -> str:
    """Return the text of an entry that is hashed.

    `lines`: number, account, side, cents, currency, party, subject and year of care of each leg, by number.
    """
    head = [
        entry.id,
        entry.source_kind,
        entry.source_id,
        entry.reverses,
        entry.effective_on.isoformat(),
        entry.period,
        entry.posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
    ]
    return _JSON.encode([head, lines])


def chained(text: str, previous: str) -> str:
    """Return the hash of an entry: its canonical text followed by the hash of the entry before it."""
    return hashlib.sha256((text + previous).encode()).hexdigest()


def month(day: date) -> str:
    """Return the posting period of a day: its calendar month."""
    return f"{day.year:04d}-{day.month:02d}"
