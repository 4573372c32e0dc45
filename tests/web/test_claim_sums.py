"""Sums open down to the ground and add up: claims, lines, stays, clauses, vouchers; imports; lapsing; reports."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict

import pytest
from pypdf import PdfReader
from sqlmodel import col, select

from agreements.claim_tables import Claim, ClaimLine, ClaimStatus, CostEntry
from agreements.claim_values import Gate
from agreements.tables import AgreementVersion
from agreements.terms import load
from placement.demo.claims_small import CORRECTED_CENTS
from placement.imports import sheet
from placement.units.tables import Unit
from tests.client import JudgingClient
from tests.unit.placement.imports.sheets import csv_file, xlsx_file
from tests.web import claims_world as world
from tests.web.claims_world import cents, text, words

HEAD = ("Laji", "Kohde", "Alku", "Loppu", "Netto", "Toimittaja", "Tositenumero", "Tositepäivä")
ROW = ("Vuokra", "Koivu", "1.10.2026", "31.10.2026", "4 215,00", "Vuokra Oy", "R-10", "31.10.2026")


@pytest.fixture
def app(worked_app):
    return worked_app


@pytest.fixture
def officer(app):
    client = JudgingClient(app)
    client.sign_in("claims-officer")
    return client


def sums(page):
    return [cents(shown) for shown in re.findall(r'class="[^"]*\bsum\b[^"]*"[^>]*>([^<]+)<', page)]


def test_every_sum_of_every_claim_opens_to_its_lines_and_the_parts_add_up_to_the_cent(app, officer):
    index = text(officer.get("/claims"))
    totals = dict(re.findall(r'claims/(CL-[0-9A-Z-]+)#total">([^<]+)<', index))
    with world.database(app).read_only() as session:
        refs = session.exec(select(Claim.ref)).all()
    assert set(totals) == {
        ref for ref in refs if world.by_ref(app, ref).county_id == world.by_ref(app, refs[0]).county_id
    }
    opened = 0
    for ref, shown in totals.items():  # the list → (1) the claim → (2) a kind of cost → (3) a line with its ground
        page = text(officer.get(f"/claims/{ref}"))
        by_kind = sums(page)
        assert sum(by_kind) == cents(shown)
        kinds = dict.fromkeys(re.findall(r'id="kind-[a-z_]+" href="([^"]+)"', page))
        assert len(kinds) == len(by_kind)
        for href, whole in zip(kinds, by_kind, strict=True):
            below = text(officer.get(href.replace("&amp;", "&")))
            assert cents(re.search(r'class="sum">([^<]+)<', below).group(1)) == whole
            numbers = sorted({int(one) for one in re.findall(rf"/claims/{ref}/lines/(\d+)\"", below)})
            rows = {one.line_no: one for one in world.lines(app, ref)}
            assert sum(rows[number].claimed_cents for number in numbers) == whole
            opened += len(numbers)
    assert opened > 200


def test_a_line_leads_to_its_stay_its_clause_its_voucher_its_file_and_back(app, officer):
    ref = world.claim(app, ClaimStatus.DRAFT).ref
    for line in world.lines(app, ref)[::7]:
        page = text(officer.get(f"/claims/{ref}/lines/{line.line_no}"))
        assert f'href="/claims/{ref}"' in page
        if line.child_ref:
            assert "Stays these days come from" in page
        if line.clause:
            agreement = re.search(r'href="(/agreements/[^"#]+)#(units|rates)"', page)
            assert f'id="{agreement.group(2)}"' in text(officer.get(agreement.group(1)))
        if line.voucher:
            assert line.voucher in page
            file = re.search(rf'href="(/claims/{ref}/evidence/\d+)"', page).group(1)
            assert officer.get(file).data.startswith(b"%PDF")
        if line.claimed_cents:
            decision = re.search(r'href="(/claims/CL-[0-9A-Z-]+/lines/\d+)"', page).group(1)
            assert "Paid for by" in text(officer.get(decision))


def upload(officer, ref, content, name="ote.csv", status=303):
    answer = officer.post(f"/claims/{ref}/import", files={"file": (io.BytesIO(content), name)}, status=status)
    return str(answer.headers.get("Location"))


def confirm(officer, url, page, status=303):
    hidden = dict(
        re.findall(r'<input type="hidden" name="(as-[a-z_]+|idempotency_key|leave_out)" value="([^"]*)"', page)
    )
    first = officer.post(url, hidden, status=status)
    if status == 303:
        assert officer.post(url, hidden).headers["Location"] == first.headers["Location"]
    return first


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pasted"])
def test_an_extract_of_the_ledger_is_read_by_the_names_of_its_columns(app, officer, kind):
    ref = world.start(officer)
    rows = [HEAD, ROW, (*ROW[:4], "12,30", *ROW[5:6], "R-11", ROW[7])]
    if kind == "pasted":
        data = {"rows": "\n".join("\t".join(row) for row in rows)}
        url = officer.post(f"/claims/{ref}/import", data).headers["Location"]
    else:
        content = csv_file(rows) if kind == "csv" else xlsx_file(rows)
        url = upload(officer, ref, content, f"ote.{kind}")
    page = text(officer.get(url))
    assert "add up to €4,227.30" in words(page)
    confirm(officer, url, page)
    assert sum(one.claimed_cents for one in world.lines(app, ref)) == 422_730
    again = text(officer.get(upload(officer, ref, csv_file(rows))))
    assert "2 rows are in the county's costs already" in again
    assert 'id="confirm"' not in again


def test_rows_of_bought_days_are_invoices_of_their_child(app, officer):
    ref = world.start(officer)
    days = next(one for one in world.lines(app, ref) if one.note == "invoice-missing" and one.days > 40)
    with world.database(app).read_only() as session:
        unit = session.get(Unit, days.unit_id)
    head = (*HEAD, "Lapsi")
    row = ("place_days", unit.name, *ROW[2:4], "5 000,00", "Hoivakoti Pihlaja Oy", "HP-9", ROW[7], days.child_ref)
    url = upload(officer, ref, csv_file([head, row, (*row[:8], ""), (*row[:8], "CH-0000-0000")]))
    page = text(officer.get(url))
    assert "Bought place-days are an invoice" in words(page)
    assert "No child of your county has the reference CH-0000-0000" in words(page)
    confirm(officer, url, page)
    [line] = [one for one in world.lines(app, ref) if one.voucher == "HP-9"]
    assert (line.child_ref, line.days, line.invoiced_cents) == (days.child_ref, 31, 500_000)
    assert "1 row is in the county's costs already" in text(officer.get(upload(officer, ref, csv_file([head, row]))))


def test_a_column_with_another_name_is_matched_by_hand(app, officer):
    ref = world.start(officer)
    rows = [("Mitä", *HEAD[1:4], "Rahaa", *HEAD[5:]), ROW]
    url = upload(officer, ref, csv_file(rows))
    page = text(officer.get(url))
    assert 'id="confirm"' not in page
    chosen = dict(re.findall(r'name="(as-[a-z_]+)">(?:(?!</select>).)*?value="([^"]+)" selected', page, re.S))
    query = "&".join(f"{key}={value}" for key, value in {**chosen, "as-cost_kind": "Mitä", "as-net": "Rahaa"}.items())
    page = text(officer.get(f"{url}?{query}"))
    confirm(officer, url, page)
    [line] = [one for one in world.lines(app, ref) if one.cost_entry_id]
    assert (line.cost_kind, line.claimed_cents) == ("rent", 421_500)


def test_wrong_cells_and_double_funding_are_told_and_nothing_is_written_unasked(app, officer):
    ref = world.start(officer)
    taken = next(one for one in world.lines(app, world.claim(app, ClaimStatus.IN_REVIEW).ref) if one.voucher)
    rows = [
        HEAD,
        ("Vuokraa", *ROW[1:]),
        (*ROW[:2], "32.10.2026", *ROW[3:]),
        (*ROW[:3], "1.9.2026", *ROW[4:]),
        (ROW[0], "Korento", *ROW[2:]),
        (*ROW[:5], taken.supplier, taken.voucher, ROW[7]),
    ]
    url = upload(officer, ref, csv_file(rows))
    page = text(officer.get(url))
    summary = words(page[page.index("error-summary") : page.index("<h1")])
    for told in ("row 2, column A", "row 3, column C", "row 4, column D", "row 5, column B"):
        assert told.casefold() in summary.casefold()
    assert "this voucher stands in claim" in words(page)
    confirm(officer, url, page)
    assert len([one for one in world.lines(app, ref) if one.cost_entry_id]) == 1
    officer.post(f"/claims/{ref}/import", {"rows": ""}, status=422)
    upload(officer, ref, b"\x00\x01", status=422)
    officer.get(f"/claims/{ref}/import/not-a-token", status=404)


def test_what_lapses_on_the_last_of_december_is_what_a_plain_recount_finds(app, officer):
    with world.database(app).read_only() as session:
        county = world.claim(app, ClaimStatus.DRAFT).county_id
        in_claims = set(session.exec(select(ClaimLine.cost_entry_id).where(ClaimLine.gate == Gate.PAYMENT)))
        years: dict[int, int] = defaultdict(int)
        for row in session.exec(select(CostEntry).where(CostEntry.county_id == county)):
            if row.id not in in_claims:
                years[row.first_day.year] += row.net_cents - row.other_income_cents
    assert years == {2024: 2_452_350}
    page = words(text(officer.get("/claims/deadlines")))
    assert "2024 €24,523.50 2024 0 31 December 2026 37 days, then it lapses" in page
    assert "€24,523.50 lapses" in words(text(officer.get("/today")))


def test_a_report_adds_up_the_same_whatever_it_is_grouped_by(app, officer):
    totals, budgets = set(), set()
    for by in ("unit", "kind", "category", "period", "agreement"):
        page = text(officer.get(f"/reports?by={by}"))
        rows = re.search(r'id="sums">(.*?)</table>', page, re.S).group(1)
        table = [[cents(one) for one in re.findall(r"€[\d,.]+", row)] for row in rows.split("<tr")[2:]]
        *parts, total = [row for row in table if row]
        assert [sum(column) for column in zip(*parts, strict=True)] == total
        totals.add(tuple(total[-4:]))
        budgets.add(sum(total[:-4]))
        written = list(
            csv.reader(io.StringIO(officer.get(f"/reports/costs.csv?by={by}").data.decode("utf-8-sig")), delimiter=";")
        )
        assert [[cents(one) for one in row[1:]] for row in written[1:]] == [*parts, total]
        book = sheet.read("r.xlsx", officer.get(f"/reports/costs.xlsx?by={by}").data)
        assert [list(row.cells) for row in (book.header, *book.rows)] == written
    with world.database(app).read_only() as session:
        agreed = {
            (version.agreement_id, line.year, line.category): line.cents
            for version in session.exec(select(AgreementVersion).where(col(AgreementVersion.activated_on).is_not(None)))
            for line in load(version.terms).budget
            if 2024 <= line.year <= 2026
        }
    assert budgets == {0, sum(agreed.values())}
    assert len(totals) == 1
    granted, claimed, approved, paid = totals.pop()
    with world.database(app).read_only() as session:
        sent = {
            gate: sum(
                line.claimed_cents
                for ref in session.exec(select(Claim.ref).where(Claim.gate == gate, Claim.status != ClaimStatus.DRAFT))
                for line in world.lines(app, ref)
            )
            for gate in Gate
        }
    assert (granted < sent[Gate.COST], claimed, paid - approved) == (True, sent[Gate.PAYMENT], CORRECTED_CENTS)
    made = officer.get("/reports/costs.pdf?by=agreement")
    assert (made.mimetype, made.data[:5]) == ("application/pdf", b"%PDF-")
    printed = PdfReader(io.BytesIO(made.data))
    assert (printed.trailer["/Root"]["/Lang"], printed.metadata.title[:15]) == ("en", "Report on costs")
    shown = {cents(one) for one in re.findall(r"€[\d,.]+", printed.pages[0].extract_text())}
    assert {claimed, approved, paid} <= shown, "the same sums as on the page, as a reader writes them"
    officer.get("/reports/costs.doc", status=404)
    officer.get("/reports?by=nothing&year=1999")


def test_the_parts_of_budgets_behind_a_sum_add_up_to_it(app, officer):
    for by in ("unit", "category", "period", "agreement"):
        page = text(officer.get(f"/reports?by={by}"))
        cells = re.findall(r'href="(/reports/lines\?[^"]*what=budget[^"]*)">([^<]+)<', page)
        assert len(cells) > 1
        for href, shown in cells:
            whole, *parts = sums(text(officer.get(href.replace("&amp;", "&"))))
            assert (whole, sum(parts)) == (cents(shown), cents(shown))


def test_the_lines_behind_a_sum_add_up_to_it_and_what_no_report_has_is_not_found(app, officer):
    page = text(officer.get("/reports?by=kind"))
    cells = re.findall(r'href="(/reports/lines\?[^"]+)">([^<]+)<', page)
    assert len(cells) > 10
    for href, shown in cells[:8]:
        below = text(officer.get(href.replace("&amp;", "&")))
        whole, *parts = sums(below)
        assert (whole, sum(parts)) == (cents(shown), cents(shown))
    officer.get("/reports/lines?what=nothing", status=404)
    for asked in ("first=x&last=y", "first=2019-01-01&last=2019-12-31", "first=2026-02-01&last=2026-01-01"):
        officer.get(f"/claims/deadlines/lines?{asked}", status=404)
    payer = JudgingClient(app)
    payer.sign_in("payer")
    payer.get("/reports/lines?what=paid", status=403)
    payer.get("/claims/deadlines/lines?first=2024-01-01&last=2024-12-31", status=403)
