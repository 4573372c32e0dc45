"""The main menu: each item is shown to those whose role may open it."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from placement.permissions import Actor, Permission

ITEMS = (
    ("today.show", _l("Today"), Permission.SEE_TODAY),
    ("searching.show", _l("Search"), Permission.SEE_TODAY),
    ("children.index", _l("Children"), Permission.SEE_CHILDREN),
    ("waiting.index", _l("Waiting for a place"), Permission.SEE_WAITING),
    ("services.index", _l("Services"), Permission.SEE_SERVICES),
    ("units.index", _l("Units"), Permission.SEE_UNITS),
    ("residents.show", _l("Who lives here"), Permission.CONFIRM_PRESENCE),
    ("units.board", _l("Places now"), Permission.SEE_BOARD),
    ("moves.index", _l("Moves"), Permission.PLAN_MOVES),
    ("runs.index", _l("Calculations"), Permission.SEE_RUNS),
    ("decisions.index", _l("Decisions"), Permission.SEE_DECISIONS),
    ("agreements.index", _l("Agreements"), Permission.SEE_AGREEMENTS),
    ("deliveries.index", _l("Promised services"), Permission.REPORT_DELIVERY),
    ("directions.index", _l("Directions to a municipality"), Permission.SEE_DIRECTIONS),
    ("claims.index", _l("Claims"), Permission.SEE_CLAIMS),
    ("reports.show", _l("Reports"), Permission.SEE_REPORTS),
    ("review.index", _l("To review"), Permission.SEE_REVIEW),
    ("payments.index", _l("Payments"), Permission.SEE_PAYMENTS),
    ("recoveries.index", _l("Recoveries"), Permission.SEE_PAYMENTS),
    ("corrections.index", _l("Corrections"), Permission.PROPOSE_CORRECTIONS),
    ("ledger.index", _l("Ledger"), Permission.SEE_LEDGER),
    ("audit.index", _l("Audit trail"), Permission.SEE_AUDIT),
    ("imports.index", _l("Import"), Permission.IMPORT_CHILDREN),
)


def items(actor: Actor | None, known: set[str]) -> list[dict[str, object]]:
    """Return label, href and whether it is the current page, for each page this actor may open."""
    if actor is None:
        return []
    here = request.endpoint or ""
    return [
        {"label": label, "href": url_for(endpoint), "current": here == endpoint}
        for endpoint, label, permission in ITEMS
        if endpoint in known and actor.can(permission)
    ]
