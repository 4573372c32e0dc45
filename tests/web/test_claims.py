"""The county's claim on its pages: from the days that are ready to the receipt, and what is refused on the way."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from sqlmodel import select

from agreements.claim_tables import Claim, ClaimEvent, ClaimStatus, Evidence
from agreements.claim_values import Basis, Gate
from agreements.ledger_tables import LedgerEntry
from placement.audit.tables import AuditEvent
from placement.refusals import Conflict
from placement.reimbursed import costs
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.placing import actor
from tests.web import claims_world as world
from tests.web.claims_world import text, words

LANGUAGES = ["fi", "sv", "en"]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture
def app(worked_app):
    return worked_app


@pytest.fixture
def enter(app):
    def sign_in(account, lang="en"):
        client = JudgingClient(app, lang=lang)
        client.sign_in(account)
        return client

    return sign_in


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_claim_is_begun_filled_in_checked_approved_and_sent(app, enter, lang):
    officer = enter("claims-officer", lang)
    assert "935" in text(officer.get("/today"))
    ref = world.start(officer)
    officer.get(f"/claims/{ref}/days")
    world.add_cost(officer, app, ref)
    evidence = {"file": (io.BytesIO(PDF), "vuokra.pdf")}
    officer.post(f"/claims/{ref}/evidence", files=evidence)
    [line] = [one for one in world.lines(app, ref) if one.cost_kind == "rent"]
    with world.database(app).read_only() as session:
        key = session.exec(select(world.ClaimLine.evidence_id)).first()
    newest = re.search(r'<option value="(\d+)">vuokra.pdf', text(officer.get(f"/claims/{ref}/evidence"))).group(1)
    version = str(world.by_ref(app, ref).version)
    officer.post(f"/claims/{ref}/evidence/use", {"chosen": newest, "line": str(line.line_no), "version": version})
    assert str(next(one for one in world.lines(app, ref) if one.cost_kind == "rent").evidence_id) == newest != str(key)
    world.to_approver(officer, app, ref)
    officer.get(f"/claims/{ref}")

    approver = enter("claims-approver", lang)
    assert f"/claims/{ref}" in text(approver.get("/today"))
    page = text(approver.get(f"/claims/{ref}/check"))
    assert re.search(r"4.215[,.]00", page[page.index(f'id="send-{ref}"') :])
    sent = approver.post(f"/claims/{ref}/send", {"version": str(world.by_ref(app, ref).version)}, follow=True)
    assert ref in text(sent)
    assert approver.get(f"/claims/{ref}/copy.pdf").data.startswith(b"%PDF")

    with world.database(app).read_only() as session:
        claim = session.exec(select(Claim).where(Claim.ref == ref)).one()
        assert (claim.status, claim.prepared_by == claim.sent_by) == (ClaimStatus.SENT, False)
        assert (
            session.exec(select(LedgerEntry).where(LedgerEntry.source_id == f"{ref}/1")).one().source_kind
            == "claim-sent"
        )
        moves = session.exec(select(ClaimEvent.action).where(ClaimEvent.claim_id == claim.id)).all()
        logged = session.exec(select(AuditEvent.action).where(AuditEvent.object_ref == ref)).all()
    for move in set(moves):
        assert logged.count(f"claim-{move}") == moves.count(move), "a move has one audit event"


def test_a_claim_after_the_last_day_goes_only_with_a_reason_and_is_late_from_closing_time(app, enter, make_app):
    ref = world.start(enter("claims-officer"), "1.7.2024", "31.12.2024")
    for moment, late in (("2026-12-31T14:15:00+00:00", False), ("2026-12-31T14:16:00+00:00", True)):
        then = make_app(PLACEMENT_DATABASE_URL=str(world.database(app).url), PLACEMENT_CLOCK=moment)
        officer = JudgingClient(then)
        officer.sign_in("claims-officer")
        page = text(officer.get(f"/claims/{ref}/check"))
        assert ("The last day to apply was 31 December 2026" in words(page)) is late
    version = {"version": str(world.by_ref(app, ref).version)}
    officer.post(f"/claims/{ref}/late", {**version, "reason": ""}, status=422)
    officer.post(f"/claims/{ref}/late", {**version, "reason": "Urakoitsija laskutti myöhään."})
    assert "The last day to apply was" not in words(text(officer.get(f"/claims/{ref}/check")))
    assert {one.late_reason for one in world.lines(app, ref) if one.claimed_cents} == {"Urakoitsija laskutti myöhään."}


@pytest.mark.parametrize("lang", ["fi", "sv"])
def test_the_copy_keeps_every_word_in_its_column_and_numbers_its_pages(app, enter, lang):
    ref = world.claim(app, ClaimStatus.IN_REVIEW).ref
    copy = PdfReader(io.BytesIO(enter("claims-officer", lang).get(f"/claims/{ref}/copy.pdf").data))
    kind = {"fi": "Asumisvuorokaudet", "sv": "Boendedygn"}[lang]
    found = "\n".join(page.extract_text(extraction_mode="layout") for page in copy.pages)
    rows = [row for row in found.splitlines() if re.match(rf"\s*\d+\s+{kind}", row)]
    assert len(rows) == len([one for one in world.lines(app, ref) if one.cost_kind == "place_days"])
    assert all(re.match(rf"\s*\d+\s+{kind}\s+\w+\s+CH-\S+\s", row) for row in rows)
    assert copy.trailer["/Root"]["/Lang"] == lang
    assert ref in copy.metadata.title
    for number, page in enumerate(copy.pages, start=1):
        assert f"{number} ({len(copy.pages)})" in page.extract_text()


def test_who_prepared_a_claim_does_not_send_it_where_another_approves(app, enter):
    officer = enter("claims-officer")
    ref = world.start(officer)
    world.add_cost(officer, app, ref)
    world.to_approver(officer, app, ref)
    version = {"version": str(world.by_ref(app, ref).version)}
    officer.post(f"/claims/{ref}/send", version, status=403)
    assert world.by_ref(app, ref).status is ClaimStatus.TO_APPROVER
    enter("claims-approver").post(f"/claims/{ref}/send", version)
    assert world.by_ref(app, ref).status is ClaimStatus.SENT


def test_a_second_press_sends_once_and_an_old_page_is_told(app, enter):
    officer = enter("claims-officer")
    ref = world.start(officer)
    world.add_cost(officer, app, ref)
    old = str(world.by_ref(app, ref).version)
    world.add_cost(officer, app, ref, voucher="R-11")
    page = world.rent(voucher="R-12") | {"version": old, "idempotency_key": "x"}
    assert "Someone else saved" in words(text(officer.post(f"/claims/{ref}/lines", page, status=409)))
    world.to_approver(officer, app, ref)
    approver = enter("claims-approver")
    version = {"version": str(world.by_ref(app, ref).version)}
    first = approver.post(f"/claims/{ref}/send", version).headers["Location"]
    assert approver.post(f"/claims/{ref}/send", version).headers["Location"] == first
    with world.database(app).read_only() as session:
        assert len(session.exec(select(LedgerEntry).where(LedgerEntry.source_id == f"{ref}/1")).all()) == 1


def test_every_problem_is_listed_at_once_with_where_to_mend_it(app, enter):
    officer = enter("claims-officer")
    ref = world.start(officer)
    world.add_cost(officer, app, ref, voucher="", status=422)
    world.add_cost(officer, app, ref, cost_kind="hobbies", unit="2")
    page = text(officer.get(f"/claims/{ref}/check"))
    summary = page[page.index("error-summary") : page.index("<h1")]
    assert "No decision of the deciding centre covers Hobbies" in summary
    assert "have not been accepted" in summary
    assert "not been declared" in summary
    for href in re.findall(r'href="(/claims/[^"]+)"', summary):
        officer.get(href.split("#")[0])
    officer.post(f"/claims/{ref}/hand-over", {"version": str(world.by_ref(app, ref).version)}, status=422)
    assert world.by_ref(app, ref).status is ClaimStatus.DRAFT


def test_an_invoice_above_days_times_price_blocks_until_it_is_explained(app, enter):
    officer, draft = enter("claims-officer"), world.claim(app, ClaimStatus.DRAFT)
    [line] = [one for one in world.lines(app, draft.ref) if one.invoiced_cents != one.ceiling_cents]
    assert line.claimed_cents == line.ceiling_cents < (line.invoiced_cents or 0)
    version = {"version": str(draft.version)}
    officer.post(f"/claims/{draft.ref}/hand-over", version, status=422)
    explain = f"/claims/{draft.ref}/days/{line.line_no}/explain"
    officer.post(explain, {**version, "why": "own", "own": ""}, status=422)
    officer.post(explain, {**version, "why": "extra-service"})
    assert "The invoice holds a service" in words(text(officer.get(f"/claims/{draft.ref}/days")))
    officer.post(f"/claims/{draft.ref}/declaration", {"confirm": "y"})
    officer.post(f"/claims/{draft.ref}/hand-over", {"version": str(world.by_ref(app, draft.ref).version)})


def test_days_left_out_take_their_part_of_the_invoice_with_them_and_come_back(app, enter):
    officer, draft = enter("claims-officer"), world.claim(app, ClaimStatus.DRAFT)
    before = [one.model_dump(exclude={"id"}) for one in world.lines(app, draft.ref)]
    line = next(one for one in world.lines(app, draft.ref) if one.basis is Basis.PLACE_DAY and one.days > 20)
    url = f"/claims/{draft.ref}/days/{line.line_no}/leave-out"
    first = line.first_day
    days = {"first": f"{first.day}.{first.month}.{first.year}", "last": f"{first.day + 9}.{first.month}.{first.year}"}
    version = {"version": str(draft.version)}
    officer.post(url, {**days, **version, "reason": ""}, status=422)
    officer.post(url, {**days, **version, "first": "1.1.2020", "reason": "Poissa"}, status=422)
    officer.post(url, {**days, **version, "reason": "Laskutetaan erikseen"})
    rows = [
        one for one in world.lines(app, draft.ref) if (one.child_ref, one.voucher) == (line.child_ref, line.voucher)
    ]
    [kept] = rows
    assert (kept.days, kept.claimed_cents) == (line.days - 10, (line.days - 10) * (line.day_cents or 0))
    [left] = [one for one in world.lines(app, draft.ref) if one.basis is Basis.LEFT_OUT]
    assert (left.days, left.claimed_cents, left.note) == (10, 0, "Laskutetaan erikseen")
    version = {"version": str(world.by_ref(app, draft.ref).version)}
    officer.post(f"/claims/{draft.ref}/days/{left.line_no}/take-in", version)
    assert [one.model_dump(exclude={"id"}) for one in world.lines(app, draft.ref)] == before


def test_a_cost_is_changed_left_out_with_a_reason_and_taken_in_again(app, enter):
    officer = enter("claims-officer")
    ref = world.start(officer)
    world.add_cost(officer, app, ref)
    [line] = [one for one in world.lines(app, ref) if one.cost_entry_id]

    def version():
        return {"version": str(world.by_ref(app, ref).version)}

    officer.post(f"/claims/{ref}/lines/{line.line_no}/change", {**world.rent(net="4 000,50"), **version()})
    [line] = [one for one in world.lines(app, ref) if one.cost_entry_id]
    assert line.claimed_cents == 400_050
    officer.post(f"/claims/{ref}/lines/{line.line_no}/change", {**world.rent(net="x"), **version()}, status=422)
    out = f"/claims/{ref}/lines/{line.line_no}/leave-out"
    officer.post(out, {"reason": "", **version()}, status=422)
    officer.post(out, {"reason": "Ei kuulu", **version()})
    [line] = [one for one in world.lines(app, ref) if one.cost_entry_id]
    assert (line.basis, line.claimed_cents, line.note) == (Basis.LEFT_OUT, 0, "Ei kuulu")
    officer.post(f"/claims/{ref}/lines/{line.line_no}/restore", version())
    [line] = [one for one in world.lines(app, ref) if one.cost_entry_id]
    assert line.claimed_cents == 400_050


def test_a_cost_entered_by_mistake_is_removed_and_one_that_was_sent_is_not(app, enter):
    officer, reviewed = enter("claims-officer"), world.claim(app, ClaimStatus.IN_REVIEW)
    ref = world.start(officer)
    world.add_cost(officer, app, ref)
    [line] = [one for one in world.lines(app, ref) if one.cost_entry_id]
    officer.get(f"/claims/{ref}/lines/{line.line_no}/change")
    version = {"version": str(world.by_ref(app, ref).version)}
    officer.post(f"/claims/{ref}/lines/{line.line_no}/delete", version)
    assert [one for one in world.lines(app, ref) if one.cost_entry_id] == []
    sent = next(one for one in world.lines(app, reviewed.ref) if one.cost_entry_id)
    with world.database(app).read_only() as session, pytest.raises(Conflict):
        costs.remove_cost(session, actor(session, "claims-officer"), sent.cost_entry_id, at=NOW)


def test_days_without_an_invoice_wait_for_it_and_are_claimed_when_it_comes(app, enter):
    officer = enter("claims-officer")
    ref = world.start(officer)
    line = next(one for one in world.lines(app, ref) if one.note == "invoice-missing" and one.days > 30)
    url = f"/claims/{ref}/days/{line.line_no}/invoice"
    assert "Hoivakoti Pihlaja Oy" in text(officer.get(url))
    row = {
        "first_day": "1.10.2026", "last_day": "31.10.2026", "net": "7 610,50", "supplier": "Hoivakoti Pihlaja Oy",
        "voucher": "HP-1", "voucher_on": "31.10.2026", "version": str(world.by_ref(app, ref).version),
    }  # fmt: skip
    officer.post(url, {**row, "net": ""}, status=422)
    officer.post(url, {**row, "last_day": "1.9.2026"}, status=422)
    officer.post(url, row)
    mine = [one for one in world.lines(app, ref) if (one.child_ref, one.unit_id) == (line.child_ref, line.unit_id)]
    assert [(one.basis, one.days) for one in mine] == [(Basis.PLACE_DAY, 31), (Basis.LEFT_OUT, line.days - 31)]
    assert (mine[0].claimed_cents, mine[0].invoiced_cents) == (min(761_050, mine[0].ceiling_cents or 0), 761_050)


def test_a_shared_cost_is_divided_by_days_to_the_cent(app, enter):
    officer = enter("claims-officer")
    ref = world.start(officer)
    world.add_cost(officer, app, ref, unit="shared", net="1 000,01", other_income="")
    rows = [one for one in world.lines(app, ref) if one.cost_entry_id]
    assert sum(one.claimed_cents for one in rows) == 100_001
    assert {one.shared_cents for one in rows} == {100_001}
    days: dict[int, int] = {}
    for one in world.lines(app, ref):
        if one.basis in (Basis.OWN_DAY, Basis.PLACE_DAY):
            days[one.unit_id or 0] = days.get(one.unit_id or 0, 0) + one.days
    for one in rows:
        assert abs(one.claimed_cents * sum(days.values()) - 100_001 * days[one.unit_id or 0]) < sum(days.values())


def test_a_sent_claim_is_taken_back_until_its_review_starts(app, enter):
    officer, reviewed = enter("claims-officer"), world.claim(app, ClaimStatus.IN_REVIEW)
    sent = world.claim(app, ClaimStatus.SENT, Gate.COST)
    form = {"version": str(sent.version), "reason": ""}
    officer.post(f"/claims/{sent.ref}/take-back", form, status=422)
    officer.post(f"/claims/{sent.ref}/take-back", {**form, "reason": "Summa puuttui."})
    back = world.by_ref(app, sent.ref)
    assert (back.status, back.number) == (ClaimStatus.DRAFT, 2)
    officer.get(f"/claims/{sent.ref}/v/1")
    officer.get(f"/claims/{reviewed.ref}/take-back", status=409)
    late = {"version": str(reviewed.version), "reason": "Myöhässä"}
    officer.post(f"/claims/{reviewed.ref}/take-back", late, status=409)
    assert world.by_ref(app, reviewed.ref).status is ClaimStatus.IN_REVIEW


def test_a_cost_application_is_written_from_what_was_spent_and_its_rows_are_changed(app, enter):
    officer = enter("claims-officer")
    ref = world.start(officer, "1.4.2027", "30.6.2027", gate="cost")
    officer.get(f"/claims/{ref}/days", status=404)
    assert all(one.basis is Basis.BUDGET for one in world.lines(app, ref))
    days = {"first_day": "1.4.2027", "last_day": "30.6.2027"}
    row = {"cost_kind": "transport", "unit": "1", "net": "900", "note": "3 × 300 €", **days}
    page = text(officer.get(f"/claims/{ref}/lines"))
    key = world.key_in(page, '/lines" novalidate')
    version = str(world.by_ref(app, ref).version)
    officer.post(f"/claims/{ref}/lines", {**row, "version": version, "idempotency_key": key})
    [line] = [one for one in world.lines(app, ref) if one.cost_kind == "transport"]
    assert line.claimed_cents == 90_000
    version = str(world.by_ref(app, ref).version)
    officer.post(f"/claims/{ref}/lines/{line.line_no}/remove", {"version": version})
    assert [one for one in world.lines(app, ref) if one.cost_kind == "transport"] == []
    officer.post(f"/claims/{ref}/declaration", {"confirm": "y"})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_question_is_answered_on_its_line_only(app, enter, lang):
    officer, claim = enter("claims-officer", lang), world.claim(app, ClaimStatus.IN_REVIEW)
    page = text(officer.get(f"/claims/{claim.ref}/answer"))
    [number] = re.findall(r'name="answer-(\d+)"', page)
    officer.post(f"/claims/{claim.ref}/answer", {f"answer-{number}": ""}, status=422)
    other = str(int(number) + 1)
    officer.post(f"/claims/{claim.ref}/answer", {f"answer-{number}": "Kaksi sijaista.", f"answer-{other}": "x"})
    assert re.findall(r'name="answer-(\d+)"', text(officer.get(f"/claims/{claim.ref}/answer"))) == []
    with world.database(app).read_only() as session:
        assert (
            session.exec(select(AuditEvent).where(AuditEvent.action == "claim-answered")).one().object_ref == claim.ref
        )


def test_claims_of_a_county_are_nobody_elses_and_are_only_read_by_those_who_do_not_claim(app, enter):
    ref = world.claim(app, ClaimStatus.DRAFT).ref
    reader, stranger, reviewer = (enter(one) for one in ("social-worker", "other-social-worker", "reviewer"))
    reader.get(f"/claims/{ref}/days")
    assert f"/claims/{ref}/lines/1/leave-out" not in text(reader.get(f"/claims/{ref}/lines"))
    reader.post(f"/claims/{ref}/days/accept", status=403)
    for path in ("", "/days", "/lines", "/check", "/lines/1", "/copy.pdf"):
        stranger.get(f"/claims/{ref}{path}", status=404)
    reviewer.get(f"/claims/{ref}", status=403)
    officer = enter("claims-officer")
    officer.get("/claims/CL-0000-0000", status=404)
    officer.post(f"/claims/{ref}/lines/9999/leave-out", {"reason": "x"}, status=404)


def test_the_check_is_headed_by_what_can_be_done_there(app, enter):
    draft, sent = world.claim(app, ClaimStatus.DRAFT).ref, world.claim(app, ClaimStatus.SENT, Gate.COST).ref
    for account, ref, heading in (
        ("claims-officer", draft, "Check and send"),
        ("social-worker", draft, "Check"),
        ("claims-officer", sent, "Sums and differences"),
    ):
        page = text(enter(account).get(f"/claims/{ref}/check"))
        assert re.search(r"<h1[^>]*>\s*([^<]+?)\s*</h1>", page).group(1) == heading
        assert re.search(r"<title>(?:Error: )?(.+?), CL-", page).group(1) == heading


def test_a_file_that_is_not_what_it_says_is_told_and_the_same_file_is_kept_once(app, enter):
    officer, draft = enter("claims-officer"), world.claim(app, ClaimStatus.DRAFT)
    url = f"/claims/{draft.ref}/evidence"
    for name, content in (("a.pdf", b"not a pdf"), ("a.exe", b"MZ"), ("a.pdf", b"")):
        officer.post(url, files={"file": (io.BytesIO(content), name)}, status=422)
    officer.post(url, status=422)
    for name in ("yksi.pdf", "toinen.pdf"):
        officer.post(url, files={"file": (io.BytesIO(PDF), name)})
    with world.database(app).read_only() as session:
        assert len(session.exec(select(Evidence).where(Evidence.size == len(PDF))).all()) == 1


@pytest.mark.parametrize("account", ["claims-officer", "claims-approver", "county-lead"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_of_every_claim_is_whole_in_each_language(app, enter, account, lang):
    client = enter(account, lang)
    for path in ("/claims", "/claims/deadlines", "/claims?state=draft&gate=payment", "/claims?state=withdrawn"):
        client.get(path)
    for claim in world.own_claims(app):
        ref, gate, sent = claim.ref, claim.gate, claim.sent_on
        for path in ("", "/lines", "/check", "/declaration", "/lines/1", *(["/submitted"] if sent else [])):
            client.get(f"/claims/{ref}{path}")
        for path in ("/days", "/evidence") if gate is Gate.PAYMENT else ():
            client.get(f"/claims/{ref}{path}")
