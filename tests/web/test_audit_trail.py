"""An auditor's first page leads to what happened lately, with the number that the trail shows for those days."""

from __future__ import annotations

import re

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
