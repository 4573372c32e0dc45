"""What agreements promise to one child, beside what is owed to it, on the child's page of services."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from agreements import terms
from agreements.terms import Duty, Terms
from placement.agreed import words as agreed
from placement.integration import service
from placement.people.tables import UserMandate
from placement.reference import integration_rules, services_for_agreed
from tests.agreement_data import Maker
from tests.placing import actor, add_unit, town
from tests.web.children_world import NOW, TODAY, make_child, make_stay, person

DAY = timedelta(days=1)
BEGINS = date(2026, 3, 1)
DUTIES = (
    Duty("guidance_advice", "municipality", "Neuvontapiste"),
    Duty("preparatory_teaching", "school", "Valmistava luokka"),
    Duty("care_in_home", "county"),
    Duty("leisure", "third_sector"),
)


@pytest.fixture
def db(app):
    return app.extensions["placement"].database


@pytest.fixture
def world(db):
    """A child in a home that an agreement in force since 1 March covers, another in a home without agreements."""
    with db.transaction() as session:
        make = Maker(session)
        agreement = make.agreement()
        version = make.version(
            agreement, make.three(), valid_from=BEGINS, activated_on=BEGINS, terms=terms.dump(Terms(duties=DUTIES))
        )
        home, bare = add_unit(session, "Koivu", agreed=False), add_unit(session, "Paju", agreed=False)
        make.covers(version, home)
        found = {"ref": agreement.ref, "home": home.id}
        for name, unit, more in (("child", home, {}), ("other", bare, {}), ("hidden", home, {"protected": True})):
            one = make_child(session, worker="social-worker", municipality_id=town(session).id, **more)
            make_stay(session, one, unit, TODAY - 40 * DAY)
            found[name] = one.ref
            if name == "child":
                owner = actor(session, "social-worker").user_id
                service.add(session, one, "guidance_advice", TODAY - 2 * DAY, origin="manual", at=NOW, owner_id=owner)
        return found


def lines(client, ref):
    """Return the words of each promise on a child's page of services, and the page itself."""
    page = client.get(f"/children/{ref}/services").get_data(as_text=True)
    rows = re.findall(r'<tr class="govuk-table__row" id="promise-\d+">(.*?)</tr>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows], page


def line(client, ref, service):
    return next(row for row in lines(client, ref)[0] if row.startswith(service))


def deliver(client, ref, service, side):
    client.post(f"/agreements/{ref}/deliveries/{service}/{side}/{BEGINS.isoformat()}", {"said": "delivered"})


@pytest.mark.parametrize(
    ("lang", "late", "delivered", "owed"),
    [
        ("fi", "Myöhässä", "Annettu", "Antamatta"),
        ("sv", "Försenad", "Given", "Ännu inte given"),
        ("en", "Late", "Delivered", "Owed"),
    ],
)
def test_what_was_promised_stands_beside_what_is_owed_to_the_child(sign_in, world, lang, late, delivered, owed):
    service = {"fi": "Ohjaus ja neuvonta", "sv": "Handledning och rådgivning", "en": "Guidance and advice"}[lang]
    row = line(sign_in("social-worker", lang), world["child"], service)
    assert late in row
    assert delivered not in row
    assert "Tammerfors" in row if lang == "sv" else "Tampere" in row
    assert world["ref"] in row
    deliver(sign_in("municipality-worker", lang), world["ref"], "guidance_advice", "municipality")
    row = line(sign_in("social-worker", lang), world["child"], service)
    assert delivered in row
    assert late not in row
    assert owed in row, "the county has not confirmed it for this child"


def test_each_promise_tells_its_period_its_last_day_and_its_giver(sign_in, world):
    client = sign_in("social-worker")
    row = line(client, world["child"], "Preparatory teaching")
    assert "Valmistava luokka" in row
    assert "Late 1 March 2026–30 June 2026 report at the latest 30 July 2026" in row
    assert "Not recorded" in row
    assert "Tampere, School" in row
    row = line(client, world["child"], "Care and upbringing in the home")
    assert "Promised Not followed child by child" in row
    deliver(sign_in("municipality-worker"), world["ref"], "preparatory_teaching", "school")
    first, *_rest = lines(sign_in("social-worker"), world["child"])[0]
    assert first.startswith("Guidance and advice"), "the late stand first"


def test_nothing_is_promised_where_no_agreement_covers_the_home(sign_in, world):
    rows, page = lines(sign_in("social-worker"), world["other"])
    assert rows == []
    assert 'id="no-promises"' in page
    assert world["ref"] not in page


def test_a_protected_child_is_not_placed_by_its_promises(sign_in, world):
    assert len(lines(sign_in("social-worker"), world["hidden"])[0]) == len(DUTIES), "its own worker sees the place"
    stranger = sign_in("coordinator")
    stranger.post(
        f"/children/{world['hidden']}/purpose",
        {"purpose": "On duty, the night unit called", "next": f"/children/{world['hidden']}"},
    )
    rows, page = lines(stranger, world["hidden"])
    assert rows == []
    assert "promised-title" not in page
    assert world["ref"] not in page


def test_who_may_not_open_the_agreement_gets_no_link_to_it(db, sign_in, world):
    with db.transaction() as session:
        key = person(session, "unit-manager").id
        mandate = session.exec(select(UserMandate).where(UserMandate.user_id == key)).one()
        mandate.unit_id = world["home"]
        session.add(mandate)
    link = f'href="/agreements/{world["ref"]}"'
    assert link in lines(sign_in("social-worker"), world["child"])[1]
    rows, page = lines(sign_in("unit-manager"), world["child"])
    assert len(rows) == len(DUTIES)
    assert link not in page


@pytest.mark.parametrize("account", ["reviewer", "municipality-worker", "municipality-signatory", "state-signatory"])
def test_the_other_parties_see_no_childs_page(sign_in, world, account):
    sign_in(account).get(f"/children/{world['child']}/services", status=403)


def test_services_of_agreements_are_known_by_their_own_codes():
    mapped = {code for code in agreed.SERVICES if services_for_agreed(code, TODAY)}
    assert set(integration_rules._agreed_services().codes()) == mapped
    assert set(agreed.SERVICES) - mapped == {"interpreting", "care_in_home"}
