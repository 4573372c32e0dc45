"""The county asks the parties before signing: they see the text, comment on its clauses, and confirm it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from agreements.life_tables import AgreementComment
from placement.audit.tables import AuditEvent
from placement.checks import everything
from tests.conftest import NOW
from tests.placing import TODAY
from tests.web.test_agreement_life import (
    all_sign,
    db,
    fill,
    home,
    new_agreement,
    tampere,
    text,
    typed,
    version_of,
    words,
)

__all__ = ["home", "tampere"]  # fixtures of the life of agreements, used here too


def asked(sign_in, home, tampere, lang="en"):
    """Write a draft of three parties and ask the others to confirm it."""
    client = sign_in("coordinator", lang)
    ref = new_agreement(client, tampere)
    fill(client, ref, home)
    sign_in("municipality-worker").get(f"/agreements/{ref}", status=404)
    assert 'id="ask-to-confirm"' in text(client.get(f"/agreements/{ref}/check"))
    client.post(f"/agreements/{ref}/hearing/send", {"due_on": typed(TODAY + timedelta(days=10))})
    return client, ref


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_party_that_is_asked_comments_on_a_clause_and_confirms(app, sign_in, home, tampere, lang):
    drafter, ref = asked(sign_in, home, tampere, lang)
    url = f"/agreements/{ref}/v/1/comments"
    worker = sign_in("municipality-worker", lang)
    assert 'id="group-agreements-to-confirm"' in text(worker.get("/today"))
    assert 'id="act-confirm"' in text(worker.get(f"/agreements/{ref}"))
    page = text(worker.get(url))
    assert 'value="clause-data_protection"' in page
    assert 'id="confirm-text"' in page
    worker.post(url, {"section": "clause-data_protection", "text": "Luovutusloki puuttuu."})
    worker.post(url, {"section": "confirmed"})
    worker.post(url, {"section": "confirmed"})
    page = text(worker.get(url))
    assert "Luovutusloki puuttuu." in page
    assert 'id="confirm-text"' not in page
    assert 'id="group-agreements-to-confirm"' not in text(worker.get("/today"))
    with db(app).read_only() as session:
        said = session.exec(select(AgreementComment.section).order_by(AgreementComment.id)).all()
        events = session.exec(select(AuditEvent.action).where(AuditEvent.action == "agreement-comment")).all()
    assert said == ["clause-data_protection", "confirmed"]
    assert len(events) == 2
    name = {"fi": "Tampere", "sv": "Tammerfors", "en": "Tampere"}[lang]
    page = text(drafter.get(f"/agreements/{ref}"))
    assert name in words(page[page.index('id="asked"') :][:600])


def test_it_is_sent_for_signature_whether_they_confirm_or_not(app, sign_in, home, tampere):
    drafter, ref = asked(sign_in, home, tampere)
    assert "Nobody has confirmed yet." in words(text(drafter.get(f"/agreements/{ref}")))
    drafter.post(f"/agreements/{ref}/signature")
    all_sign(sign_in, ref)
    drafter.post(f"/agreements/{ref}/activation", {"reason": ""})
    assert version_of(app, ref).activated_on == TODAY
    with db(app).transaction() as session:
        found = {one.id: one.breaches for one in everything.run(session, NOW)}
    assert [found[f"A{number}"] for number in range(1, 14)] == [[]] * 13


def test_nobody_confirms_for_another_nor_what_was_not_asked(app, sign_in, home, tampere):
    drafter, ref = asked(sign_in, home, tampere)
    url = f"/agreements/{ref}/v/1/comments"
    drafter.post(url, {"section": "confirmed"}, status=403)
    sign_in("other-reviewer").post(url, {"section": "confirmed"}, status=404)
    drafter.post(f"/agreements/{ref}/signature")
    sign_in("municipality-worker").post(url, {"section": "confirmed"}, status=403)
    sign_in("municipality-worker").post(url, {"section": "clause-nothing", "text": "x"}, status=422)
    with app.extensions["placement"].database.read_only() as session:
        assert session.exec(select(AgreementComment)).all() == []
