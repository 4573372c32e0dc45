"""Reassigning ticked services and everything open of a colleague: asked first, told line by line, no name told."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from placement.audit.tables import AuditEvent
from placement.children.tables import Child
from placement.integration import service
from placement.integration.tables import ChildService
from placement.people.tables import User, UserMandate
from placement.permissions import Role
from tests.placing import actor
from tests.web.children_world import NOW, TODAY, county, make_child, person

KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')
ITEM = re.compile(r'name="item" value="([^"]+)"')
URL = "/services/reassign"


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def world(app):
    """Two own clients of the social worker (one protected), three services of theirs, and a colleague."""
    with app.extensions["placement"].database.transaction() as session:
        colleague = User(login="colleague", name="Kaisa Kollega", demo_key="colleague", created_at=NOW)
        session.add(colleague)
        session.flush()
        session.add(
            UserMandate(
                user_id=colleague.id, role=Role.SOCIAL_WORKER, organisation_id=county(session).id,
                valid_from=TODAY - timedelta(days=30),
            )
        )  # fmt: skip
        plain, secret = (make_child(session, worker="social-worker", protected=one) for one in (False, True))
        foreign = make_child(session, worker="other-social-worker", county_code="01")
        other = make_child(session, worker="colleague")
        owner = actor(session, "social-worker").user_id
        days = {"plan_review": 300, "guidance_advice": 2}
        for child, kinds in ((plain, days), (secret, ["plan_review"]), (foreign, ["plan_review"])):
            for kind in kinds:
                began = TODAY - timedelta(days=days[kind])
                whose = owner if child is not foreign else None
                service.add(session, child, kind, began, origin="manual", at=NOW, owner_id=whose)
        service.add(session, other, "guidance_advice", TODAY, origin="manual", at=NOW)
        return {
            "plain": plain.ref, "secret": secret.ref, "foreign": foreign.ref, "other": other.ref,
            "owner": owner, "to": str(colleague.id),
        }  # fmt: skip


def stored(app, ref):
    with app.extensions["placement"].database.read_only() as session:
        query = select(ChildService).join(Child, col(Child.id) == ChildService.child_id).where(Child.ref == ref)
        return list(session.exec(query.order_by(col(ChildService.number))))


def events(app, action):
    with app.extensions["placement"].database.read_only() as session:
        return list(session.exec(select(AuditEvent).where(AuditEvent.action == action)))


def asked(client, query):
    page = text(client.get(f"{URL}?{query}"))
    return page, {"idempotency_key": KEY.search(page).group(1), "item": ITEM.findall(page)}


def test_ticked_services_go_to_a_colleague_who_sees_them_on_today(app, sign_in, world):
    before = text(sign_in("colleague").get("/today"))
    client = sign_in("social-worker")
    board = text(client.get("/services"))
    assert f'name="row" value="{world["plain"]}.1"' in board
    page, form = asked(client, f"row={world['plain']}.1&row={world['secret']}.1")
    assert form["item"] == [f"{world['plain']}.1:1", f"{world['secret']}.1:1"], "the list is repeated"
    assert "Kaisa Kollega" in page
    assert "Valtteri" not in re.findall(r"<option[^>]*>([^<]*)", page)
    done = text(client.post(URL, {**form, "to": world["to"]}, follow=True))
    assert "2 lines were reassigned" in done
    assert "stayed as" not in done
    assert "Kanarialintu" not in done
    told = events(app, "service-assigned")
    assert [one.object_ref for one in told] == [world["plain"], world["secret"]], "one event for each"
    assert {json.loads(one.after)["owner"] for one in told} == {int(world["to"])}
    assert [one.owner_id for one in stored(app, world["plain"])] == [int(world["to"]), world["owner"]]
    again = text(client.post(URL, {**form, "to": world["to"]}, follow=True))
    assert "2 lines were reassigned" in again, "the same form sent twice is carried out once"
    assert len(events(app, "service-assigned")) == 2
    today = text(sign_in("colleague").get("/today"))
    assert "Open services you see to" in today
    counts = [
        int(re.search(r'id="group-services-open".*?count">(\d+)<', one, re.S).group(1)) for one in (before, today)
    ]
    assert counts[1] == counts[0] + 2


def test_what_changed_meanwhile_was_done_or_is_foreign_is_told_line_by_line(app, sign_in, world):
    client = sign_in("social-worker")
    _page, form = asked(client, f"row={world['plain']}.1&row={world['plain']}.2&row={world['secret']}.1")
    with app.extensions["placement"].database.transaction() as session:
        rows = session.exec(select(ChildService).where(ChildService.kind == "guidance_advice")).all()
        rows[0].closed_on, rows[0].closed_as, rows[0].version = TODAY, "declined", 2
        session.exec(select(ChildService).where(ChildService.kind == "plan_review")).first().version = 7
    form["item"].append(f"{world['foreign']}.1:1")
    page = text(client.post(URL, {**form, "to": world["to"]}, follow=True))
    for key, why in (
        (f"failed-{world['plain']}.1", "Someone else saved this"),
        (f"failed-{world['plain']}.2", "delivered or closed already"),
        (f"failed-{world['foreign']}.1", "It may belong to another organisation"),
        (f"done-{world['secret']}.1", world["secret"]),
    ):
        row = re.search(rf'<tr[^>]*id="{re.escape(key)}".*?</tr>', page, re.S)
        assert row, key
        assert why in row.group(0)
    assert [one.object_ref for one in events(app, "service-assigned")] == [world["secret"]]


def test_a_lead_gives_everything_of_a_leaving_colleague_to_another(app, sign_in, world):
    with app.extensions["placement"].database.transaction() as session:
        person(session, "social-worker").active = False
    lead = sign_in("county-lead")
    assert "No social worker" in text(lead.get(URL))
    page, form = asked(lead, f"owner={world['owner']}")
    assert "Kanarialintu" not in page, "a lead without a relation sees references"
    wanted = {world["plain"], world["secret"], f"{world['plain']}.1", f"{world['plain']}.2", f"{world['secret']}.1"}
    assert wanted <= {one.partition(":")[0] for one in form["item"]}
    assert str(world["owner"]) not in re.findall(r'<option value="(\d+)"', page), "nobody gives to the one who leaves"
    text(lead.post(URL, {**form, "to": world["to"]}, follow=True))
    with app.extensions["placement"].database.read_only() as session:
        refs = (world["plain"], world["secret"])
        children = session.exec(select(Child.worker_id).where(col(Child.ref).in_(refs))).all()
    assert {str(one) for one in children} == {world["to"]}
    assert {one.object_ref for one in events(app, "child-changed")} >= {world["plain"], world["secret"]}
    lead.get(f"{URL}?owner={world['owner']}", status=404)
    assert "Kanarialintu" in text(sign_in("colleague").get(f"/children/{world['secret']}")), "the new worker's client"


def test_who_may_not(app, sign_in, world):
    worker = sign_in("social-worker")
    worker.get(f"{URL}?owner={world['to']}", status=404)
    worker.get(f"{URL}?owner={world['owner']}")
    for row in (f"{world['foreign']}.1", f"{world['plain']}.99", "CH-0000-0000.1", "x.y"):
        worker.get(f"{URL}?row={row}", status=404)
        worker.post(URL, {"item": f"{row}:1", "to": world["to"]}, status=404)
    page = text(worker.get(f"{URL}?row={world['other']}.1"))
    assert "Nothing links you to this child" in page, "a colleague's service of a child without a relation stays"
    assert ITEM.findall(page) == []
    page = text(worker.post(URL, {"item": f"{world['other']}.1:1", "to": str(world["owner"])}, follow=True))
    assert f"failed-{world['other']}.1" in page
    for account in ("coordinator", "unit-manager", "municipality-worker", "reviewer", "administrator"):
        sign_in(account).get(f"{URL}?row={world['plain']}.1", status=403)
        sign_in(account).post(URL, {}, status=403)
    assert 'name="row"' not in text(sign_in("coordinator").get("/services"))
    assert events(app, "service-assigned") == []


def test_faults_keep_the_list_and_the_ticks(app, sign_in, world):
    client = sign_in("social-worker")
    listed = [f"{world['plain']}.1", f"{world['plain']}.2"]
    page = text(client.post(URL, {"listed": listed, "item": f"{listed[0]}:1", "to": ""}, status=422))
    assert "Choose who takes these over." in page
    assert re.search(rf'value="{re.escape(listed[0])}:1" checked', page)
    assert re.search(rf'value="{re.escape(listed[1])}:1">', page)
    assert "Tick at least one line." in text(client.post(URL, {"listed": listed, "to": world["to"]}, status=422))
    with app.extensions["placement"].database.read_only() as session:
        strangers = [str(person(session, one).id) for one in ("other-social-worker", "coordinator")]
    for stranger in strangers:
        typed = {"listed": listed, "item": [f"{one}:1" for one in listed], "to": stranger}
        assert "Choose a social worker of the county." in text(client.post(URL, typed, status=422))
    with app.extensions["placement"].database.transaction() as session:
        session.exec(select(UserMandate).where(UserMandate.user_id == int(world["to"]))).one().valid_to = (
            TODAY - timedelta(days=1)
        )
    typed["to"] = world["to"]
    assert "Choose a social worker of the county." in text(client.post(URL, typed, status=422))
    assert events(app, "service-assigned") == []


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_every_page_opens(sign_in, world, lang):
    for account in ("social-worker", "county-lead"):
        client = sign_in(account, lang)
        client.get("/services?owner=me")
        client.get(f"/services?owner={world['owner']}", htmx=True)
        client.get(URL)
        _page, form = asked(client, f"owner={world['owner']}")
        client.post(URL, {**form, "item": form["item"][:1], "to": world["to"]}, follow=True)
        client.get(f"{URL}/result?key=other", status=303)
