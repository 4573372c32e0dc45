"""Words of directions of a child to a municipality: states, reasons, sides, and a sentence for each refusal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from placement.directing.rules import State
from placement.directing.tables import Care, Decline, Side

STATES = {
    State.OPEN: _l("Waits for answers"),
    State.AGREED: _l("Agreed by all"),
    State.DECLINED: _l("Declined"),
    State.EXPIRED: _l("Expired without an answer"),
    State.WITHDRAWN: _l("Withdrawn"),
}
TONES = {
    State.OPEN: "info",
    State.AGREED: "good",
    State.DECLINED: "warning",
    State.EXPIRED: "danger",
    State.WITHDRAWN: "quiet",
}
CARES = {
    Care.MUNICIPAL_PLACE: _l("Municipal place that has been agreed"),
    Care.FOSTER_CARE: _l("Foster care without an agreement on municipal places"),
}
REASONS = {
    Decline.NO_PLACE: _l("There is no place on that day"),
    Decline.NO_SERVICES: _l("The services that the child needs cannot be given"),
    Decline.OTHER_MUNICIPALITY: _l("Another municipality serves the child better"),
    Decline.OTHER_CARE: _l("The child needs another kind of care"),
    Decline.OTHER: _l("Another reason, in words"),
}
SIDES = {
    Side.COUNTY: _l("Wellbeing services county"),
    Side.MUNICIPALITY: _l("Municipality"),
    Side.STATE: _l("State authority"),
}
REFUSED = {
    "day-has-passed": _l("Give a day that has not passed."),
    "answer-too-late": _l("Give a last day to answer within 180 days."),
    "answer-after-move": _l("The answers must be there before the child moves. Give an earlier last day to answer."),
    "no-municipal-places": _l(
        "The municipality has no agreement on places that is in force on that day. Choose another municipality or "
        "foster care, or make the agreement first."
    ),
    "municipality-missing": _l("Choose the municipality."),
    "no-competent-centre": _l("No state authority is competent for directing in this county today."),
    "direction-open-already": _l(
        "A direction of this child to the same municipality is open. Wait for the answers or withdraw it."
    ),
    "direction-over": _l("The direction is no longer open, so nothing can be answered or withdrawn. Open a new one."),
    "not-a-party-here": _l("Your organisation has answered already, or is no party of this direction."),
    "direction-own": _l("You opened this direction. Another person confirms it for the county."),
    "decline-reason-missing": _l("Choose why you decline."),
    "decline-words-missing": _l("Write the reason in words, without names."),
    "direction-of-county": _l("Only the child's county withdraws a direction."),
}
