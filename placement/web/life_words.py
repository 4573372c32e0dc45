"""Words for what keeps a child out of units, said of many units at once."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

BLOCKED_BY = {
    "dates-order": _l("the days do not fit"),
    "before-entry": _l("the child was not in care yet"),
    "right-ended": _l("for children under 18 only"),
    "child-has-stay": _l("another stay is decided already"),
    "same-unit": _l("lives there now"),
    "unit-full": _l("full"),
    "unit-closed": _l("closed"),
    "unit-closing": _l("closing places"),
    "unit-not-registered": _l("not registered"),
    "agreement-not-in-force": _l("no agreement in force on those days"),
    "forbidden-unit": _l("ruled out for the child"),
    "apart-pair": _l("somebody to be kept apart from has a place there"),
    "age-below": _l("takes older children"),
    "age-above": _l("takes younger children"),
    "gender": _l("for another gender"),
    "support-level": _l("gives another level of support"),
    "service-missing": _l("a needed service is missing there"),
    "language-missing": _l("no common language and too little interpreting there"),
    "hours-short": _l("too few hours left"),
    "county-quota": _l("the county's agreed places are in use"),
    "siblings-must": _l("a sibling lives elsewhere"),
    "agreement-ends": _l("the agreement ends during the stay"),
    "registration-ends": _l("the registration ends during the stay"),
}


def blocked_by(code: str) -> str:
    """Return a broken rule in a few words, for "12 units: full"."""
    return str(BLOCKED_BY[code])
