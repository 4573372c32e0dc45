"""Sentences for what the child's path and its services refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSED = {
    "service-open-already": _l("This service is owed already. Open it instead of adding it again."),
    "giver-unknown": _l("Choose who gives the service from the list."),
    "service-not-in-force": _l("On %(day)s the law knew no such service. Give another day."),
    "pathway-unknown": _l("Choose a pathway."),
    "nothing-chosen": _l("Tick at least one step that is not owed yet."),
    "given-already": _l("This person has it already."),
    "not-your-client": _l("The child is another worker's client. That worker or the county lead can give it on."),
    "service-done": _l("The service is delivered or closed already."),
    "before-event": _l("Give a day from %(day)s on: that is the day the time is counted from."),
    "text-missing": _l("Write a few words."),
    "member-unknown": _l("Choose somebody of the family from the list."),
    "answer-missing": _l("Answer this: %(field)s."),
    "earlier-day-missing": _l("Give the earlier day first."),
    "days-crossed": _l("Give a day from %(day)s on."),
    "ground-missing": _l("Choose the ground: a child's opinion may be left unasked only on one of these."),
    "objection-unheard": _l("Only somebody who was heard can object. Change what happened, or take the tick away."),
    "protocol-not-there": _l("The child did not live in this home on that day."),
    "protocol-home-only": _l("Choose a family group home of your county: these measures exist only there."),
    "hearing-unknown": _l("Choose an earlier hearing of this child."),
    "merge-reason-short": _l("Write at least %(least)s characters: how you know that it is the same person."),
    "merge-code-taken": _l("Another record has the identity code now. Correct that record first."),
    "merge-undo-late": _l("A merge can be undone for %(days)s days. Correct the records by hand instead."),
    "merge-same": _l("This is the same record. Write the reference of the other one."),
    "merge-two-codes": _l("The records have two different identity codes, so they are two people."),
    "merge-birth-dates": _l("The dates of birth differ. Correct the wrong one first."),
    "merge-stays": _l(
        "The records have stays on the same days, but one person lives in one place. Correct a stay first."
    ),
}
