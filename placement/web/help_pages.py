"""Public pages: help, accessibility statement, privacy, what's new, how proposals are made."""

from __future__ import annotations

from flask import Blueprint, Response

from placement.web.guard import public
from placement.web.render import render

bp = Blueprint("help_pages", __name__)


@bp.get("/help")
@public
def index() -> Response:
    return render("help/index.html")
