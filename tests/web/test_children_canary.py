"""What must never leak: a name in logs, titles or addresses, markup out of a name, a look without its row."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.web.children_world import TODAY, looks, make_child, make_stay, make_unit

CANARY = "ZZCANARY"
MARKUP = '<img src=x onerror="alert(1)" hx-get="/logout">'
OWN_PAGES = ("children", "child_edit", "waiting")
NO_LOOK = {"children.log"}  # shows the reference only


@pytest.fixture
def child(app):
    with app.extensions["placement"].database.transaction() as session:
        found = make_child(
            session,
            worker="social-worker",
            first_name=CANARY + MARKUP,
            last_name=CANARY,
            school=MARKUP,
            own_view=MARKUP,
            own_view_on=TODAY,
            own_view_how="talk",
            representative_name=MARKUP,
            representative_contact=MARKUP,
            waiting_since=TODAY - timedelta(days=3),
        )
        make_stay(session, found, make_unit(session, name=MARKUP), TODAY)
        return found


def pages(app, child):
    """Return (endpoint, address) of every GET page of these areas that is about one child."""
    found = []
    for rule in app.url_map.iter_rules():
        area = rule.endpoint.split(".")[0]
        if area not in OWN_PAGES or "GET" not in rule.methods or "ref" not in rule.arguments:
            continue
        address = re.sub(r"<ref:ref>", child.ref, rule.rule)
        sections = ("identity", "needs", "people", "wishes", "view") if "<section>" in address else ("",)
        found += [(rule.endpoint, address.replace("<section>", section)) for section in sections]
    return found


def count(app, child):
    with app.extensions["placement"].database.read_only() as session:
        return len(looks(session, child))


def test_every_page_about_a_child_leaves_exactly_one_row(app, sign_in, child):
    client = sign_in("social-worker")
    seen = pages(app, child)
    assert len(seen) >= 9
    for endpoint, address in seen:
        before = count(app, child)
        client.get(address, status=403 if endpoint in NO_LOOK else 200)
        assert count(app, child) - before == (0 if endpoint in NO_LOOK else 1), address


def test_a_refused_page_leaves_no_row_and_shows_no_name(app, sign_in, child):
    for account in ("other-social-worker", "claims-officer", "administrator", "reviewer", "unit-manager"):
        client = sign_in(account)
        for _endpoint, address in pages(app, child):
            answer = client._send("GET", address)
            assert answer.status_code in (403, 404), (account, address)
            assert CANARY not in answer.get_data(as_text=True)
    assert count(app, child) == 0


def test_typed_markup_is_shown_as_text_on_every_page(app, sign_in, child):
    client = sign_in("social-worker")
    for address in ["/children", "/waiting", *(one for name, one in pages(app, child) if name not in NO_LOOK)]:
        page = client.get(address).get_data(as_text=True)
        assert "<img src=x" not in page, address
        assert 'hx-get="/logout"' not in page, address


def test_no_name_reaches_a_title_an_address_or_the_log(app, sign_in, child, capfd):
    client = sign_in("social-worker")
    for address in ["/children", "/waiting", *(one for name, one in pages(app, child) if name not in NO_LOOK)]:
        page = client.get(address).get_data(as_text=True)
        assert CANARY not in page.split("<title>")[1].split("</title>")[0], address
        assert not [link for link in re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', page) if CANARY in link]
    client.post(f"/children/{child.ref}/edit/view", {"version": "1", "own_view": CANARY}, status=422)
    client.post("/children/find", {"code": CANARY})
    out, err = capfd.readouterr()
    assert CANARY not in out + err


def test_a_unit_manager_sees_the_children_of_the_own_unit_only(app, sign_in, child):
    from sqlmodel import select

    from placement.decisions.tables import Stay
    from placement.people.tables import UserMandate
    from tests.web.children_world import person

    with app.extensions["placement"].database.transaction() as session:
        other = make_child(session, last_name="Muualla", waiting_since=TODAY)
        stay = session.exec(select(Stay).where(Stay.child_id == child.id)).one()
        who = person(session, "unit-manager")
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == who.id)).one()
        mandate.unit_id = stay.unit_id
    client = sign_in("unit-manager")
    page = client.get("/children").get_data(as_text=True)
    assert CANARY in page
    assert other.ref not in page
    client.get(f"/children/{child.ref}")
    client.get(f"/children/{other.ref}", status=404)
