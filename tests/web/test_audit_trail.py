"""An auditor's first page leads to what happened lately, with the number that the trail shows for those days."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from placement.audit.service import record
from placement.people.tables import UserMandate
from placement.permissions import Role
from placement.web.event_words import facts
from tests.web.claims_world import text


def test_today_counts_the_events_of_a_week_and_leads_to_them(sign_in):
    auditor = sign_in("auditor", "en")
    shown = text(auditor.get("/today"))
    found = re.search(r'href="(/audit\?first=[\d-]+)"', shown)
    assert found, "Today leads to the trail"
    listed = text(auditor.get(found.group(1)))
    count = re.search(r"(\d+) events?", listed)
    assert count
    assert int(count.group(1)) > 0
    assert re.search(rf">\s*{count.group(1)}\s*<", shown), f"{count.group(1)} is not on Today"


def test_who_may_not_read_the_trail_is_not_led_to_it(sign_in):
    assert "/audit" not in text(sign_in("social-worker", "en").get("/today"))


@pytest.mark.parametrize(
    ("language", "sentence", "kind"),
    [
        ("fi", "Henkilö kirjautui sisään", "Käyttäjä"),
        ("sv", "Personen loggade in", "Användare"),
        ("en", "Person signed in", "User"),
    ],
)
def test_an_event_is_a_sentence_in_the_readers_language_with_its_code_beside(sign_in, language, sentence, kind):
    auditor = sign_in("auditor", language)
    shown = text(auditor.get("/audit?action=signed-in"))
    assert f'{sentence}<br><code class="quiet">signed-in</code>' in shown
    assert re.search(rf'<option [^>]*value="signed-in"[^>]*>{sentence}</option>', shown)
    assert f">{kind}</option>" in shown
    assert f";signed-in;{sentence};user;" in text(auditor.get("/audit/export.csv?action=signed-in"))


def test_a_code_that_this_version_does_not_know_shows_itself(app, sign_in):
    auditor = sign_in("auditor", "fi")
    with app.extensions["placement"].database.transaction() as session:
        own = session.exec(select(UserMandate.organisation_id).where(UserMandate.role == Role.AUDITOR)).first()
        record(
            session, actor=None, action="done-long-ago", object_kind="old-thing", object_ref="OT-1",
            at=datetime(2026, 11, 24, 9, tzinfo=UTC), organisation_id=own,
        )  # fmt: skip
    shown = text(auditor.get("/audit?action=done-long-ago&kind=old-thing"))
    assert 'done-long-ago<br><code class="quiet">done-long-ago</code>' in shown
    assert 'old-thing <span class="ref">OT-1</span>' in shown
    assert ";done-long-ago;done-long-ago;old-thing;OT-1;" in text(auditor.get("/audit/export.csv"))


def test_what_an_event_keeps_is_read_as_names_and_values():
    kept = '{"status": "sent", "sums": {"2026": 1200, "old": null}, "codes": ["a", "b"], "none": [], "count": 3}'
    named = [
        ("status", "sent"),
        ("sums.2026", "1200"),
        ("sums.old", "–"),
        ("codes", "a, b"),
        ("none", "–"),
        ("count", "3"),
    ]
    assert facts(kept) == named
    assert facts('[{"a": 1}]') == [("", '[{"a": 1}]')]
    assert facts("not JSON") == [("", "not JSON")]
    assert facts(None) == facts("{}") == []
