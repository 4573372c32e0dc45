"""What goes wrong on the way of an agreement is said clearly, and nothing typed is lost.

Elsewhere: a mandate that ends tomorrow, a unit covered by another version, ending while children live there, a file
that is not what its name says (test_agreement_life); two people in one clause (test_agreement_writing); a price that
changes in mid month (test_agreement_effect).
"""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import select

from agreements import triggers
from agreements.tables import AgreementParty, AgreementSignature
from placement.demo.accounts import body
from placement.people.tables import Organisation
from tests.placing import TODAY
from tests.web.test_agreement_life import NAMES, db, home, sent, shown_hash, tampere, text, version_of, words

__all__ = ["home", "tampere"]  # fixtures of the life of agreements, used here too


def test_signing_the_old_version_is_refused_and_says_what_is_new(app, sign_in, home, tampere):
    drafter, ref = sent(sign_in, home, tampere)
    slow = sign_in("state-signatory")
    old = shown_hash(slow, ref)
    sign_in("municipality-signatory").post(f"/agreements/{ref}/return", {"reason": "Paikkoja on liikaa."})
    typed = {"content_hash": old, "has_read": "y", "has_right": "y", "proof": NAMES["state-signatory"]}
    page = text(slow.post(f"/agreements/{ref}/sign", typed, status=409))
    assert "version 1" in words(page).lower()
    assert "Open the agreement" in page
    drafter.post(f"/agreements/{ref}/signature")
    assert version_of(app, ref, 2).status.value == "in-signing"
    page = text(slow.post(f"/agreements/{ref}/sign", typed, status=409))
    assert "is not the one in signing" in page
    assert 'value="sami  salonen"' in page
    assert page.count(" checked") == 2
    slow.post(f"/agreements/{ref}/sign", {**typed, "content_hash": shown_hash(slow, ref)})
    with db(app).read_only() as session:
        rows = session.exec(select(AgreementSignature)).all()
    assert [one.version_id for one in rows] == [version_of(app, ref, 2).id]


def test_a_party_that_merged_is_named_and_its_heir_takes_its_place(app, sign_in, home, tampere):
    drafter, ref = sent(sign_in, home, tampere)
    drafter.post(f"/agreements/{ref}/return", {"reason": "Kunta liittyi toiseen."})
    with db(app).transaction() as session:
        town = session.get(Organisation, int(tampere))
        town.valid_to = date(2026, 11, 23)
        heir = body(session, "municipality", "536", TODAY)
        session.add(town)
        key = heir.id
    page = words(text(drafter.post(f"/agreements/{ref}/signature", status=422)))
    assert "Tampere is no more. Save the parties again to name who acts after it." in page
    assert version_of(app, ref, 2).status.value == "draft"
    drafter.post(f"/agreements/{ref}/parties", {"seen": "0", "municipality": str(key), "municipality_signs": "y"})
    drafter.post(f"/agreements/{ref}/signature")
    with db(app).read_only() as session:
        named = {
            number: set(
                session.exec(
                    select(AgreementParty.organisation_id).where(
                        AgreementParty.version_id == version_of(app, ref, number).id
                    )
                )
            )
            for number in (1, 2)
        }
    assert int(tampere) in named[1]
    assert key in named[2]
    assert int(tampere) not in named[2]
    assert version_of(app, ref, 2).status.value == "in-signing"


@pytest.mark.parametrize("fragment", ['"content"', '"unit_id"'])
def test_a_frozen_text_with_a_changed_byte_is_told_and_not_exported(app, sign_in, home, tampere, fragment):
    """One byte makes the text another one, or no JSON at all: the page says so and still opens."""
    client, ref = sent(sign_in, home, tampere)
    with db(app).transaction() as session:
        for statement in triggers.unseal("agreement_frozen", "sqlite"):
            session.execute(sa.text(statement))
        session.execute(sa.text("UPDATE agreement_frozen SET canonical = replace(canonical, :one, :other)"),
                        {"one": fragment, "other": fragment[:-1] + "!"})  # fmt: skip
    assert "The text differs from the one that was frozen." in text(client.get(f"/agreements/{ref}/v/1"))
    page = words(text(client.get(f"/agreements/{ref}/v/1/agreement.json", status=409)))
    assert "The stored text differs from the one that was frozen." in page
