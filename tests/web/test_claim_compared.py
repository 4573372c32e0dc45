"""A claim's check page says why it differs from the claim of the period before, in the reader's language."""

from __future__ import annotations

import re

import pytest
from sqlmodel import col, select

from agreements.claim_tables import ClaimStatus
from agreements.claim_values import Basis, Gate
from placement.children.tables import Child
from placement.units.tables import Unit
from tests.client import JudgingClient
from tests.web import claims_world as world
from tests.web.claims_world import text, words


@pytest.fixture
def app(worked_app):
    return worked_app


def _enter(app, lang="en"):
    client = JudgingClient(app, lang=lang)
    client.sign_in("claims-officer")
    return client


SAYS = {
    "en": ("Not in this claim any more: -€143,126.50.", "The costs are €8,406.70 lower.", "-€658,445.00"),
    "fi": (
        "Ei ole enää tässä hakemuksessa: -143 126,50 €.",
        "Kustannukset ovat 8 406,70 € pienemmät.",
        "-658 445,00 €",
    ),
    "sv": ("Finns inte längre i den här ansökan: -143 126,50 €.", "Kostnaderna är 8 406,70 € lägre.", "-658 445,00 €"),
}
"""Kotipesä has no invoice yet; rent of Koivu 4,215.00 after 12,621.70; 4,215.00 in all after 662,660.00."""


def _read(client, path):
    return words(text(client.get(path))).replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


def test_differences_are_explained_in_every_language_and_open_to_lines(app):
    client = _enter(app)
    ref = world.start(client)
    world.add_cost(client, app, ref)
    for lang, told in SAYS.items():
        page = _read(_enter(app, lang), f"/claims/{ref}/check")
        places = [page.index(one) for one in told]
        assert places == sorted(places), "the biggest first, the sum last"
    rows = text(client.get(f"/claims/{ref}/check")).split("<tr")
    koivu = next(one for one in rows if "Koivu" in one and "Rent" in one)
    link = re.search(r'href="([^"]+)"', koivu).group(1).replace("&amp;", "&")
    lines = _read(client, link)
    assert "1 line , €4,215.00" in lines or "1 line, €4,215.00" in lines
    assert SAYS["en"][1] in lines


def test_first_claim_says_that_there_is_none_to_compare_with(app):
    first = next(one for one in world.own_claims(app) if one.gate is Gate.PAYMENT)
    assert "There is no earlier claim to compare with." in _read(_enter(app), f"/claims/{first.ref}/check")


def test_unit_of_a_protected_child_is_hidden(app):
    draft = next(one for one in world.own_claims(app) if one.status is ClaimStatus.DRAFT)
    bought = [one for one in world.lines(app, draft.ref) if one.child_ref and one.basis is Basis.PLACE_DAY]
    unit = bought[0].unit_id
    children = {one.child_ref for one in bought if one.unit_id == unit}
    client, before = _enter(app), f"/claims/{draft.ref}/check"
    seen = _read(client, before)
    assert "a hidden unit" not in seen
    with world.database(app).transaction() as session:
        for child in session.exec(select(Child).where(col(Child.ref).in_(children))):
            child.protected = True
        name = session.get(Unit, unit).name
        code = session.get(Unit, unit).ref
    assert seen.count(f"Place-days, {name} ") == 1
    assert _read(client, before) == seen.replace(name, "a hidden unit"), "the same sums, and the name nowhere"
    assert code not in text(client.get(before))
    open_lines = _read(client, f"/claims/{draft.ref}/lines?kind=place_days&unit={code}")
    assert not any(child in open_lines for child in children)
    page = text(client.get(f"/claims/{draft.ref}/lines?kind=place_days&unit=hidden"))
    hidden = words(page[page.index('id="lines-region"') : page.index("</table>")])
    assert all(child in hidden for child in children)
    assert name not in hidden
