"""A sibling added after the decision, and a home in another county, are told where somebody can act on them."""

from __future__ import annotations

import pytest
from sqlmodel import select

from placement.children.tables import Child, SiblingGroup, SiblingMember, SiblingMode
from tests.placing import TODAY, add_stay, add_unit, county
from tests.web.children_world import make_child


def text(answer):
    return answer.get_data(as_text=True).replace("\xa0", " ")


def child_of(session, **changes):
    return make_child(session, worker="social-worker", **changes)


@pytest.fixture
def store(app):
    return app.extensions["placement"].database


@pytest.fixture
def siblings(store):
    """The first lives in Koivu by a decision; the second came later and waits."""
    with store.transaction() as session:
        first, second = child_of(session), child_of(session, waiting_since=TODAY)
        add_stay(session, first, add_unit(session, "Koivu"), start=TODAY)
        group = SiblingGroup(county_id=county(session).id or 0, mode=SiblingMode.SHOULD)
        session.add(group)
        session.flush()
        session.add_all(SiblingMember(child_id=one.id or 0, group_id=group.id or 0) for one in (first, second))
        return first.ref, second.ref


@pytest.mark.parametrize(
    ("lang", "waits", "placed"),
    [
        ("fi", "Sisarus odottaa paikkaa", "Sisaruksella on jo paikka"),
        ("sv", "Ett syskon väntar på plats", "Ett syskon har redan en plats"),
        ("en", "A sibling waits for a place", "A sibling has a place already"),
    ],
)
def test_a_sibling_added_after_the_decision_is_told_on_both_records_and_in_the_queue(
    sign_in, siblings, lang, waits, placed
):
    first, second = siblings
    client = sign_in("social-worker", lang)
    decided = text(client.get(f"/children/{first}"))
    assert waits in decided
    assert f'href="/children/{second}"' in decided
    assert placed not in decided
    assert placed in text(client.get(f"/children/{second}"))
    queue = text(client.get("/waiting"))
    assert placed in queue
    assert f'href="/children/{first}"' in queue


def test_siblings_who_both_have_a_place_are_not_told_of(store, sign_in, siblings):
    with store.transaction() as session:
        third = child_of(session)
        add_stay(session, third, add_unit(session, "Haapa"), start=TODAY)
        group = session.exec(select(SiblingGroup)).one()
        waits = session.exec(select(Child).where(Child.ref == siblings[1])).one()
        add_stay(session, waits, add_unit(session, "Mänty"), start=TODAY)
        session.add(SiblingMember(child_id=third.id or 0, group_id=group.id or 0))
    assert 'id="sibling-' not in text(sign_in("social-worker").get(f"/children/{third.ref}"))


def test_a_home_in_another_county_is_told_with_who_is_responsible(store, sign_in):
    with store.transaction() as session:
        abroad, home = child_of(session), child_of(session)
        add_stay(session, abroad, add_unit(session, "Korento", county_code="04", town_code="092"), start=TODAY)
        add_stay(session, home, add_unit(session, "Koivu"), start=TODAY)
    client = sign_in("social-worker")
    page = text(client.get(f"/children/{abroad.ref}"))
    assert 'id="host"' in page
    assert "Pirkanmaa" in page[page.index('id="host"') :][:400]
    assert 'id="host"' not in text(client.get(f"/children/{home.ref}"))


def test_the_county_of_a_protected_childs_home_is_told_to_its_own_worker_only(store, sign_in):
    with store.transaction() as session:
        hidden = child_of(session, protected=True)
        add_stay(session, hidden, add_unit(session, "Korento", county_code="04", town_code="092"), start=TODAY)
    assert 'id="host"' in text(sign_in("social-worker").get(f"/children/{hidden.ref}"))
    for account in ("coordinator", "county-lead", "other-social-worker"):
        assert 'id="host"' not in text(sign_in(account)._send("GET", f"/children/{hidden.ref}"))
