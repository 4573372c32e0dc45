"""A copy of the small demo for tests of the claims, and the few things they read out of pages and the database."""

from __future__ import annotations

import re
from typing import Any

from sqlmodel import select

from agreements import claim_reads
from agreements.claim_tables import Claim, ClaimLine, ClaimStatus
from agreements.claim_values import Gate
from tests.client import JudgingClient


def text(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def cents(shown: str) -> int:
    """The cents of a sum as an English page shows it."""
    plain = re.sub(r"[^\d.-]", "", shown.replace("−", "-"))
    return round(float(plain) * 100)


def database(app: Any) -> Any:
    return app.extensions["placement"].database


def claim(app: Any, status: ClaimStatus, gate: Gate = Gate.PAYMENT) -> Claim:
    with database(app).read_only() as session:
        return session.exec(select(Claim).where(Claim.status == status, Claim.gate == gate)).one()  # type: ignore[no-any-return]


def own_claims(app: Any) -> list[Claim]:
    """The claims of the first county."""
    county = claim(app, ClaimStatus.SENT, Gate.COST).county_id
    with database(app).read_only() as session:
        return list(session.exec(select(Claim).where(Claim.county_id == county).order_by(Claim.id)))


def by_ref(app: Any, ref: str) -> Claim:
    with database(app).read_only() as session:
        return claim_reads.claim_by_ref(session, ref)


def lines(app: Any, ref: str) -> list[ClaimLine]:
    with database(app).read_only() as session:
        return claim_reads.lines(session, claim_reads.claim_by_ref(session, ref))


def key_in(page: str, form: str = "") -> str:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', page[page.find(form) :])
    return found.group(1) if found else ""


def start(client: JudgingClient, first: str = "1.10.2026", last: str = "31.12.2026", gate: str = "payment") -> str:
    """Begin a claim and return its reference."""
    key = key_in(text(client.get("/claims/start")))
    data = {"gate": gate, "first": first, "last": last, "idempotency_key": key}
    answer = client.post("/claims/start", data)
    assert client.post("/claims/start", data).headers["Location"] == answer.headers["Location"], "two claims begun"
    return str(answer.headers["Location"].rsplit("/", 1)[1])


def rent(**changes: str) -> dict[str, str]:
    """A cost of one home as a person types it."""
    return {
        "cost_kind": "rent",
        "unit": "1",
        "first_day": "1.10.2026",
        "last_day": "31.10.2026",
        "net": "4 215,00",
        "supplier": "Vuokra Oy",
        "voucher": "R-10",
        "voucher_on": "31.10.2026",
        **changes,
    }


def add_cost(client: JudgingClient, app: Any, ref: str, status: int = 303, **changes: str) -> Any:
    page = text(client.get(f"/claims/{ref}/lines"))
    version = str(by_ref(app, ref).version)
    data = {**rent(**changes), "version": version, "idempotency_key": key_in(page, '/lines" novalidate')}
    return client.post(f"/claims/{ref}/lines", data, status=status)


def to_approver(client: JudgingClient, app: Any, ref: str, status: int = 303) -> Any:
    client.post(f"/claims/{ref}/days/accept")
    client.post(f"/claims/{ref}/declaration", {"confirm": "y"})
    return client.post(f"/claims/{ref}/hand-over", {"version": str(by_ref(app, ref).version)}, status=status)
