"""One search over everything the person may see: by reference, name, unit, agreement. Codes go by POST only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col

from agreements.tables import Agreement
from placement.agreed import queries as agreements
from placement.children import finding
from placement.decisions import proposal_queries, runs
from placement.decisions import queries as decisions
from placement.decisions.tables import Decision, Proposal, Run
from placement.moves.tables import Transfer
from placement.moves.transfers import visible_to
from placement.permissions import Permission
from placement.units.queries import units_visible_to
from placement.units.tables import Unit
from placement.web.child_access import open_matching
from placement.web.edge import actor, now, read_only, today
from placement.web.guard import requires
from placement.web.i18n import day, label
from placement.web.render import render

bp = Blueprint("searching", __name__)
SHORTEST, LONGEST, MOST = 2, 60, 10
CODE = re.compile(r"\s*\d{6}[-+A-FU-Y]?\d{3}[0-9A-Z]\s*", re.IGNORECASE)
"""What looks like a personal identity code: it is not searched for from an address, nor shown back."""


@dataclass(frozen=True)
class Hit:
    """One thing found: its words, its address, a quiet remark and its reference; `finnish` names are marked as such."""

    text: str
    url: str
    remark: str = ""
    ref: str = ""
    is_ref: bool = False
    finnish: bool = False


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    hits: list[Hit]


@bp.get("/search")
@requires(Permission.SEE_TODAY)
def show() -> Response:
    text = " ".join(request.args.get("q", "").split())[:LONGEST]
    code = bool(CODE.fullmatch(text))
    searched = len(text) >= SHORTEST and not code
    return render(
        "search/show.html",
        fragment="search/_hits.html",
        q="" if code else text,
        code=code,
        searched=searched,
        groups=[group for group in _groups(text) if group.hits] if searched else [],
    )


def _groups(text: str) -> list[Group]:
    with read_only() as session:
        found = [*_children(session, text), _units(session, text), _agreements(session, text), *_by_ref(session, text)]
    return found


def _children(session: Session, text: str) -> list[Group]:
    if not actor().can(Permission.SEE_CHILDREN):
        return []
    names = open_matching(text, data_used="search")
    known = {one.child_id: one for one in finding.by_keys(session, actor(), list(names), now())}
    known |= {one.child_id: one for one in finding.by_reference(session, actor(), text, now())}
    hits = [
        Hit(
            names[key].name if key in names else one.ref,
            url_for("children.show", ref=one.ref),
            ref=one.ref if key in names else "",
            is_ref=key not in names,
        )
        for key, one in sorted(known.items(), key=lambda item: (item[0] not in names, item[1].ref))
    ]
    return [Group("children", _("Children"), hits[:MOST])]


def _units(session: Session, text: str) -> Group:
    query = units_visible_to(session, actor(), today())
    named = sa.or_(
        col(Unit.name).icontains(text, autoescape=True), col(Unit.ref).contains(text.upper(), autoescape=True)
    )
    rows = session.exec(query.where(named).order_by(col(Unit.name)).limit(MOST)).all()
    hits = [
        Hit(
            unit.name,
            url_for("units.show", ref=unit.ref),
            remark=label(unit.kind),
            finnish=True,
        )
        for unit in rows
    ]
    return Group("units", _("Units"), hits)


def _agreements(session: Session, text: str) -> Group:
    if not actor().can(Permission.SEE_AGREEMENTS):
        return Group("agreements", _("Agreements"), [])
    named = sa.or_(
        col(Agreement.title).icontains(text, autoescape=True),
        col(Agreement.ref).contains(text.upper(), autoescape=True),
    )
    rows = session.execute(
        sa.select(col(Agreement.ref), col(Agreement.title), col(Agreement.kind))
        .where(agreements.in_sight(session, actor(), today()), named)
        .order_by(col(Agreement.title))
        .limit(MOST)
    )
    hits = [
        Hit(title, url_for("agreements.show", ref=ref), remark=str(label(kind)), ref=ref, finnish=True)
        for ref, title, kind in rows
    ]
    return Group("agreements", _("Agreements"), hits)


def _by_ref(session: Session, text: str) -> list[Group]:
    """Return decisions (by case number too), calculations, proposals and transfers with this reference."""
    ref, who = text.upper(), actor()

    def rows(query: Any) -> list[Any]:
        return list(session.execute(query.limit(MOST)))

    decided = rows(
        sa.select(col(Decision.ref), col(Decision.case_number), col(Decision.start)).where(
            decisions.in_scope(who),
            sa.or_(
                col(Decision.ref).contains(ref, autoescape=True),
                col(Decision.case_number).icontains(text, autoescape=True),
            ),
        )
    )
    ran = rows(
        sa.select(col(Run.ref), col(Run.as_of)).where(runs.visible_to(who), col(Run.ref).contains(ref, autoescape=True))
    )
    proposed = rows(
        sa.select(col(Proposal.ref)).where(
            proposal_queries.in_scope(who), col(Proposal.ref).contains(ref, autoescape=True)
        )
    )
    moved = rows(
        sa.select(col(Transfer.ref), col(Transfer.from_day)).where(
            visible_to(who), col(Transfer.ref).contains(ref, autoescape=True)
        )
    )
    may_see_runs = who.can(Permission.SEE_RUNS)
    return [
        Group(
            "decisions",
            _("Decisions"),
            [
                Hit(one.case_number or one.ref, url_for("decisions.show", ref=one.ref), day(one.start), is_ref=True)
                for one in decided
            ],
        ),
        Group(
            "runs",
            _("Calculations"),
            [
                Hit(one.ref, url_for("runs.show", run=one.ref), day(one.as_of), is_ref=True)
                for one in ran
                if may_see_runs
            ],
        ),
        Group(
            "proposals",
            _("Proposals"),
            [Hit(one.ref, url_for("proposals.show", proposal=one.ref), is_ref=True) for one in proposed],
        ),
        Group(
            "transfers",
            _("Transfers between counties"),
            [
                Hit(one.ref, url_for("transfers.show", transfer=one.ref), day(one.from_day), is_ref=True)
                for one in moved
            ],
        ),
    ]
