"""An identity code arrives late and belongs to a child who is here already: merged and undone from either record.

One record was made with a temporary number, the other has the code; each has stays, services, a school, a hearing, a
sibling and a decision with its letter. Whichever is kept, undoing gives back every row and every page as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from placement import models
from placement.audit.tables import AuditEvent
from placement.checks import everything
from placement.children.tables import Child, SiblingGroup, SiblingMember, SiblingMode
from placement.crypto import vault
from placement.decisions.drafts import Start
from placement.decisions.tables import DecisionDocument, Stay
from placement.integration import merging, path_service, service
from placement.integration.path_rules import HearingPart
from placement.integration.service import NewService
from placement.web.child_merge import WORDS
from tests.conftest import NOW
from tests.deciding import decide
from tests.placing import TODAY, actor, add_child, add_school, add_stay, add_unit, person

DAY = timedelta(days=1)
BORN, CODE, NUMBER = date(2011, 3, 14), "140311A900A", "M-77"
REASON = "Henkilötunnus saapui ja kuuluu samalle nuorelle."
WRITTEN_ANEW = {"version", "updated_at"}
SESSIONS_AND_TRAIL = {"use_log", "audit_event", "audit_anchor", "child_merge", "idempotency_key", "user_session"}
LETTER = b"%PDF-1.7 the letter as it was given"


@pytest.fixture
def do(app: Any) -> Callable[[Callable[[Session], Any]], Any]:
    return app.extensions["placement"].database.write


@pytest.fixture
def world(do: Any) -> dict[str, str]:
    """The record with the code has a stay that is over and waits; the other one lives in a unit by a decision."""

    def work(session: Session) -> dict[str, str]:
        home = add_unit(session, "Koivukoti", places=4)
        found = {}
        for key, codes in (("coded", {"identity_code": CODE}), ("numbered", {"temporary_number": NUMBER})):
            index = {f"{name.split('_')[0]}_index": vault.blind_index(code) for name, code in codes.items()}
            worker = person(session, "social-worker").id
            child = add_child(session, key.title(), birth_date=BORN, worker_id=worker, **codes, **index)
            found[key] = child.ref
            hang(session, child)
            sibling = add_child(session, "Sisko", worker_id=worker)
            group = SiblingGroup(county_id=child.county_id, mode=SiblingMode.MUST)
            session.add(group)
            session.flush()
            session.add_all(SiblingMember(child_id=one.id or 0, group_id=group.id or 0) for one in (child, sibling))
            if key == "coded":
                add_stay(session, child, home, start=TODAY - 90 * DAY, end=TODAY - 30 * DAY)
                continue
            made = decide(session, actor(session, "social-worker"), Start(child.ref, home.ref, start=TODAY), NOW)
            session.add(
                DecisionDocument(
                    decision_id=made.id or 0,
                    language=made.language,
                    legal_text=True,
                    sha256=sha256(LETTER).hexdigest(),
                    content=LETTER,
                )
            )
            session.exec(select(Stay).where(Stay.child_id == child.id)).one().realised_start = TODAY
            found["decision"] = made.ref
        return found

    found: dict[str, str] = do(work)
    return found


def hang(session: Session, child: Child) -> None:
    """Give the record services, a school and a hearing of its own."""
    worker = actor(session, "social-worker")
    for kind in ("guidance_advice", "third_sector"):
        service.owe(session, worker, child.ref, NewService(kind, TODAY), at=NOW)
    add_school(session, child, from_on=TODAY - 60 * DAY, to_on=TODAY - 40 * DAY)
    heard = HearingPart("child", "placement", "heard", TODAY - 9 * DAY, "conversation", "so", said=f"Sanoi {child.ref}")
    path_service.write(session, worker, child.ref, heard, at=NOW)


def every_row(session: Session) -> dict[str, list[Any]]:
    """Return every row of every table, but what a merge is to write anew: versions, events and looks."""
    return {
        table.name: sorted(
            repr({key: value for key, value in row._mapping.items() if key not in WRITTEN_ANEW})
            for row in session.execute(sa.select(table))
        )
        for table in models.metadata.sorted_tables
        if table.name not in SESSIONS_AND_TRAIL
    }


def shown(client: Any, address: str) -> str:
    """Return what a page says, without keys and versions of forms."""
    page = client.get(address).get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split())


@pytest.mark.parametrize(("kept", "lang"), [("coded", "fi"), ("numbered", "sv"), ("numbered", "en")])
def test_either_record_is_kept_and_undoing_gives_back_what_there_was(sign_in, do, world, kept, lang):
    merged = "numbered" if kept == "coded" else "coded"
    client, stays, goes = sign_in("social-worker", lang), world[kept], world[merged]
    pages = [f"/children/{ref}/{page}" for ref in (stays, goes) for page in ("path", "services", "placement")]
    pages.append(f"/decisions/{world['decision']}")
    before, seen = do(every_row), {page: shown(client, page) for page in pages}
    url = f"/children/{stays}/merge"
    typed = {"other": goes, "reason": REASON}

    plan = shown_answer(client.post(url, typed, status=200))
    assert (CODE_WORDS[lang] in plan) is (kept == "numbered")
    assert do(every_row) == before
    client.post(url, {**typed, "merge": "1"})

    path = client.get(f"/children/{stays}/path").get_data(as_text=True)
    assert all(f"/children/{stays}/path/{what}/2" in path for what in ("hearing", "school"))
    assert do(lambda s: counted(s, stays)) == {"stay": 2, "child_service": 4, "school_place": 2, "child_hearing": 2}
    assert do(lambda s: set(counted(s, goes).values())) == {0}
    for code in (CODE, NUMBER):
        assert client.post("/children/find", {"code": code}).headers["Location"] == f"/children/{stays}"
    assert CODE in identity(do, stays)
    assert client.get(f"/decisions/{world['decision']}.pdf").get_data() == LETTER
    assert do(breaches) == []
    client.post(f"/children/{goes}/merge/undo", {}, status=404)

    client.post(f"{url}/undo", {})
    assert goes in shown(client, f"/children/{stays}/path")
    assert do(every_row) == before
    assert {page: shown(client, page) for page in pages} == seen
    for code, ref in ((CODE, world["coded"]), (NUMBER, world["numbered"])):
        assert client.post("/children/find", {"code": code}).headers["Location"] == f"/children/{ref}"
    assert client.get(f"/decisions/{world['decision']}.pdf").get_data() == LETTER
    assert do(breaches) == []
    client.post(f"{url}/undo", {}, status=404)


CODE_WORDS = {
    "fi": "Henkilötunnus, joka tästä tietueesta puuttuu",
    "sv": "Personbeteckningen, som saknas i denna post",
    "en": "The identity code, which this record lacks",
}


def shown_answer(answer: Any) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def counted(session: Session, ref: str) -> dict[str, int]:
    child = session.exec(select(Child).where(Child.ref == ref)).one()
    tables = {name: models.metadata.tables[name] for name in ("stay", "child_service", "school_place", "child_hearing")}
    return {
        name: session.execute(
            sa.select(sa.func.count()).select_from(table).where(table.c.child_id == child.id)
        ).scalar_one()
        for name, table in tables.items()
    }


def identity(do: Any, ref: str) -> str:
    return str(do(lambda s: s.exec(select(Child.identity_code).where(Child.ref == ref)).one()))


def breaches(session: Session) -> list[str]:
    wanted = {f"C{n}" for n in range(1, 19)} | {"X1", "X6", "X7"}
    return [f"{one.id} {text}" for one in everything.run(session, NOW) if one.id in wanted for text in one.breaches]


def test_a_code_that_was_corrected_since_stays_and_one_given_away_is_not_taken_back(sign_in, do, world):
    client, url = sign_in("social-worker", "en"), f"/children/{world['numbered']}/merge"
    client.post(url, {"other": world["coded"], "reason": REASON, "merge": "1"})

    def rewrite(session: Session, ref: str, code: str) -> None:
        child = session.exec(select(Child).where(Child.ref == ref)).one()
        child.identity_code, child.identity_index = code, vault.blind_index(code)
        session.add(child)

    third = do(lambda s: add_child(s, "Kolmas").ref)
    do(lambda s: rewrite(s, world["numbered"], "140311A901B"))
    do(lambda s: rewrite(s, third, CODE))
    assert "Another record has the identity code now" in shown_answer(client.post(f"{url}/undo", {}, status=409))
    do(lambda s: rewrite(s, third, "140311A902C"))
    client.post(f"{url}/undo", {})
    assert (identity(do, world["numbered"]), identity(do, world["coded"])) == ("140311A901B", CODE)
    event = do(lambda s: s.exec(select(AuditEvent).where(AuditEvent.action == "children-merged")).one().after)
    assert '"identity_code"' in event
    assert CODE not in event


def test_every_table_whose_rows_go_over_has_a_word():
    assert {table.name for table, _column in merging._references()} == set(WORDS)
