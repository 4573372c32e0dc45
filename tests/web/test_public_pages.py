from __future__ import annotations

import pytest

from tests.client import JudgingClient

PAGES = ("/login", "/help", "/help/shortcuts", "/accessibility", "/privacy", "/whats-new")


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_public_pages_need_no_sign_in(app, page, lang):
    JudgingClient(app, lang=lang).get(page)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_settings_show_own_sessions(sign_in, lang):
    page = sign_in("coordinator", lang).get("/settings").get_data(as_text=True)
    assert 'id="save-language"' in page


def test_the_language_of_the_address_is_remembered(stranger):
    stranger.lang = "sv"
    stranger.get("/help?lang=sv")
    stranger.get("/privacy")


def test_the_chosen_language_follows_the_person(sign_in):
    client = sign_in("payer")
    client.post("/settings/language", {"language": "fi"})
    client.lang = "fi"
    assert "Tänään" in client.get("/today").get_data(as_text=True)


def test_another_session_can_be_ended(app):
    first, second = JudgingClient(app), JudgingClient(app)
    first.sign_in("payer")
    second.sign_in("payer")
    first.post("/settings/sessions/end-others")
    second.get("/today", status=303)
    first.get("/today")


def test_signing_out_ends_the_session(sign_in):
    client = sign_in("payer")
    answer = client.post("/logout")
    assert "storage" in answer.headers["Clear-Site-Data"]
    client.get("/today", status=303)


def test_a_session_ends_after_thirty_idle_minutes(make_app):
    from datetime import timedelta

    from placement.clock import frozen
    from tests.conftest import NOW

    app = make_app()
    client = JudgingClient(app)
    client.sign_in("payer")
    app.extensions["placement"].clock = frozen(NOW + timedelta(minutes=29))
    client.get("/today")
    app.extensions["placement"].clock = frozen(NOW + timedelta(minutes=29 + 31))
    assert "signed out" in client.get("/today", status=401).get_data(as_text=True)


def test_a_write_without_a_token_is_refused(sign_in):
    client = sign_in("payer")
    client.post("/settings/language", {"language": "fi"}, token=False, status=403)


def test_a_write_from_another_site_is_refused(app, sign_in):
    client = sign_in("payer")
    client.extra_headers = {"Sec-Fetch-Site": "cross-site"}
    client.post("/settings/language", {"language": "fi"}, status=403)


def test_shortcuts_are_switched_off_and_on_for_the_person_who_does(sign_in):
    client, other = sign_in("social-worker"), sign_in("coordinator")
    assert "data-key-help" in client.get("/today").get_data(as_text=True)
    client.post("/settings/shortcuts", {})
    assert "data-key-help" not in client.get("/today").get_data(as_text=True)
    assert "data-key-help" not in sign_in("social-worker", "sv").get("/settings").get_data(as_text=True)
    assert "data-key-help" in other.get("/today").get_data(as_text=True)
    client.post("/settings/shortcuts", {"on": "y"})
    assert "data-key-help" in client.get("/today").get_data(as_text=True)
    client.post("/settings/shortcuts", {}, token=False, status=403)
