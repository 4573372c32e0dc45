"""Steps of review, payment and correction on the pages of the small demo, for several test files."""

from __future__ import annotations

import html
import re
from typing import Any

from sqlmodel import col, select

from agreements import review
from agreements.claim_tables import Claim, ClaimLine, ClaimLineVerdict, ClaimStatus, ClaimVersion, Verdict
from agreements.claim_values import Gate
from agreements.payment_tables import Payment
from agreements.review import Say
from placement.checks import money
from placement.people.queries import actor_of
from placement.people.tables import User, UserMandate
from placement.permissions import Actor
from placement.reviewing import deciding
from placement.reviewing.deciding import Wording
from tests.client import JudgingClient
from tests.conftest import NOW


def database(app: Any) -> Any:
    return app.extensions["placement"].database


def one_claim(app: Any, status: ClaimStatus, gate: Gate, *, corrected: bool = False) -> Claim:
    """The newest claim of the demo in a state and at a gate."""
    with database(app).read_only() as session:
        query = select(Claim).where(Claim.status == status, Claim.gate == gate).order_by(col(Claim.id).desc())
        found = [one for one in session.exec(query) if (one.decision_no > 1) == corrected]
    return found[0]


def by_ref(app: Any, ref: str) -> Claim:
    with database(app).read_only() as session:
        return session.exec(select(Claim).where(Claim.ref == ref)).one()


def lines(app: Any, ref: str) -> list[ClaimLine]:
    with database(app).read_only() as session:
        claim = session.exec(select(Claim).where(Claim.ref == ref)).one()
        query = (
            select(ClaimLine)
            .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
            .where(ClaimVersion.claim_id == claim.id, ClaimVersion.number == claim.number)
            .order_by(col(ClaimLine.line_no))
        )
        return list(session.exec(query))


def untouched(app: Any, ref: str) -> list[ClaimLine]:
    """The lines that nobody has said anything of."""
    with database(app).read_only() as session:
        said = set(session.exec(select(ClaimLineVerdict.line_id)))
    return [row for row in lines(app, ref) if row.id not in said]


def payments(app: Any) -> list[Payment]:
    with database(app).read_only() as session:
        return list(session.exec(select(Payment).order_by(col(Payment.id))))


def words(answer: Any) -> str:
    """The words of a page as a reader sees them, on one line."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    plain = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", plain)


def breaches(app: Any) -> dict[str, list[str]]:
    """What the money rules find in the database now."""
    with database(app).transaction() as session:
        results = money.run(session, NOW)
        session.rollback()
    return {one.id: one.breaches for one in results if one.breaches}


def take(client: JudgingClient, app: Any, ref: str) -> None:
    client.post(f"/review/{ref}/take", {"version": str(by_ref(app, ref).version)})


def say(client: JudgingClient, ref: str, number: int, verdict: str, *, seen: int = 0, **more: str) -> Any:
    status = 303 if "status" not in more else int(more.pop("status"))
    data = {"seen": str(seen), "verdict": verdict, **more}
    return client.post(f"/review/{ref}/lines/{number}", data, status=status)


def approve_rest(client: JudgingClient, app: Any, ref: str) -> None:
    """Approve every line that still waits, one by one."""
    for line in lines(app, ref):
        page = client.get(f"/review/{ref}/lines/{line.line_no}").get_data(as_text=True)
        seen = re.search(r'name="seen" value="(\d+)"', page)
        if seen and 'id="undo-' not in page:
            say(client, ref, line.line_no, "approve", seen=int(seen.group(1)))


def decide(client: JudgingClient, app: Any, ref: str, **more: str) -> Any:
    page = client.get(f"/review/{ref}/decision").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version, words(client.get(f"/review/{ref}/decision"))
    return client.post(f"/review/{ref}/decision", {"version": version.group(1), "legal": "fi", **more})


def actor(session: Any, account: str) -> Actor:
    user = session.exec(select(User).where(User.demo_key == account)).one()
    mandate = session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).first()
    return actor_of(session, user, mandate)


def decided(app: Any, cut: dict[int, int] | None = None) -> str:
    """The application in review, approved and decided by its examiner as the services do it; returns its reference.

    `cut`: line number to the cents approved instead of the whole; 0 refuses the line.
    """
    ref = one_claim(app, ClaimStatus.IN_REVIEW, Gate.PAYMENT).ref
    with database(app).transaction() as session:
        who = actor(session, "payment-examiner")
        claim = session.exec(select(Claim).where(Claim.ref == ref)).one()
        words_ = [_verdict(row, (cut or {}).get(row.line_no)) for row in lines(app, ref)]
        review.say(session, claim.id or 0, words_, by=who.user_id, at=NOW)
        wording = Wording("fi", None, None)
        deciding.decide(session, who, ref, version=claim.version, wording=wording, demo=True, at=NOW)
    return ref


def _verdict(row: ClaimLine, cents: int | None) -> Say:
    if cents is None:
        return Say(row.id or 0, Verdict.APPROVE)
    if cents == 0:
        return Say(row.id or 0, Verdict.REJECT, None, "arithmetic", "Ei kuulu tähän.")
    return Say(row.id or 0, Verdict.PART, cents, "arithmetic", "Laskettu väärin.")


def confirmed(client: JudgingClient, app: Any, ref: str, **more: str) -> str:
    """Confirm a payment of a claim and return the payment's reference."""
    client.post(f"/payments/claims/{ref}", more)
    return payments(app)[-1].ref
