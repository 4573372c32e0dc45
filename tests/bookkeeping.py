"""Postings for tests of the books: small ones with sane defaults, random ones from a seed, and a plain recount."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from agreements.ledger_rules import Account, Leg, Posting, Side
from placement.people.tables import Organisation, User

DAY = date(2026, 3, 10)


def parties(session: Session) -> list[int]:
    rows = session.exec(select(Organisation.id).where(Organisation.county_code.is_not(None)).order_by(Organisation.id))
    return [row for row in rows if row is not None]


def official(session: Session) -> int:
    return session.exec(select(User.id).order_by(User.id)).first() or 0


def approved(
    source_id: str = "1", *, cents: int = 12_345, party: int = 1, day: date = DAY, year: int = 2025, **changes: Any
) -> Posting:
    """Return a posting that owes a county what was approved."""
    legs = (
        Leg(Account.REIMBURSEMENT, Side.DEBIT, cents, party, "CL-7K3M-9QXT", year),
        Leg(Account.PAYABLE, Side.CREDIT, cents, party, "CL-7K3M-9QXT", year),
    )
    return Posting(
        **{"source_kind": "claim-decided", "source_id": source_id, "effective_on": day, "legs": legs} | changes
    )


def random_posting(rng: random.Random, source_id: str, party_ids: list[int]) -> Posting:
    """Return a balanced posting of two to five legs of any accounts, bodies and years."""
    subject = f"CL-{rng.randrange(10**4):04d}-{rng.randrange(10**4):04d}"

    def leg(side: Side, cents: int) -> Leg:
        return Leg(
            rng.choice(list(Account)), side, cents, rng.choice(party_ids), subject, rng.choice((2024, 2025, 2026))
        )

    parts = [rng.randint(1, 5_000_000) for _ in range(rng.randint(1, 4))]
    legs = [leg(Side.DEBIT, cents) for cents in parts] + [leg(Side.CREDIT, sum(parts))]
    rng.shuffle(legs)
    return Posting(
        rng.choice(("claim-decided", "payment-released", "recovery-decided")),
        source_id,
        DAY + timedelta(days=rng.randint(-60, 60)),
        tuple(legs),
    )


Recount = dict[tuple[str, int, int], int]


def recount(postings: Iterable[Posting], as_of: date) -> Recount:
    """Add raw postings up in plain Python: account, body and year of care to debits less credits in cents."""
    sums: Recount = defaultdict(int)
    for posting in postings:
        if posting.effective_on <= as_of:
            for leg in posting.legs:
                sums[(leg.account.value, leg.party_id, leg.care_year)] += leg.cents * (
                    1 if leg.side is Side.DEBIT else -1
                )
    return {key: cents for key, cents in sums.items() if cents}
