"""No suitable place: put on record from the queue, looked at again each week by nobody in particular."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.clock import frozen
from placement.moves.tables import NoPlace
from placement.moves.weekly import look_again
from tests.conftest import NOW
from tests.placing import add_child, add_unit


@pytest.fixture
def store(app):
    return app.extensions["placement"].database


@pytest.fixture
def needs(store):
    """A child who needs a wheelchair's way in, and the one unit, which has none."""
    with store.transaction() as session:
        add_unit(session, "Haapa", places=2)
        return add_child(session, "Tarvitsija", needs={"wheelchair": 0})


def state(store):
    with store.read_only() as session:
        return session.exec(select(NoPlace)).one()


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_queue_offers_to_record_it_once(store, sign_in, needs, lang):
    client = sign_in("coordinator", lang)
    button = f'id="record-{needs.ref}"'
    assert button in client.get(f"/waiting/{needs.ref}/top3", htmx=True).get_data(as_text=True)
    client.post(f"/waiting/{needs.ref}/no-place")
    assert button not in client.get(f"/waiting/{needs.ref}/top3").get_data(as_text=True)
    assert state(store).tries == 1


def test_a_week_later_it_is_looked_for_again_and_a_day_earlier_not(store, sign_in, needs):
    sign_in("coordinator").post(f"/waiting/{needs.ref}/no-place")
    assert look_again(store, frozen(NOW + timedelta(days=6))) == 0
    assert state(store).tries == 1
    later = frozen(NOW + timedelta(days=7))
    assert (look_again(store, later), look_again(store, later)) == (1, 0)
    row = state(store)
    assert (row.tries, row.ended_on, row.retry_on) == (2, None, later().date() + timedelta(days=7))
    with store.read_only() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "place-looked-for-again")).one()
    assert event.actor_id is None


def test_the_weekly_look_ends_it_when_there_is_a_place(store, sign_in, needs):
    sign_in("coordinator").post(f"/waiting/{needs.ref}/no-place")
    with store.transaction() as session:
        add_unit(session, "Koivu", places=2, services={"wheelchair": 0})
    look_again(store, frozen(NOW + timedelta(days=7)))
    assert state(store).end_code == "place-found"
