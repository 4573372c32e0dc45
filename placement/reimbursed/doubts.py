"""What stands against a line of a claim, as sentences: the problems of `claim_rules` and `hint_rules`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agreements.claim_values import Problem


def _l(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


Say = Callable[[str], str]
Write = Callable[[str, str], str]
"""Turns the name and the stored text of a fact into what a reader sees: a day, a sum, a unit, a kind of cost."""

DOUBTS = {
    "outside-period": _l("The days %(first)s–%(last)s are outside the period of the claim."),
    "two-years": _l("The line runs over the end of a year. Divide it into one line for each year."),
    "deadline-passed": _l("The last day to apply was %(deadline)s."),
    "ceiling-wrong": _l("The ceiling is %(ceiling)s."),
    "above-ceiling": _l("%(claimed)s is claimed, but days times price make %(ceiling)s."),
    "above-invoice": _l("%(claimed)s is claimed, but the invoice is %(invoiced)s."),
    "invoice-cut": _l("The invoice is %(over)s above days times price; that part is not claimed."),
    "days-have-no-sum": _l("Days alone cost nothing; the costs stand on lines of their own."),
    "negative": _l("A sum below zero is possible only as the correction of an earlier line."),
    "left-out-without-reason": _l("Write why the days are left out."),
    "voucher-missing": _l("The number of the voucher is missing."),
    "evidence-missing": _l("No evidence has been added."),
    "other-income": _l("%(cents)s of this was paid by somebody else."),
    "day-twice": _l("%(child)s is claimed twice on %(first)s–%(last)s."),
    "already-claimed": _l("The days %(first)s–%(last)s stand in claim %(claim)s."),
    "voucher-twice": _l("Voucher %(voucher)s stands on line %(line)s with the same sum and days."),
    "voucher-elsewhere": _l("Voucher %(voucher)s stands in claim %(claim)s."),
    "decision-missing": _l("No decision of the deciding centre covers %(kind)s from %(first)s."),
    "decision-exceeded": _l("The decision on claim %(decision)s is exceeded by %(over)s."),
    "above-agreed-places": _l("%(unit)s: %(days)s days are claimed, the agreed places make %(agreed)s days."),
    "calculated-compensation": _l(
        "On these days calculated compensation is paid for %(child)s; it holds interpreting."
    ),
    "corrects-unknown": _l("The line to be corrected is not a decided one."),
    "takes-back-too-much": _l("More is taken back than the %(approved)s that was approved."),
    "nothing-claimed": _l("Nothing is claimed."),
    "over-budget": _l("Agreement %(agreement)s: the budget of %(year)s for %(category)s is exceeded by %(over)s."),
    "unusual-sum": _l("%(a_day)s a day differs from earlier claims of the unit: %(lowest)s–%(highest)s a day."),
    "new-kind": _l("The unit has not been claimed for this kind of cost before."),
}
SUMS = frozenset({"ceiling", "claimed", "invoiced", "over", "cents", "approved", "a_day", "lowest", "highest"})
DAYS = frozenset({"first", "last", "deadline"})


def sentence(problem: Problem, say: Say, write: Write) -> str:
    """Return a problem as a sentence in the language of `say`, its facts as `write` shows them."""
    words = say(DOUBTS[problem.code])
    facts: Mapping[str, str] = {name: write(name, text) for name, text in problem.facts}
    return words % facts if facts else words
