"""Steps of a claim that several test files take: a bought unit with one child, rent of another, the books read."""

from __future__ import annotations

from typing import Any

from agreements import check_ledger, claim_reads, statements
from agreements.claim_building import Material
from agreements.claim_tables import Claim
from tests.claiming import HALF, budget, care, cost, grant, invoice, price

CHILD = "CH-AAAA-0001"


def material(who: Any, **changes: Any) -> Material:
    """One bought unit with one child (180 × 250 € invoiced) and rent of the other unit."""
    first, second = who.units
    values = {
        "period": HALF,
        "care": (care(unit=first),),
        "prices": (price(unit=first),),
        "invoices": (invoice(unit=first, cents=4_500_000),),
        "costs": (cost(unit=second, cents=600_000),),
    }
    return Material(**values | changes)


def granted(do: Any, who: Any, cents: int = 9_000_000) -> Claim:
    return do(lambda s: grant(s, who, [budget("place_days", cents), budget("rent", cents)]))


def net(do: Any, ref: str) -> dict[str, int]:
    found = do(lambda s: statements.subject_balances(s, [ref]))[ref]
    return {account.value: cents for account, cents in found.items() if cents}


def fresh(do: Any, claim: Claim) -> Claim:
    return do(lambda s: claim_reads.claim_by_ref(s, claim.ref))


def breaches(do: Any) -> dict[str, list[str]]:
    return {result.id: result.breaches for result in do(check_ledger.run) if result.breaches}
