"""Today: what waits for this person, as at most six groups, each with a number, its age and one action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.permissions import Actor, Permission
from placement.web.edge import actor, kit, now, read_only
from placement.web.guard import requires
from placement.web.render import render

bp = Blueprint("today", __name__)
MOST_GROUPS = 6


@dataclass(frozen=True)
class Group:
    """One line of Today. `count` 0 = nothing waits, unless it `counts_down`; `oldest_days` None = ageless.

    `main` ones stand first; a `pinned` one comes after them and before the rest, so that it is never left out.
    """

    key: str
    title: str
    count: int
    url: str
    action: str
    oldest_days: int | None = None
    main: bool = False
    pinned: bool = False
    counts_down: bool = False

    @property
    def waits(self) -> bool:
        """Whether the line is shown: a count of days is shown on the last day too."""
        return bool(self.count) or self.counts_down


Source = Callable[[Session, Actor, datetime], list[Group]]
SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Register a function that tells what waits; each blueprint brings its own."""
    if function not in SOURCES:
        SOURCES.append(function)
    return function


@bp.get("/today")
@requires(Permission.SEE_TODAY)
def show() -> Response:
    with read_only() as session:
        groups = [group for tell in SOURCES for group in tell(session, actor(), now())]
    waiting = sorted((group for group in groups if group.waits), key=lambda group: (not group.main, not group.pinned))
    return render("today/show.html", groups=waiting[:MOST_GROUPS], nothing=not waiting, as_at=now(), tips=_tips())


def _tips() -> list[tuple[str, str]]:
    """Return what a newcomer to the demo may try, with its address, in the order of the tour."""
    if not kit().settings.demo or not actor().can(Permission.RUN_OPTIMIZER):
        return []
    last = (
        _("Make a decision and look at Places now")
        if actor().can(Permission.DECIDE)
        else _("Send the proposal and look at Places now")
    )
    return [
        (_("Calculate proposals for the children who wait"), url_for("waiting.index")),
        (_("Open Why this place? and see each point and each rule"), url_for("runs.index")),
        (last, url_for("units.board")),
    ]
