"""Saved views: a list's filters under a name, one's own or shared, and never a child in the address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlmodel import select

from placement.audit.tables import AuditEvent
from placement.moves.tables import SavedView

NAME = "Odottavat omat"
LISTS = {
    "claims-officer": ("claims.index", "/claims?gate=payment", "gate=payment"),
    "coordinator": ("units.index", "/units?kind=foster_care&sort=free", "kind=foster_care&sort=free"),
    "social-worker": ("children.index", "/children?status=waiting&worker=me&q=CH-AAAA", "status=waiting&worker=me"),
    "municipality-worker": ("services.index", "/services?show=late", "show=late"),
}


@pytest.fixture
def do(app: Any) -> Any:
    return app.extensions["placement"].database.write


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def save(client: Any, address: str, status: int = 303, **changes: str) -> Any:
    """Save the filters of a list by its own link and form."""
    page = client.get(address).get_data(as_text=True)
    link = re.search(r'id="save-view" href="([^"]+)"', page).group(1).replace("&amp;", "&")
    form = client.get(link).get_data(as_text=True)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    hidden.pop("csrf_token", None)
    return client.post("/views/new", {**hidden, "name": NAME, **changes}, status=status)


@pytest.mark.parametrize("who", LISTS)
def test_filters_are_saved_from_each_list_and_stand_above_it(sign_in, do, who):
    page, address, query = LISTS[who]
    client = sign_in(who, lang="en")
    answer = save(client, address)
    assert answer.headers["Location"] == f"{address.split('?')[0]}?{query}"
    row = do(lambda s: s.exec(select(SavedView)).one())
    assert (row.page, row.name, row.query, row.shared) == (page, NAME, query, False)
    shown = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert re.search(rf'id="view-{row.id}" href="[^"]+" aria-current="true">{NAME}', shown)
    assert "save-view" not in client.get(address.split("?")[0]).get_data(as_text=True)


def test_a_shared_view_is_seen_by_the_county_and_changed_by_its_owner_only(sign_in, do):
    owner, other = sign_in("social-worker", lang="en"), sign_in("coordinator", lang="en")
    save(owner, LISTS["social-worker"][1])
    key = do(lambda s: s.exec(select(SavedView)).one().id)
    assert NAME not in text(other.get("/children"))
    other.get(f"/views/{key}", status=404)
    owner.post(f"/views/{key}", {"name": "Jaettu", "shared": "y"})
    assert "Jaettu" in text(other.get("/children"))
    assert "Jaettu" in text(other.get("/views"))
    for client, path in ((other, f"/views/{key}"), (other, f"/views/{key}/remove")):
        client.post(path, {"name": "Vieras"}, status=404)
    assert "Jaettu" not in text(sign_in("other-social-worker").get("/children"))
    sign_in("payer").get("/views", status=403)
    owner.post(f"/views/{key}/remove")
    assert "Jaettu" not in text(other.get("/children"))
    events = do(lambda s: list(s.exec(select(AuditEvent).where(AuditEvent.object_kind == "saved-view"))))
    assert [one.action for one in events] == ["view-saved", "view-changed", "view-removed"]
    assert not any(name in str(one.after) for one in events for name in (NAME, "Jaettu"))


@pytest.mark.parametrize("lang", ["fi", "sv"])
def test_a_name_is_needed_and_taken_once(sign_in, do, lang):
    client = sign_in("social-worker", lang=lang)
    save(client, "/children?status=waiting")
    for name in (NAME, "", "x" * 81):
        page = save(client, "/children?status=placed", 422, name=name)
        assert "govuk-error-message" in page.get_data(as_text=True)
    assert do(lambda s: len(s.exec(select(SavedView)).all())) == 1


def test_only_filters_of_a_list_one_may_open_are_saved(sign_in, do):
    client = sign_in("coordinator")
    client.get("/views/new?page=claims.index&gate=payment", status=404)
    client.get("/views/new?page=today.show", status=404)
    client.post(
        "/views/new", {"page": "units.index", "name": "x", "q": "secret", "idempotency_key": "k" * 32}, status=422
    )
    assert do(lambda s: s.exec(select(SavedView)).all()) == []
