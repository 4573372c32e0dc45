"""No coded fact reaches a page without a sentence, in any language."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import ClassVar

import pytest

from optimizer.problem import LEVEL_SENSES, REASON_CODES
from optimizer.repairs import Change, Repair
from placement.decisions import repairs
from placement.decisions.explanations import RULES_CHECKED
from placement.decisions.fairness import AGE_BANDS
from placement.decisions.fit_facts import FULL_CODES
from placement.decisions.weights import PRESETS
from placement.web import explaining

REFUSALS = {
    "AGE_BELOW": {"age_months": 100, "least": 120},
    "AGE_ABOVE": {"age_months": 220, "most": 215},
    "GENDER": {"child": "F", "unit": "M"},
    "SUPPORT_LEVEL": {"child": 4, "least": 1, "most": 2},
    "SERVICE_MISSING": {"service": "wheelchair", "hours": 0, "unit": None},
    "LANGUAGE": {"hours": 4, "unit": 2},
    "AGREEMENT_NOT_IN_FORCE": {"start": "2026-12-01", "end": "2027-01-01", "from": "2026-01-01", "to": "2026-12-08"},
    "NO_QUOTA": {},
    "FORBIDDEN": {},
    "CAPACITY": {"resource": "lang:so", "hours": 5, "unit": 3},
    "SIBLING": {"reasons": ["GENDER"]},
}
FULL = {"from": "2026-12-01", "need": 2, "have": 1, "cap": 7, "until": None}
OF = {"LANGUAGE_HOURS_USED": "so", "SERVICE_HOURS_USED": "trauma", "QUOTA_USED": "08"}


@pytest.fixture(params=["fi", "sv", "en"])
def reader(app, request):
    with app.test_request_context(f"/?lang={request.param}"):
        yield request.param


def facts():
    for code in REASON_CODES:
        yield {"code": code, **REFUSALS[code]}
    for code in FULL_CODES.values():
        yield {"code": code, **FULL, "count": 1, "of": OF.get(code, "")}


@pytest.mark.parametrize("fact", list(facts()), ids=lambda fact: fact["code"])
def test_every_refusal_has_a_sentence_and_a_short_form(reader, fact):
    assert explaining.why_not(fact)
    assert "1 " in explaining.conflict({"code": fact["code"], "units": 1})


@pytest.mark.parametrize(
    "what", ["beds", "quota:08", "care", "interp", "lang:so", "serv:trauma", "serv:wheelchair", "window"]
)
def test_every_change_that_a_repair_may_consist_of_has_a_sentence(reader, what):
    class Register:
        unit_by_id: ClassVar = {"UN-1": SimpleNamespace(services={"trauma": 3})}

    repair = Repair("CH-1", "UN-1", (Change("UN-1", what, 2, 3, 9),), (("CH-2", "UN-1", "UN-2"),))
    told = repairs.told(Register(), [repair], date(2026, 11, 23), {})
    words = explaining.step(told[0]["steps"][0])
    assert words
    assert {"wheelchair", "trauma", "so"}.isdisjoint(re.split(r": | \(", words))


def test_a_place_that_becomes_free_is_told_with_its_day(reader):
    assert "14" in explaining.why_not({"code": "FULL", **FULL, "until": "2027-05-14"})


@pytest.mark.parametrize(
    "cause", ["not-open-yet", "closed-down", "not-registered", "no-agreement", "no-places", "closure"]
)
def test_a_unit_without_places_says_why_and_is_never_called_full(reader, cause):
    assert explaining.why_not({"code": "NOT_IN_USE", "cause": cause})
    assert "1 " in explaining.conflict({"code": "NOT_IN_USE", "units": 1})


def test_places_in_a_unit_that_waits_for_its_agreement_mean_the_agreement(reader):
    repair = Repair("CH-1", "UN-1", (Change("UN-1", "beds", 1, 3, 9),), ())
    told = repairs.told(SimpleNamespace(), [repair], date(2026, 11, 23), {"UN-1": "no-agreement"})
    assert told[0]["steps"] == [{"code": "AGREEMENT_IN_FORCE", "unit": "UN-1"}]
    assert explaining.step(told[0]["steps"][0])


def test_the_cost_is_told_as_money_and_the_other_goals_as_numbers(reader):
    assert "€" in explaining.level_value({"name": "cost", "value": 9_546_180})
    assert "€" not in explaining.level_value({"name": "fit", "bound": 3_294}, "bound")


def test_only_what_tells_a_place_from_others_stands_beside_it():
    assert not explaining.tells_apart({"code": "distance", "km": None, "points": 100})
    assert not explaining.tells_apart({"code": "schooling", "needed": False, "given": True})
    assert not explaining.tells_apart({"code": "stability", "how": "new"})
    assert not explaining.tells_apart({"code": "wish", "rank": None})
    assert explaining.tells_apart({"code": "distance", "km": 0})
    assert explaining.tells_apart({"code": "language", "language": None})


def test_every_rule_goal_weight_and_group_has_its_words(reader):
    for code in RULES_CHECKED:
        assert explaining.rule_title(code)
    for name in LEVEL_SENSES:
        if name != "fairness":
            assert explaining.level_name(name)
            assert explaining.level_meaning(name)
    for key in PRESETS:
        assert explaining.preset_name(key)
    for *_limits, band in AGE_BANDS:
        assert explaining.group_name("age", band)
    for kind, group in (("language", "so"), ("language", "none"), ("sex", "F"), ("sex", "others")):
        assert explaining.group_kind(kind)
        assert explaining.group_name(kind, group)


@pytest.mark.parametrize(
    "fact",
    [
        {"code": "language", "language": "so", "level": 5, "points": 300, "of": 300},
        {"code": "language", "language": None, "level": 0, "points": 30, "of": 300},
        {"code": "distance", "km": 1, "points": 190, "of": 200},
        {"code": "distance", "km": None, "points": 100, "of": 200},
        {"code": "wish", "rank": 1, "points": 150, "of": 150},
        {"code": "wish", "rank": None, "points": 0, "of": 150},
        *({"code": "stability", "how": how, "points": 1, "of": 200} for how in ("new", "stays", "moves")),
        *({"code": "schooling", "needed": needed, "given": given} for needed in (0, 1) for given in (0, 1)),
        {"code": "siblings", "together": 1, "others": 1},
        {"code": "siblings", "together": 0, "others": 2},
    ],
    ids=str,
)
def test_every_reason_has_a_sentence(reader, fact):
    assert explaining.reason(fact)
    assert explaining.score_name(fact["code"])
