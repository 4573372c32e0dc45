"""The pages of a child's services and path, the board and the giver's report; judged in three languages."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import select

from placement.children.tables import Child
from placement.crypto import vault
from placement.integration import service
from placement.integration.tables import ChildHearing, ChildService, FamilyMember, ServiceNeedAssessment
from placement.people.tables import Organisation
from placement.reference import integration_services
from tests.placing import actor
from tests.web.children_world import NOW, TODAY, looks, make_child, make_stay, make_unit

DAY = timedelta(days=1)
KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def child(app):
    with app.extensions["placement"].database.transaction() as session:
        town = session.exec(select(Organisation).where(Organisation.municipality_code == "837")).one()
        found = make_child(
            session,
            worker="social-worker",
            municipality_id=town.id,
            permit_on=date(2026, 1, 2),
            residence_from=date(2026, 2, 1),
            representative_name="Rauha Valvoja",
        )
        make_stay(session, found, make_unit(session, name="Kätköpesä"), TODAY - 40 * DAY)
        worker = actor(session, "social-worker")
        for kind, days in (("plan_review", 300), ("guidance_advice", 2), ("third_sector", 90)):
            service.add(session, found, kind, TODAY - days * DAY, origin="manual", at=NOW, owner_id=worker.user_id)
        return found


def stored(app, child, kind):
    with app.extensions["placement"].database.read_only() as session:
        return session.exec(
            select(ChildService).where(ChildService.child_id == child.id, ChildService.kind == kind)
        ).one()


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_every_page_of_a_childs_services_and_path_opens(sign_in, child, lang):
    client = sign_in("social-worker", lang)
    base = f"/children/{child.ref}"
    pages = ["services", "services/new", "services/1", "services/pathway", "path", "path?day=1.7.2020", "merge"]
    pages += [f"path/{what}/new" for what in ("assessment", "hearing", "representation", "family", "protocol")]
    for page in pages:
        client.get(f"{base}/{page}")
    client.get("/services")
    client.get("/services?show=late&kind=plan_review", htmx=True)
    client.get(f"{base}/services/pathway?group=family_arrives")
    client.get(f"{base}/path?day=never", status=422)
    client.get(f"{base}/path/weather/new", status=404)
    client.get(f"{base}/services/99", status=404)


def test_a_service_is_owed_once_however_often_the_form_is_sent(app, sign_in, child):
    client = sign_in("social-worker")
    key = KEY.search(text(client.get(f"/children/{child.ref}/services/new?kind=skills_assessment"))).group(1)
    typed = {"idempotency_key": key, "kind": "skills_assessment", "event_on": "1.11.2026"}
    first = client.post(f"/children/{child.ref}/services", typed).headers["Location"]
    assert client.post(f"/children/{child.ref}/services", typed).headers["Location"] == first
    assert "1 November 2026" in text(client.get(first))
    assert stored(app, child, "skills_assessment").due_on is None


def test_faults_keep_what_was_typed_and_name_the_way_out(sign_in, child):
    client = sign_in("social-worker")
    page = text(client.post(f"/children/{child.ref}/services", {"kind": "referral", "event_on": "soon"}, status=422))
    assert "soon" in page
    page = text(
        client.post(
            f"/children/{child.ref}/services", {"kind": "society_orientation", "event_on": "1.12.2024"}, status=422
        )
    )
    assert "the law knew no such service" in page
    page = text(client.post(f"/children/{child.ref}/path/hearing", {"heard_on": "30.11.2026"}, status=422))
    assert "30.11.2026" in page
    assert "Answer this: Who." in page


def test_a_service_is_reported_confirmed_and_followed(app, sign_in, child):
    client, url = sign_in("social-worker"), f"/children/{child.ref}/services/1"
    version = VERSION.search(text(client.get(url))).group(1)
    client.post(f"{url}/report", {"version": version, "reported_on": "20.11.2026", "report": "Tehty."})
    client.post(f"{url}/confirm", {"version": "1", "delivered_on": "20.11.2026", "evidence": "OK"}, status=409)
    page = text(
        client.post(f"{url}/confirm", {"version": "2", "delivered_on": "20.11.2026", "evidence": "Paperi"}, follow=True)
    )
    assert "20 May 2027" in page, "the next review, six months later"
    assert "Record as delivered" not in page


def test_assigning_and_closing(app, sign_in, child):
    client, url = sign_in("social-worker"), f"/children/{child.ref}/services/3"
    page = text(client.get(url))
    giver = re.search(r'<option value="(\d+)"[^>]*>Tampere', page).group(1)
    client.post(f"{url}/assign", {"version": "1", "giver": giver, "owner": ""})
    row = stored(app, child, "third_sector")
    assert (str(row.organisation_id), row.owner_id) == (giver, None)
    client.post(f"{url}/close", {"version": "2", "how": "declined"}, status=422)
    client.post(f"{url}/close", {"version": "2", "how": "declined", "closed_reason": "Ei halua."})
    assert stored(app, child, "third_sector").closed_as == "declined"


def test_the_board_filters_in_its_address_and_exports_references_only(app, sign_in, child):
    client = sign_in("social-worker")
    page = text(client.get("/services?show=late"))
    assert "Kanarialintu" in page, "the worker's own client by name"
    assert "Kätköpesä" in page
    assert text(client.get("/services?show=late&kind=guidance_advice")).count("row-CH") == 0
    sheet = client.get("/services/export.csv?show=late")
    lines = sheet.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 2 + 2, "two recorded, two owed by law and not recorded"
    assert all(line.startswith(child.ref) for line in lines[1:])
    assert "Kanarialintu" not in "".join(lines)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/services/export.xlsx?show=open").get_data()))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + 3 + 2, "three recorded, two owed by law and not recorded"
    client.get("/services/export.pdf", status=404)


def test_a_municipality_reports_by_reference_and_learns_no_name(app, sign_in, child):
    client = sign_in("municipality-worker")
    page = text(client.get("/services"))
    assert child.ref in page
    assert "Kanarialintu" not in page
    assert "Kätköpesä" not in page
    url = f"/services/{child.ref}/1/report"
    assert "Kanarialintu" not in text(client.get(url))
    client.post(url, {"version": "1", "reported_on": "1.12.2026", "report": "x"}, status=422)
    client.post(url, {"version": "1", "reported_on": "20.11.2026", "report": "Laadittiin."})
    assert stored(app, child, "plan_review").report == "Laadittiin."
    client.get(f"/services/{child.ref}/3/report", status=404)
    with app.extensions["placement"].database.read_only() as session:
        assert looks(session, child) == [], "a reference is no look at a child's data"


def test_who_may_see_and_report(sign_in, child):
    for account in ("reviewer", "payer", "claims-officer", "administrator", "auditor"):
        sign_in(account).get("/services", status=403)
    other = sign_in("other-social-worker")
    assert child.ref not in text(other.get("/services"))
    other.get(f"/children/{child.ref}/services", status=404)
    other.get(f"/services/{child.ref}/1/report", status=404)
    lead = sign_in("county-lead")
    lead.get(f"/children/{child.ref}/services/new", status=403)


def test_a_protected_child_shows_neither_name_nor_place(app, sign_in, child):
    with app.extensions["placement"].database.transaction() as session:
        session.get(Child, child.id).protected = True
    assert child.ref not in text(sign_in("municipality-worker").get("/services"))
    page = text(sign_in("coordinator").get("/services?show=late"))
    assert child.ref in page
    assert "Kanarialintu" not in page
    assert "Kätköpesä" not in page
    sheet = sign_in("coordinator").get("/services/export.csv").get_data().decode("utf-8-sig")
    assert child.ref in sheet
    assert "Kätköpesä" not in sheet
    assert "Tampere" not in sheet


def test_steps_of_the_path_are_recorded_and_stand_on_the_timeline(app, sign_in, child):
    client, base = sign_in("social-worker"), f"/children/{child.ref}/path"
    steps = {
        "assessment": {"contact_on": "20.11.2026", "special_support": "y"},
        "hearing": {
            "whose": "child", "about": "placement", "outcome": "heard", "heard_on": "20.11.2026",
            "how": "conversation", "language": "so", "said": "ZZ", "objects": "y", "alternatives": "ZZ",
        },
        "representation": {"applied_on": "20.11.2026"},
        "family": {"relationship": "guardian", "name": "ZZ", "arrived_on": "20.11.2026"},
    }  # fmt: skip
    for what, typed in steps.items():
        client.get(f"{base}/{what}/new")
        client.post(f"{base}/{what}", typed)
        client.get(f"{base}/{what}/1")
    page = text(client.get(base))
    for words in ("Objection", "Arrived: guardian", "Representative applied for", "Need of services came to notice"):
        assert words in page
    assert "ZZ" not in page, "the timeline shows that something was said, not what"
    client.post(f"{base}/assessment/1", {"version": "1", "contact_on": "20.11.2026", "started_on": "23.11.2026"})
    client.post(f"{base}/assessment/1", {"version": "1", "contact_on": "19.11.2026"}, status=409)
    with app.extensions["placement"].database.read_only() as session:
        assert session.exec(select(ServiceNeedAssessment)).one().started_on == date(2026, 11, 23)
        assert session.exec(select(ChildHearing)).one().said == "ZZ"
        assert session.exec(select(FamilyMember)).one().arrived_on == date(2026, 11, 20)
    history = text(client.get(f"/children/{child.ref}/history"))
    assert "Hearing recorded" in history


def test_the_right_is_told_by_the_rule_of_the_day_asked(sign_in, child):
    client = sign_in("social-worker")
    assert "turns 21" in text(client.get(f"/children/{child.ref}/path?day=14.7.2020"))
    assert "turns 25" in text(client.get(f"/children/{child.ref}/path?day=30.6.2024"))
    assert "turns 23" in text(client.get(f"/children/{child.ref}/path?day=1.7.2024"))
    assert "1 May 2032" in text(client.get(f"/children/{child.ref}/path"))


def test_two_records_are_merged_after_a_look_and_undone(app, sign_in, child):
    with app.extensions["placement"].database.transaction() as session:
        second = make_child(session, worker="social-worker", temporary_number="M5", birth_date=child.birth_date)
        second.temporary_index = vault.blind_index("M5")
    client, url = sign_in("social-worker"), f"/children/{child.ref}/merge"
    typed = {"other": second.ref, "reason": "Identity code arrived."}
    assert "Nothing hangs on the other record" in text(client.post(url, typed, status=200))
    assert "This is the same record" in text(client.post(url, {**typed, "other": child.ref}, status=422))
    client.post(url, {**typed, "other": "CH-0000-0000"}, status=422)
    client.post(url, {**typed, "merge": "1"})
    client.get(f"/children/{second.ref}/services", status=404)
    answer = client._send("GET", f"/children/{second.ref}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/children/{child.ref}")
    assert client.post("/children/find", {"code": "M5"}).headers["Location"] == f"/children/{child.ref}"
    client.post(f"{url}/undo", {})
    client.get(f"/children/{second.ref}")
    assert client.post("/children/find", {"code": "M5"}).headers["Location"] == f"/children/{second.ref}"


def test_every_service_can_be_added_to_a_child(app, sign_in, child):
    with app.extensions["placement"].database.transaction() as session:
        worker = actor(session, "social-worker")
        for one in integration_services(TODAY):
            if not service.open_of(session, session.get(Child, child.id), one.key):
                new = service.NewService(one.key, TODAY - 9 * DAY)
                service.owe(session, worker, child.ref, new, at=NOW)
    page = text(sign_in("social-worker", "fi").get(f"/children/{child.ref}/services"))
    assert page.count('id="service-') == len(integration_services(TODAY))
