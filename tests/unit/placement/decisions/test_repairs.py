from placement.decisions import repairs


def row(unit, *why, fit=500):
    return {"unit": unit, "why": list(why), "fit": fit}


FULL = {"code": "FULL", "from": "2026-12-01", "need": 1, "have": 0, "cap": 7, "until": None}
LANGUAGE = {"code": "LANGUAGE", "hours": 4, "unit": 1}
AGE = {"code": "AGE_BELOW", "age_months": 100, "least": 120}


def test_what_cannot_be_arranged_is_no_repair():
    assert repairs.smallest([row("A", AGE), row("B", AGE, LANGUAGE)]) == []


def test_the_fewest_steps_come_first_then_the_lightest_then_the_better_fit():
    units = [row("A", FULL, LANGUAGE), row("B", FULL), row("C", LANGUAGE, fit=1), row("D", LANGUAGE, fit=2)]
    assert [one["unit"] for one in repairs.smallest(units)] == ["D", "C", "B"]


def test_a_step_says_how_much_is_short():
    assert repairs.smallest([row("A", LANGUAGE)])[0]["steps"] == [{"code": "MORE_INTERPRETER_HOURS", "hours": 3}]


def test_two_facts_about_one_thing_are_one_step_of_the_larger_size():
    used = {"code": "INTERPRETER_HOURS_USED", "from": "2026-12-01", "need": 9, "have": 2, "cap": 9}
    steps = repairs.smallest([row("A", LANGUAGE, used)])[0]["steps"]
    assert steps == [{"code": "MORE_INTERPRETER_HOURS", "hours": 7}]


def test_a_unit_with_room_needs_no_repair():
    assert repairs.smallest([row("A")]) == []
