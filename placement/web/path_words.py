"""Words of the child's path: what each dated item says, and the codes of hearings, representatives and protocols."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from placement.integration.timeline import Item
from placement.web.i18n import day, lang, language_name
from placement.web.service_words import service_name

ITEMS = {
    "client-since": _l("Client of the county"),
    "permit": _l("Residence permit granted"),
    "residence": _l("Municipality of residence registered"),
    "turns-18": _l("Turns 18: leaves the home for children, the representative's task ends"),
    "turns-23": _l("Turns 23: the right to support has ended the day before"),
    "right-ends": _l("The right ends by the rule of today"),
    "birth-date-corrected": _l("Date of birth corrected: %(before)s → %(after)s"),
    "decided-placement": _l("Placement decision %(case)s"),
    "decided-confirms": _l("Placement decision %(case)s confirms the place that the urgent decision gave"),
    "decided-urgent": _l("Urgent placement decision %(case)s, before the assessment was ready"),
    "document-kept": _l("Decision %(case)s kept as a document"),
    "review": _l("Decision %(case)s is looked at again"),
    "child-heard": _l("Child heard before the decision (%(language)s)"),
    "representative-heard": _l("Representative heard before the decision"),
    "moved-in": _l("Moved in: %(unit)s"),
    "moves-in": _l("Moves in: %(unit)s"),
    "moved-out": _l("Moved out: %(unit)s"),
    "moves-out": _l("Leaves at the latest: %(unit)s"),
    "assessment-contact": _l("Need of services came to notice"),
    "assessment-started": _l("Assessment of service needs begun"),
    "assessment-ready": _l("Assessment of service needs ready"),
    "hearing-heard": _l("Hearing about %(about)s: %(whose)s heard (%(language)s)"),
    "hearing-interpreter-absent": _l("Hearing about %(about)s: the interpreter did not come"),
    "hearing-not-heard": _l("Hearing about %(about)s: %(whose)s not heard"),
    "representative-applied": _l("Representative applied for at the district court"),
    "representative-appointed": _l("Representative appointed: %(court)s"),
    "representative-ended": _l("Representative's task ended: %(reason)s"),
    "family-arrived": _l("Arrived: %(relationship)s"),
    "family-expected": _l("Expected: %(relationship)s"),
    "school-began": _l("Began school: %(school)s, %(town)s (%(education)s)"),
    "school-begins": _l("Begins school: %(school)s, %(town)s (%(education)s)"),
    "school-ended": _l("Last day in the school: %(school)s (%(education)s)"),
    "school-ends": _l("Last day in the school at the latest: %(school)s (%(education)s)"),
    "protocol-seizure": _l("Protocol of a seizure"),
    "protocol-room-inspection": _l("Protocol of a room inspection"),
    "service-delivered": _l("Delivered: %(kind)s"),
    "service-due": _l("Due: %(kind)s"),
    "step-delivered": _l("Done: %(kind)s"),
    "step-due": _l("To be done by this day: %(kind)s"),
    "direction-opened": _l("Direction to a municipality begun"),
    "direction-agreed": _l("Direction agreed by all three parties"),
    "direction-declined": _l("Direction declined"),
    "absence-began": _l("Away from the unit"),
    "absence-ended": _l("Back in the unit"),
}
STEPS = {
    "assessment": _l("Assessment of service needs"),
    "hearing": _l("Hearing"),
    "representation": _l("Representative"),
    "family": _l("Family member"),
    "protocol": _l("Protocol of a seizure or a room inspection"),
    "school": _l("School place"),
}
ADD = {
    "assessment": _l("Record an assessment"),
    "hearing": _l("Record a hearing"),
    "representation": _l("Record an application for a representative"),
    "family": _l("Record a family member"),
    "protocol": _l("Record a protocol"),
    "school": _l("Record a school place"),
}
WHOSE = {"child": _l("The child"), "representative": _l("The representative"), "guardian": _l("The guardian")}
ABOUT = {
    "placement": _l("the placement"),
    "urgent-placement": _l("the urgent placement"),
    "assessment": _l("the assessment of service needs"),
    "representative": _l("the representative"),
    "integration-plan": _l("the integration plan"),
    "move": _l("a move"),
    "other": _l("another matter"),
}
OUTCOMES = {
    "heard": _l("Heard"),
    "interpreter-absent": _l("Not heard: the interpreter did not come"),
    "not-heard": _l("Not heard for another reason"),
}
WAYS = {
    "conversation": _l("In a conversation, face to face"),
    "video": _l("By video"),
    "phone": _l("By phone"),
    "writing": _l("In writing"),
    "observation": _l("By play and observation"),
}
END_REASONS = {
    "adult": _l("Turned 18"),
    "guardian": _l("A guardian arrived"),
    "replaced": _l("Another representative was appointed"),
    "released": _l("Released at own request"),
    "other": _l("Another reason"),
}
RELATIONSHIPS = {
    "guardian": _l("Guardian"),
    "sibling": _l("Brother or sister"),
    "other-relative": _l("Another relative"),
}
PROTOCOLS = {"seizure": _l("Seizure of substances or objects"), "room-inspection": _l("Inspection of the room")}
SCHOOLS = {
    "pre-primary": _l("Pre-primary education"),
    "preparatory": _l("Preparatory teaching"),
    "basic": _l("Basic education"),
    "preparing-for-upper": _l("Education preparing for upper secondary studies"),
    "upper-secondary": _l("General upper secondary education"),
    "vocational": _l("Vocational education"),
    "other-education": _l("Other education"),
}
MOVED = {
    "turns-18": _l("18th birthday"),
    "turns-23": _l("23rd birthday"),
    "last-paid": _l("Last day reimbursed"),
    "hearing-12": _l("Formally heard from"),
    "hearing-15": _l("Own right to speak from"),
}
NOT_YET = {
    "permit-missing": _l("Nothing is reimbursed before a residence permit."),
    "residence-missing": _l("With temporary protection nothing is reimbursed before the registered municipality."),
}
HAPPENED = {
    "service-owed": _l("Service recorded as owed"),
    "pathway-taken": _l("Steps of a pathway added"),
    "service-reported": _l("Service reported by its giver"),
    "service-delivered": _l("Service delivered"),
    "service-closed": _l("Service closed"),
    "service-assigned": _l("Service given to somebody"),
    "assessment-recorded": _l("Assessment recorded"),
    "assessment-changed": _l("Assessment changed"),
    "hearing-recorded": _l("Hearing recorded"),
    "hearing-changed": _l("Hearing changed"),
    "representation-recorded": _l("Application for a representative recorded"),
    "representation-changed": _l("Representative's appointment or end recorded"),
    "family-recorded": _l("Family member recorded"),
    "family-changed": _l("Family member changed"),
    "protocol-recorded": _l("Protocol recorded"),
    "protocol-changed": _l("Protocol changed"),
    "protocol-copies-sent": _l("Copies of a protocol marked as sent"),
    "school-recorded": _l("School place recorded"),
    "school-changed": _l("School place changed"),
    "children-merged": _l("Another record merged into this one"),
    "merge-undone": _l("Merge undone"),
}
LOOKS = {
    "services": _l("Services"),
    "path": _l("Path"),
    "merge": _l("Merging of records"),
    "explanation": _l("Explanation for the child"),
}
CODES: dict[str, dict[str, Any]] = {
    "whose": WHOSE,
    "about": ABOUT,
    "reason": END_REASONS,
    "relationship": RELATIONSHIPS,
    "education": SCHOOLS,
}


def item_words(item: Item) -> str:
    """Return what an item of the path says, codes as words and days in the reader's form."""
    return str(ITEMS[item.what]) % {name: _fact(name, value) for name, value in item.facts.items()}


def _fact(name: str, value: Any) -> str:
    if isinstance(value, date):
        return day(value)
    if name in ("unit", "school"):
        return str(value or _("Hidden"))
    if name == "town":
        return str(value.name(lang()) if value is not None else _("Hidden"))
    if name == "kind":
        return service_name(value)
    if name == "language":
        return language_name(value) if value else str(_("language not recorded"))
    if name in CODES:
        word = str(CODES[name].get(value, value or ""))
        return word[:1].lower() + word[1:]
    return str(value)
