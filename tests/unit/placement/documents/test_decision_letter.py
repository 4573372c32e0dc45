"""The words of a placement decision: which text holds, what a translation says, whom the remedy names."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from placement.children.tables import Child, Gender
from placement.decisions import letters
from placement.decisions.letters import Facts, letter
from placement.decisions.tables import Decision
from placement.documents.letter import Letter
from placement.people.tables import Organisation, OrganisationKind, User
from placement.units.tables import Unit, UnitKind

DECIDED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def decision(**changes: Any) -> Decision:
    values: dict[str, Any] = {
        "ref": "DE-AAAA-BBBB", "county_id": 1, "child_id": 1, "unit_id": 1, "case_number": "DE 188/2026",
        "start": date(2026, 12, 1), "end": date(2028, 3, 14), "review_on": date(2027, 6, 1), "language": "fi",
        "assessment_on": date(2026, 11, 2), "child_hearing": "heard", "child_heard_on": date(2026, 11, 20),
        "child_heard_how": "conversation", "child_heard_language": "so", "child_opinion": "Haluan käydä koulua.",
        "representative_hearing": "heard", "representative_heard_on": date(2026, 11, 21),
        "representative_opinion": "Puoltaa.", "alternatives": "Haapa: ei yhteistä kieltä.", "reasons": "Koulu lähellä.",
        "legal_bases": json.dumps(["care_arranged", "best_interests"]), "broken_rules": "[]", "prepared_by": 1,
        "decided_by": 1, "decided_on": TODAY, "decided_at": DECIDED, "created_at": DECIDED,
    }  # fmt: skip
    return Decision(**{**values, **changes})


def facts(born: date = date(2010, 3, 14), *, second: User | None = None, demo: bool = True, **changes: Any) -> Facts:
    child = Child(
        ref="CH-AAAA-BBBB", county_id=1, first_name="Aava", last_name="Esimerkki", birth_date=born,
        gender=Gender.GIRL, eligibility_ground="permit_after_application", entered_on=date(2026, 1, 1),
        representative_name="Raimo Rauta", created_at=DECIDED, updated_at=DECIDED,
    )  # fmt: skip
    county = Organisation(
        kind=OrganisationKind.COUNTY, name_fi="Pirkanmaan hyvinvointialue", name_sv="Birkalands välfärdsområde",
        name_en="Wellbeing Services County of Pirkanmaa",
    )  # fmt: skip
    return Facts(
        decision=decision(**changes), child=child, unit=Unit(name="Koivu", kind=UnitKind.FAMILY_GROUP_HOME),
        county=county, decider=User(name="Liisa Lehtinen", title="social worker"), second=second, decided_on=TODAY,
        demo=demo,
    )  # fmt: skip


def said(one: Letter) -> str:
    lines = [one.title, one.note or "", *(f"{label}: {value}" for label, value in one.facts)]
    for section in one.sections:
        lines += [section.title, *(text.text for text in section.texts), *section.items]
        lines += [f"{label}: {value}" for label, value in section.rows]
    return "\n".join(lines)


@pytest.mark.parametrize("lang", ["fi", "sv"])
def test_the_text_in_the_decisions_own_language_is_no_translation(lang):
    assert letter(facts(language=lang), lang).note is None


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("sv", "Detta är en översättning. Beslutets officiella text är på finska."),
        ("en", "This is a translation. The legal text of the decision is in Finnish."),
    ],
)
def test_every_other_text_says_that_it_is_a_translation_and_which_text_holds(lang, words):
    note = letter(facts(), lang).note
    assert note is not None
    assert note.startswith(words)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fi", ["Päätös asumisen järjestämisestä", "Pirkanmaan hyvinvointialue", "1.12.2026", "30 päivän", "somali"]),
        ("sv", ["Beslut om ordnande av boende", "Birkalands välfärdsområde", "1.12.2026", "30 dagar", "somaliska"]),
        ("en", ["Placement decision", "Wellbeing Services County of Pirkanmaa", "1 December 2026", "30", "Somali"]),
    ],
)
def test_each_language_says_who_decided_what_from_when_and_how_to_object(lang, words):
    text = said(letter(facts(), lang))
    assert [
        one for one in [*words, "Aava Esimerkki", "Koivu", "Liisa Lehtinen", "DE 188/2026"] if one not in text
    ] == []


@pytest.mark.parametrize("lang", letters.LANGUAGES)
def test_what_was_typed_stands_in_every_language_as_it_was_written(lang):
    text = said(letter(facts(), lang))
    for typed in ("Haluan käydä koulua.", "Puoltaa.", "Haapa: ei yhteistä kieltä.", "Koulu lähellä."):
        assert typed in text


def test_a_child_of_fifteen_is_told_of_the_own_right_and_a_younger_one_is_not():
    own = said(letter(facts(born=date(2011, 11, 24)), "en"))
    younger = said(letter(facts(born=date(2011, 11, 25)), "en"))
    assert "A child aged 15 or over may request" in own
    assert "served on the child and on the representative" in own
    assert "A child aged 15 or over" not in younger
    assert "served on the representative" in younger


def test_only_the_provisions_that_were_chosen_are_cited():
    text = said(letter(facts(legal_bases=json.dumps(["reasons"])), "fi"))
    assert "hallintolaki (434/2003) 45 §" in text
    assert "681/2023" not in text


def test_a_child_who_was_not_heard_is_explained_by_the_ground_and_the_reason():
    text = said(
        letter(
            facts(child_hearing="manifestly_unnecessary", child_opinion=None, child_not_heard_reason="Kuultu 2.11."),
            "en",
        )
    )
    assert "Why the child was not heard" in text
    assert "manifestly unnecessary" in text
    assert "Kuultu 2.11." in text


def test_a_broken_rule_is_named_with_its_reason_and_the_second_official():
    second = User(name="Johanna Järvelä", title="county lead")
    changes = {
        "broken_rules": json.dumps([{"code": "age-below", "about": {}}]),
        "deviation_reason": "Sisko asuu lähellä.",
        "second_official_at": DECIDED,
        "second_official_reason": "Perusteltu.",
    }
    text = said(letter(facts(second=second, **changes), "en"))
    for words in ("younger than the unit's age band", "Sisko asuu lähellä.", "Johanna Järvelä", "Perusteltu."):
        assert words in text
    assert "differs from the proposal" not in said(letter(facts(), "en"))


def test_every_rule_that_may_be_broken_has_its_words():
    from placement.decisions.rules import BY_SECOND_OFFICIAL

    assert set(letters.rule_words(str)) == BY_SECOND_OFFICIAL


def test_real_decisions_carry_no_demo_mark():
    assert letter(facts(), "fi").demo is not None
    assert letter(replace(facts(), demo=False), "fi").demo is None
