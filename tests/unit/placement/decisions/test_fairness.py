from dataclasses import replace

from optimizer.problem import Child
from placement.decisions.fairness import report


def child(number, language="so", months=180, gender="F", wishes=()):
    return Child(
        id=f"CH-{number}",
        age_months=months,
        gender=gender,
        languages={language: 5},
        services={},
        support_level=2,
        care_hours=14,
        language_hours=3,
        interpreter_hours=3,
        group="all",
        county="08",
        relatives=None,
        current=None,
        start=0,
        end=52,
        priority=2,
        waiting_days=10 * number,
        wishes=wishes,
        forbidden=(),
    )


class Register:
    def __init__(self, *children):
        self.children = children


def rows(children, assignment, kind):
    return {row["group"]: row for row in report(Register(*children), assignment) if row["kind"] == kind}


def test_groups_are_counted_by_what_happened_to_them():
    children = [child(1, wishes=("UN-1",)), child(2, wishes=("UN-1",)), child(3)]
    found = rows(children, {"CH-1": "UN-1", "CH-2": "UN-2", "CH-3": None}, "language")["so"]
    assert (found["children"], found["placed"], found["wishing"], found["first_wish"]) == (3, 2, 2, 1)
    assert found["mean_days_waited"] == 20


def test_a_group_of_two_is_not_shown_by_itself():
    children = [*(child(number) for number in range(1, 4)), child(4, "prs"), child(5, "prs"), child(6, "ar")]
    assert set(rows(children, {}, "language")) == {"so", "others"}
    assert set(rows(children[:5], {}, "language")) == {"so"}


def test_those_who_keep_their_place_are_not_counted():
    locked = [replace(child(number), locked="UN-1") for number in range(1, 6)]
    assert report(Register(*locked), {}) == []
