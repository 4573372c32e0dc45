"""Public pages: help, accessibility statement, privacy, what's new."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, g
from flask_babel import lazy_gettext as _l

from placement.web.guard import public
from placement.web.render import render

bp = Blueprint("help_pages", __name__)

STATEMENT_ON = date(2026, 11, 24)
FEEDBACK_DAYS = 14  # 306/2019 § 8: an answer to accessibility feedback within 14 days

SHORTCUTS = (
    (("/",), _l("Go to the search, or to the search field of the page")),
    (("g", "t"), _l("Go to Today: first g, then t")),
    (("j",), _l("Go to the next row of a list or queue")),
    (("k",), _l("Go to the previous row of a list or queue")),
    (("?",), _l("Open this page")),
)
"""What static/js/keys.js listens to: the keys one after another, and what they do."""

# Newest first: the day and what a user can now do.
NEWS = (
    (
        date(2026, 11, 24),
        (
            _l("Calculate placement proposals for all waiting children at once, with the proof and the reasons."),
            _l("Write a placement decision while the place is held for you, and print it as an accessible PDF."),
            _l("See places now, children, units and agreements; import units and children from a spreadsheet."),
        ),
    ),
)


@bp.get("/help")
@public
def index() -> Response:
    return render("help/index.html")


@bp.get("/help/shortcuts")
@public
def shortcuts() -> Response:
    on = bool(g.get("shortcuts")) if g.get("actor") else None
    return render("help/shortcuts.html", keys=SHORTCUTS, on=on)


@bp.get("/accessibility")
@public
def accessibility() -> Response:
    return render("help/accessibility.html", stated_on=STATEMENT_ON, feedback_days=FEEDBACK_DAYS)


@bp.get("/privacy")
@public
def privacy() -> Response:
    return render("help/privacy.html")


@bp.get("/whats-new")
@public
def whats_new() -> Response:
    return render("help/whats_new.html", news=NEWS)
