"""What a decision must say before it can be made, field by field, and who may make it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from placement.decisions import content_rules
from placement.decisions.content_rules import Circumstances, Content, MandateFacts
from placement.decisions.rules import Broken

TODAY = date(2026, 11, 24)
GROUNDS = frozenset({"endangers_health_or_development", "manifestly_unnecessary"})
WHOLE = Content(
    start=date(2026, 12, 1),
    end=date(2027, 12, 1),
    review_on=date(2027, 6, 1),
    assessment_on=date(2026, 11, 2),
    child_hearing="heard",
    child_heard_on=date(2026, 11, 20),
    child_heard_how="conversation",
    child_heard_language="so",
    child_opinion="…",
    representative_hearing="heard",
    representative_heard_on=date(2026, 11, 21),
    representative_opinion="…",
    alternatives="…",
    reasons="…",
    legal_bases=("care_arranged",),
)


def faults(content: Content, **around: Any) -> list[tuple[str, str | None]]:
    known = Circumstances(today=TODAY, hearing_grounds=GROUNDS, known_bases=frozenset({"care_arranged"}), **around)
    return [(one.code, one.field) for one in content_rules.missing(content, known)]


def test_a_whole_decision_lacks_nothing():
    assert faults(WHOLE) == []


@pytest.mark.parametrize(
    "field",
    [
        "start", "end", "review_on", "assessment_on", "child_heard_on", "child_heard_how", "child_heard_language",
        "child_opinion", "representative_heard_on", "representative_opinion", "alternatives", "reasons",
    ],
)  # fmt: skip
def test_each_missing_answer_is_asked_for_at_its_field(field):
    assert faults(replace(WHOLE, **{field: None})) == [(f"{field.replace('_', '-')}-missing", field)]


@pytest.mark.parametrize("field", ["assessment_on", "child_heard_on", "representative_heard_on"])
def test_what_was_done_was_not_done_tomorrow(field):
    assert faults(replace(WHOLE, **{field: TODAY})) == []
    assert faults(replace(WHOLE, **{field: TODAY + timedelta(days=1)})) == [("day-in-future", field)]


def test_a_child_who_was_not_heard_needs_one_of_the_two_grounds_and_a_reason():
    unheard = replace(WHOLE, child_heard_on=None, child_heard_how=None, child_opinion=None)
    assert faults(replace(unheard, child_hearing=None)) == [("child-hearing-missing", "child_hearing")]
    assert faults(replace(unheard, child_hearing="no-time")) == [("child-hearing-missing", "child_hearing")]
    ground = replace(unheard, child_hearing="manifestly_unnecessary")
    assert faults(ground) == [("child-not-heard-reason-missing", "child_not_heard_reason")]
    assert faults(replace(ground, child_not_heard_reason="…")) == []


@pytest.mark.parametrize("answer", ["not-heard", "no-representative"])
def test_a_representative_who_was_not_heard_needs_a_reason(answer):
    unheard = replace(WHOLE, representative_hearing=answer, representative_opinion=None)
    assert faults(unheard) == [("representative-not-heard-reason-missing", "representative_not_heard_reason")]
    assert faults(replace(unheard, representative_not_heard_reason="…")) == []


def test_the_next_look_lies_within_the_stay():
    for day in (WHOLE.start, WHOLE.end):
        assert faults(replace(WHOLE, review_on=day)) == []
    for day in (date(2026, 11, 30), date(2027, 12, 2)):
        assert faults(replace(WHOLE, review_on=day)) == [("review-outside", "review_on")]


PROVISIONAL = replace(
    WHOLE,
    kind="urgent",
    urgent_reason="…",
    start=TODAY,
    review_on=TODAY + timedelta(days=1),
    assessment_on=None,
    legal_bases=("care_arranged", "urgent"),
)
LATEST = date(2027, 2, 24)


def test_an_urgent_decision_is_looked_at_again_on_a_later_day_within_three_months():
    for day in (PROVISIONAL.review_on, LATEST):
        assert faults(replace(PROVISIONAL, review_on=day), latest_review=LATEST) == []
    today, late = replace(PROVISIONAL, review_on=TODAY), replace(PROVISIONAL, review_on=LATEST + timedelta(days=1))
    assert faults(today, latest_review=LATEST) == [("review-not-later", "review_on")]
    assert faults(late, latest_review=LATEST) == [("review-too-late", "review_on")]


def test_an_urgent_decision_is_refused_once_the_assessment_is_ready():
    assert faults(PROVISIONAL, assessed_on=None) == []
    assert faults(PROVISIONAL, assessed_on=TODAY) == [("urgent-assessed", "kind")]
    assert faults(replace(PROVISIONAL, assessment_on=TODAY)) == [("urgent-assessed", "kind")]
    assert faults(WHOLE, assessed_on=TODAY) == []


def test_an_urgent_decision_needs_its_reason_and_its_provision():
    assert faults(replace(PROVISIONAL, urgent_reason=None)) == [("urgent-reason-missing", "urgent_reason")]
    assert faults(replace(PROVISIONAL, legal_bases=("care_arranged",))) == [("urgent-basis-missing", "legal_bases")]


def test_a_provision_that_is_not_of_the_day_is_no_basis():
    assert faults(replace(WHOLE, legal_bases=("support",))) == [("legal-bases-missing", "legal_bases")]


def test_deciding_against_the_proposal_or_a_rule_needs_a_reason_and_otherwise_none():
    against = [("deviation-reason-missing", "deviation_reason")]
    assert faults(WHOLE, deviates=True) == against
    assert faults(WHOLE, broken=(Broken("gender"),)) == against
    assert faults(replace(WHOLE, deviation_reason="…"), deviates=True, broken=(Broken("gender"),)) == []


def test_siblings_apart_need_a_reason_of_their_own():
    apart = (Broken("siblings-must"),)
    assert faults(WHOLE, broken=apart) == [("siblings-apart-reason-missing", "siblings_apart_reason")]
    assert faults(replace(WHOLE, siblings_apart_reason="…"), broken=apart) == []


def test_a_confirmation_covers_the_rules_it_named_and_no_others():
    broken = (Broken("gender"), Broken("age-below"))
    assert content_rules.unconfirmed(broken, ["gender", "age-below"]) == ()
    assert content_rules.unconfirmed(broken, ["gender"]) == ("age-below",)


@pytest.mark.parametrize(
    ("spoken", "county", "written"),
    [
        (["so", "sv"], ("fi", "sv"), "sv"),
        (["fi", "sv"], ("fi", "sv"), "fi"),
        (["so"], ("fi", "sv"), "fi"),
        (["so"], ("sv", "fi"), "sv"),
        (["sv"], ("fi",), "fi"),
        ([], ("fi",), "fi"),
    ],
)
def test_the_legal_text_is_in_the_childs_finnish_or_swedish_where_the_county_has_both(spoken, county, written):
    assert content_rules.legal_language(spoken, county) == written


@pytest.mark.parametrize(
    ("changes", "found"),
    [({}, 5), ({"may_decide": False}, None), ({"holds": False}, None), ({"role": "coordinator"}, None)],
)
def test_only_a_mandate_to_decide_that_holds_today_in_this_role_counts(changes, found):
    mandate = replace(MandateFacts(5, "social-worker", may_decide=True, holds=True), **changes)
    assert content_rules.deciding_mandate([mandate], "social-worker") == found
