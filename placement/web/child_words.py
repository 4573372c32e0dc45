"""Words for what happens to a child's record: events, changed fields, what was looked at."""

from __future__ import annotations

import json

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from placement.children.details import Event
from placement.children.rules import EventKind, Status
from placement.web import event_words
from placement.web.path_words import HAPPENED, LOOKS

EVENTS = {
    EventKind.MOVE_IN: _l("Moves in"),
    EventKind.MOVE_OUT: _l("Moves out"),
    EventKind.TURNS_ADULT: _l("Turns 18"),
    EventKind.RIGHT_ENDS: _l("Right to support ends"),
}
TONES = {
    Status.WAITING: "warning",
    Status.PLACED: "good",
    Status.ENDED: "quiet",
    Status.NO_PLACE_NEEDED: "neutral",
}
ACTIONS = {
    "child-added": _l("Child added"),
    "child-changed": _l("Record changed"),
    "child-imported": _l("Child imported"),
    "birth-date-corrected": _l("Date of birth corrected"),
    "purpose-stated": _l("Purpose of viewing stated"),
    "identity-revealed": _l("Protected identity shown"),
    **HAPPENED,
}
SECTIONS = {
    "identity": _l("Identity and eligibility"),
    "representative": _l("Guardian or representative"),
    "protection": _l("Protection"),
    "needs": _l("Needs"),
    "languages": _l("Languages"),
    "place": _l("Place looked for"),
    "people": _l("Siblings and persons to be kept apart"),
    "wishes": _l("Wishes, relatives and school"),
    "view": _l("The child's own view"),
    "worker": _l("Worker"),
    "birth-date": _l("Correct the date of birth"),
}
FIELDS = {
    "first_name": _l("First names"),
    "last_name": _l("Family name"),
    "identity_code": _l("Personal identity code"),
    "temporary_number": _l("Temporary number"),
    "birth_date": _l("Date of birth"),
    "gender": _l("Gender"),
    "municipality_id": _l("Municipality"),
    "eligibility_ground": _l("Ground of eligibility"),
    "entered_on": _l("Client since"),
    "permit_on": _l("Residence permit granted on"),
    "residence_from": _l("Municipality of residence since"),
    "representative_name": _l("Name of the representative"),
    "representative_contact": _l("Phone or e-mail of the representative"),
    "representative_from": _l("Representative since"),
    "no_representative_reason": _l("Why there is no representative"),
    "protected": _l("Protection"),
    "protected_until": _l("In force until"),
    "support_level": _l("Support level"),
    "care_hours": _l("Hours of care a week"),
    "language_hours": _l("Hours a week in the child's own language"),
    "interpreter_hours": _l("Hours of interpreting a week"),
    "services": _l("Services needed"),
    "languages": _l("Languages"),
    "waiting_since": _l("Waiting since"),
    "priority": _l("Urgency"),
    "place_from": _l("Place needed from"),
    "place_until": _l("Place needed until"),
    "siblings": _l("Siblings"),
    "sibling_mode": _l("Siblings"),
    "apart": _l("To be kept apart from"),
    "wishes": _l("Wished units"),
    "ruled_out": _l("Ruled-out units"),
    "relatives_municipality_id": _l("Municipality where relatives live"),
    "school": _l("School"),
    "own_view": _l("The child's own view"),
    "own_view_on": _l("Asked on"),
    "own_view_how": _l("How it was asked"),
    "no_view_reason": _l("Why the view was not asked"),
    "worker_id": _l("Worker"),
}
LOOKED_AT = {
    "list": _l("Name in the list of children"),
    "queue": _l("Name in the queue"),
    "record": _l("Record"),
    "history": _l("History"),
    "best-places": _l("Best places"),
    "edit": _l("Record, to be changed"),
    "decision": _l("Decision being written"),
    "decision-document": _l("Decision document"),
    "run-result": _l("Name in the result of a calculation"),
    "proposal": _l("Name in a proposal"),
    "why-this-place": _l("Why this place"),
    "comparison": _l("Name in a comparison of calculations"),
    "moves": _l("Name in the list of moves"),
    "move": _l("Move being planned"),
    "no-place": _l("Name among those without a suitable place"),
    "residents": _l("Name in the unit's list of residents"),
    "presence": _l("Name in the monthly presence"),
    "search": _l("Name in the result of a search"),
    "transfer": _l("Transfer to another county"),
    "direction": _l("Direction to a municipality"),
    "placement-life": _l("The life of the placement"),
    "stay": _l("Arrival or departure"),
    "absence": _l("Absence"),
    "protocol": _l("Protocol of a seizure or a room inspection"),
    **LOOKS,
}
CLAIM = "claim "


def looked_at(code: str) -> str:
    """Return the word for `data_used` of a use-log row; an examiner's look names its claim."""
    if code.startswith(CLAIM):
        return str(_("Claim %(ref)s", ref=code.removeprefix(CLAIM)))
    return str(LOOKED_AT.get(code, code))


def changed_fields(event: Event) -> str:
    """Return the names of the fields an event changed; the values stay in the event, which holds no text."""
    if event.action not in ("child-added", "child-changed"):
        return ""
    names = list(dict.fromkeys(str(FIELDS[key]) for key in json.loads(event.after) if key in FIELDS))
    return _("Changed: %(fields)s", fields=", ".join(names)) if names else ""


def happened(event: Event) -> str:
    """Return what the event was; the words of other areas are those of the audit trail."""
    return str(ACTIONS.get(event.action) or event_words.ACTIONS.get(event.action, event.action))
