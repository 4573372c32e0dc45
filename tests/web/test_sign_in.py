from __future__ import annotations

import pytest

from placement.demo.accounts import ACCOUNTS


def test_the_front_page_leads_a_stranger_to_sign_in(stranger):
    assert stranger.get("/", status=303).headers["Location"] == "/login"


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_sign_in_shows_a_card_for_each_account(app, lang):
    from tests.client import JudgingClient

    page = JudgingClient(app, lang=lang).get("/login").get_data(as_text=True)
    assert all(account.name in page for account in ACCOUNTS)


def test_every_account_reaches_today(sign_in):
    for account in ACCOUNTS:
        assert account.name in sign_in(account.key).get("/today").get_data(as_text=True)


def test_a_stranger_is_led_to_sign_in_and_back(stranger):
    assert stranger.get("/today", status=303).headers["Location"] == "/login?next=/today"


def test_the_cookie_changes_at_sign_in(stranger):
    stranger.get("/login")
    before = stranger.cookie()
    stranger.sign_in("coordinator")
    assert stranger.cookie() not in (None, before)
