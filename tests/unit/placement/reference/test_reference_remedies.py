"""Remedies by kind of decision, hearing by age, legal bases and the way they are cited."""

from datetime import date, timedelta

import pytest

from placement import reference
from placement.reference import NotInForce, ReferenceFault, UnknownCode, cite, legal_bases, remedy
from placement.reference.remedies import _legal_basis, _remedy
from placement.reference.rows import Row

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("kind", ["placement", "support", "reimbursement", "payment", "recovery"])
def test_a_rectification_may_be_requested_within_30_days(kind):
    found = remedy(kind, TODAY)
    assert (found.remedy, found.days, found.addressed_to) == ("rectification", 30, "deciding_authority")
    assert "681/2023 " in found.source
    assert found.sentences[0].key == "rectification"


def test_direction_to_a_municipal_place_is_not_appealable():
    found = remedy("direction", TODAY)
    assert (found.remedy, found.days, found.addressed_to) == ("none", None, None)
    assert found.source == "681/2023 §95.5"
    assert [sentence.key for sentence in found.sentences] == ["direction_not_appealable"]
    assert found.last_day(TODAY) is None


def test_the_decision_on_a_rectification_goes_to_the_administrative_court():
    found = remedy("rectification", TODAY)
    assert (found.remedy, found.days, found.addressed_to) == ("appeal", 30, "administrative_court")


def test_the_provision_changed_with_2025():
    assert remedy("placement", date(2024, 12, 31)).source == "1301/2014 §50; 434/2003 §49c"
    assert remedy("placement", date(2025, 1, 1)).source == "681/2023 §33.2 §95.1; 434/2003 §49c"
    with pytest.raises(NotInForce):
        remedy("direction", date(2024, 12, 31))


def test_a_guide_for_a_child_names_the_childs_own_right():
    keys = {kind: [s.key for s in remedy(kind, TODAY).sentences] for kind in ("placement", "payment")}
    assert "rectification_child" in keys["placement"]
    assert "rectification_child" not in keys["payment"]


def test_the_sentences_say_the_number_of_days_that_the_data_says():
    for found in reference.decision_kinds(TODAY):
        for sentence in found.sentences:
            if "days" in sentence.text and sentence.key != "rectification_closing_time":
                assert f"{found.days} days" in sentence.text


@pytest.mark.parametrize(
    ("served", "last"),
    [
        (date(2026, 11, 2), date(2026, 12, 2)),
        (date(2026, 11, 6), date(2026, 12, 7)),  # Sunday and Independence Day
        (date(2026, 11, 5), date(2026, 12, 7)),  # Saturday
        (date(2026, 11, 24), date(2026, 12, 28)),  # Christmas Eve, Christmas, a weekend
        (date(2026, 5, 20), date(2026, 6, 22)),  # Midsummer Eve
        (date(2026, 4, 1), date(2026, 5, 4)),  # May Day before a weekend
    ],
)
def test_the_time_ends_on_a_day_on_which_the_authority_is_open(served, last):
    assert remedy("placement", TODAY).last_day(served) == last


def test_each_served_person_has_the_own_time():
    found = remedy("placement", TODAY)
    child, representative = date(2026, 11, 2), date(2026, 11, 3)
    assert found.last_day(representative) - found.last_day(child) == timedelta(days=1)


def test_an_unknown_kind_of_decision_has_no_remedy_and_no_basis():
    with pytest.raises(UnknownCode):
        remedy("adoption", TODAY)
    with pytest.raises(UnknownCode, match="no legal basis is listed for adoption"):
        legal_bases("adoption", TODAY)


def test_a_placement_in_a_home_rests_on_these_provisions():
    sources = [basis.source for basis in legal_bases("placement", TODAY, "family_group_home")]
    assert sources == [
        "681/2023 §33.1-2",
        "681/2023 §4; 417/2007 §4.2",
        "1301/2014 §36",
        "1301/2014 §12",
        "1301/2014 §22a",
        "434/2003 §34",
        "434/2003 §14.3",
        "434/2003 §44",
        "434/2003 §45",
    ]


@pytest.mark.parametrize(
    ("kind", "own"),
    [("foster_home", "263/2015 §3"), ("supported_housing", "1301/2014 §14"), (None, None)],
)
def test_a_placement_elsewhere_rests_on_the_provision_of_its_kind(kind, own):
    sources = {basis.source for basis in legal_bases("placement", TODAY, kind)}
    assert "1301/2014 §22a" not in sources
    assert own is None or own in sources


def test_the_provision_on_arranging_care_changed_with_2025():
    def arranging(day):
        return [b.source for b in legal_bases("placement", day) if b.about == "care_arranged"]

    assert arranging(date(2024, 12, 31)) == ["1386/2010 §28"]
    assert arranging(date(2025, 1, 1)) == ["681/2023 §33.1-2"]


@pytest.mark.parametrize(
    ("age", "rules"),
    [
        (11, ["opinion"]),
        (12, ["opinion", "formal_hearing"]),
        (14, ["opinion", "formal_hearing"]),
        (15, ["opinion", "formal_hearing", "own_right"]),
    ],
)
def test_a_child_is_heard_from_12_and_speaks_from_15(age, rules):
    born = reference.birthday(date(1, 1, 1), 0).replace(year=TODAY.year - age, month=11, day=24)
    assert [rule.key for rule in reference.hearing_rules(born, TODAY)] == rules


def test_hearing_begins_on_the_birthday_itself():
    twelve, fifteen = date(2014, 11, 24), date(2011, 11, 24)
    eve = TODAY - timedelta(days=1)
    assert reference.must_be_heard_formally(twelve, TODAY)
    assert not reference.must_be_heard_formally(twelve, eve)
    assert reference.has_own_right_to_speak(fifteen, TODAY)
    assert not reference.has_own_right_to_speak(fifteen, eve)


def test_the_opinion_rule_moved_to_the_integration_act_in_2025():
    def opinion(day):
        return [r.source for r in reference.hearing_rules(date(2020, 1, 1), day) if r.key == "opinion"]

    assert opinion(date(2024, 12, 31)) == ["417/2007 §20.1"]
    assert opinion(date(2025, 1, 1)) == ["681/2023 §4.2"]


@pytest.mark.parametrize(
    ("source", "fi", "sv", "en"),
    [
        (
            "681/2023 §33.1-2",
            "laki kotoutumisen edistämisestä (681/2023) 33 § 1–2 mom.",
            "lagen om främjande av integration (681/2023) 33 § 1–2 mom.",
            "Integration Act (681/2023) section 33(1–2)",
        ),
        (
            "1301/2014 §22a",
            "sosiaalihuoltolaki (1301/2014) 22 a §",
            "socialvårdslagen (1301/2014) 22 a §",
            "Social Welfare Act (1301/2014) section 22a",
        ),
        (
            "681/2023 §55.1(7)",
            "laki kotoutumisen edistämisestä (681/2023) 55 § 1 mom. 7 kohta",
            "lagen om främjande av integration (681/2023) 55 § 1 mom. 7 punkten",
            "Integration Act (681/2023) section 55(1)(7)",
        ),
    ],
)
def test_a_provision_is_cited_as_officials_write_it(source, fi, sv, en):
    assert (cite(source, "fi"), cite(source, "sv"), cite(source, "en")) == ((fi,), (sv,), (en,))


def test_several_places_are_cited_one_by_one():
    assert len(cite("681/2023 §4 §33.2; 434/2003 §45", "fi")) == 3


@pytest.mark.parametrize("bad", ["681/2023 §", "681/2023 33", "681/2023 §33.x", "1/1 §1", ""])
def test_a_source_that_cannot_be_read_is_refused(bad):
    with pytest.raises(ValueError):
        cite(bad, "fi")


REMEDY = {
    "decision": "x",
    "label": "X",
    "remedy": "rectification",
    "days": "30",
    "addressed_to": "deciding_authority",
    "sentences": "rectification",
    "valid_from": "2025-01-01",
    "valid_to": "",
    "source": "681/2023 §95.1",
    "certainty": "seen",
}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"days": ""}, "do not fit together"),
        ({"remedy": "none"}, "do not fit together"),
        ({"remedy": "prayer"}, "give one of rectification, appeal, none"),
        ({"sentences": "no_such"}, "add the sentence to remedy_sentences.csv"),
        ({"sentences": ""}, "sentences is empty"),
    ],
)
def test_a_faulty_remedy_row_is_named(change, what):
    _remedy(Row("r.csv", 3, REMEDY))
    with pytest.raises(ReferenceFault, match=r"r\.csv line 3") as refused:
        _remedy(Row("r.csv", 3, REMEDY | change))
    assert what in str(refused.value)


def test_a_legal_basis_of_an_unknown_unit_kind_is_a_fault():
    cells = {"decision": "placement", "about": "home", "unit_kinds": "hotel", "source": "681/2023"}
    with pytest.raises(ReferenceFault, match="unit_kinds names hotel"):
        _legal_basis(Row("b.csv", 2, cells))
