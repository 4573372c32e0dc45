"""Whoever reads the log of a child's data, or the child's history, reads words and no code."""

from __future__ import annotations

import re
from pathlib import Path

from placement.children.details import Event
from placement.web import event_words
from placement.web.child_words import LOOKED_AT, happened, looked_at
from tests.conftest import NOW

WEB = Path(__file__).parents[2] / "placement" / "web"
USED = re.compile(r'data_used="([^"]+)"')


def test_each_look_at_a_child_has_a_word():
    used = {code for path in WEB.glob("*.py") for code in USED.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 20
    assert used - set(LOOKED_AT) == set()


def test_an_examiners_look_names_the_claim_and_every_event_of_a_child_has_words(app):
    with app.test_request_context("/?lang=en"):
        assert looked_at("claim CL-2345-6789") == "Claim CL-2345-6789"
        told = {action: happened(Event(NOW, action, None, None, "{}")) for action in event_words.ACTIONS}
    assert {action for action, words in told.items() if words == action} == set()
