"""The books on their pages: what an auditor and a payer see, sums that lead down to the voucher, months that close."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from agreements import ledger_triggers
from agreements.claim_tables import ClaimStatus
from agreements.claim_values import Gate
from placement.clock import frozen
from placement.reviewing import sealing
from tests.client import JudgingClient
from tests.conftest import NOW
from tests.web import review_world as world
from tests.web.review_world import words


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


def cents(text: str) -> int:
    return round(float(text.replace("−", "-").replace("€", "").replace(",", "")) * 100)


def rows(page: str, table: str) -> Iterator[list[str]]:
    """The cells of each row of a table's bodies, as words."""
    body = page.split(f'id="{table}"')[1].split("</table>")[0].split("<tbody")[1].split("</tbody>")[0]
    for row in body.split("<tr")[1:]:
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.S)
        yield [
            " ".join(re.sub(r"<span class=\"govuk-visually-hidden\">.*?</span>|<[^>]+>", "", cell).split())
            for cell in cells
        ]


def test_each_balance_is_the_sum_of_the_entries_it_leads_to(app, enter):
    payer = enter("payer")
    page = payer.get("/ledger").get_data(as_text=True)
    assert "The chain holds" in page
    links = re.findall(r'href="(/ledger\?[^"]*account=[^"]*)#entries">([^<]+)<', page)
    assert len(links) > 3
    for url, shown in links:
        listed = payer.get(url.replace("&amp;", "&")).get_data(as_text=True)
        foot = re.search(
            r"<tfoot[^>]*>(?:(?!</tfoot>).)*all entries that fit.*?<strong>([^<]+)</strong>", listed, flags=re.S
        )
        assert foot is not None, url
        assert foot.group(1) == shown
        assert sum(cents(row[-1]) for row in rows(listed, "ledger-entries")) == cents(shown)


def test_balances_as_of_a_day_before_everything_are_none(enter):
    payer = enter("payer")
    assert "Nothing is booked by that day" in words(payer.get("/ledger?as_of=1.1.2020"))
    payer.get("/ledger?as_of=yesterday", status=422)
    payer.get("/ledger?first=tomorrow", status=422)


@pytest.mark.parametrize("account", ["payer", "auditor", "payment-examiner"])
def test_every_sum_of_the_books_opens_to_days_stay_clause_and_voucher_in_three_clicks(app, enter, account):
    """From an entry: its claim (1), a line of it (2), which shows all of them; the file is one more from there."""
    client = enter(account)
    numbers = re.findall(r'id="open-entry-(\d+)"', client.get("/ledger").get_data(as_text=True))
    assert numbers
    traced = 0
    for number in numbers:
        page = client.get(f"/ledger/{number}").get_data(as_text=True)
        link = re.search(r'id="entry-claim" href="([^"]+)"', page)
        legs = list(rows(page, "legs"))
        for side in (4, 5):
            assert sum(cents(row[side]) for row in legs if row[side]) == cents(
                re.findall(r"<strong>([^<]+)</strong>", page.split("<tfoot")[1])[side - 4]
            )
        if link is None:
            continue
        claim = client.get(link.group(1)).get_data(as_text=True)
        lines = list(rows(claim, "lines"))
        foot = re.findall(r"<strong>([^<]+)</strong>", claim.split("<tfoot")[1])
        assert sum(cents(row[2]) for row in lines) == cents(foot[0])
        first = re.search(r'id="open-line-\d+"\s+href="([^"]+)"', claim).group(1)
        line = words(client.get(first))
        for part in ("Days", "Clause of the agreement", "Voucher", "In the ledger"):
            assert part in line
        traced += 1
    print(f"{account}: {traced} of {len(numbers)} entries traced to a line")
    assert traced >= len(numbers) // 2


def test_each_line_shows_its_days_by_month_and_they_add_up(app, enter):
    ref = world.one_claim(app, ClaimStatus.IN_REVIEW, Gate.PAYMENT).ref
    client = enter("payment-examiner")
    for row in [one for one in world.lines(app, ref) if one.days and one.child_ref][:6]:
        page = client.get(f"/review/{ref}/lines/{row.line_no}").get_data(as_text=True)
        if 'id="months"' in page:
            assert sum(int(cells[1]) for cells in rows(page, "months")) == row.days
        assert "Stay" in page or "hidden" in page


def test_a_changed_entry_is_told_in_red(app, enter):
    with world.database(app).writer.begin() as connection:
        for statement in ledger_triggers.drop("sqlite"):
            connection.execute(sa.text(statement))
        for name in (
            connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            if "ledger" in name:
                connection.execute(sa.text(f'DROP TRIGGER "{name}"'))
        connection.execute(sa.text("UPDATE ledger_leg SET cents = cents + 1 WHERE entry_id = 2"))
    page = words(enter("payer").get("/ledger"))
    assert "The chain of the books is broken" in page
    assert "Entry 2" in page
    auditor = enter("auditor")
    assert "Broken at entry 2" not in words(auditor.get("/audit"))
    auditor.post("/audit/check", {})
    assert "Broken at entry 2" in words(auditor.get("/audit"))
    assert "1 chain is broken" in words(auditor.get("/today"))


def test_the_chains_are_checked_once_a_day_and_a_missing_check_is_told(app, enter):
    auditor, store = enter("auditor"), world.database(app)
    assert "the last check is missing" not in words(auditor.get("/today"))
    assert "have not been checked lately" not in words(auditor.get("/audit"))
    assert not sealing.check_daily(store, frozen(NOW + timedelta(hours=23)))
    assert sealing.check_daily(store, frozen(NOW + timedelta(hours=24)))
    assert not sealing.check_daily(store, frozen(NOW + timedelta(hours=47)))
    with store.read_only() as session:
        assert sealing.last(session).at == NOW + timedelta(hours=24)
        assert sealing.last(session).seals.broken == 0
        assert sealing.last(session).is_old(NOW + timedelta(days=3))
        assert not sealing.last(session).is_old(NOW + timedelta(days=3) - timedelta(seconds=1))


def test_before_the_first_check_the_auditor_is_told_to_check(app, enter):
    with world.database(app).writer.begin() as connection:
        for name in (
            connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            if "audit" in name:
                connection.execute(sa.text(f'DROP TRIGGER IF EXISTS "{name}"'))
        connection.execute(sa.text("UPDATE audit_event SET action = 'x' WHERE action = 'chains-checked'"))
    auditor = enter("auditor")
    assert "Check the chains: the last check is missing" in words(auditor.get("/today"))
    assert "have not been checked lately" in words(auditor.get("/audit"))
    auditor.post("/audit/check", {})
    assert "A chain is broken" in words(auditor.get("/audit"))
    assert "1 fault" in words(auditor.get("/audit"))


def test_months_close_in_order_and_only_the_payer_closes_them(app, enter):
    payer = enter("payer")
    page = payer.get("/ledger/periods").get_data(as_text=True)
    code = re.search(r'id="close-(\d{4}-\d\d)"', page).group(1)
    payer.post("/ledger/periods/2026-11/close", status=422)
    payer.post("/ledger/periods/1999-01/close", status=404)
    payer.post(f"/ledger/periods/{code}/close")
    assert f'id="close-{code}"' not in payer.get("/ledger/periods").get_data(as_text=True)
    payer.post(f"/ledger/periods/{code}/close", status=422)
    enter("auditor").post(f"/ledger/periods/{code}/close", status=403)
    assert world.breaches(app) == {}


def test_exports_hold_what_is_shown_and_are_recorded(app, enter):
    payer = enter("payer")
    text = payer.get("/ledger/export.csv?account=payable").get_data(as_text=True)
    assert text.count("payable") == len(text.strip().splitlines()) - 1
    assert "* " in payer.get("/ledger/export.beancount").get_data(as_text=True)
    auditor = enter("auditor")
    auditor.get("/ledger/export.beancount", status=404)
    assert "claim-sent" in auditor.get("/audit/export.csv").get_data(as_text=True)
    assert "trail-exported" in words(auditor.get("/audit?action=trail-exported"))
    auditor.get("/audit?first=never", status=422)


def test_the_auditor_of_an_area_sees_no_other_county(app, enter):
    auditor = enter("auditor")
    auditor.get("/ledger/999999", status=404)
    assert "Vantaa" not in words(auditor.get("/ledger"))
