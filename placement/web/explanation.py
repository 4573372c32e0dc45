"""A decision explained to the child: one page in easy language, on the screen and as a PDF."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request
from sqlmodel import Session

from placement.children import queries as children
from placement.children.access import Opened
from placement.children.tables import Child
from placement.decisions import confirming, queries
from placement.decisions.explaining_words import LANGUAGES, best_language, explanation
from placement.decisions.letters import Facts
from placement.decisions.tables import DecisionStatus
from placement.documents.explanation import Explanation, pdf
from placement.people.tables import Organisation, User
from placement.permissions import Permission
from placement.refusals import NotAllowed, NotFound
from placement.units.tables import Unit
from placement.web import decision_pages as pages
from placement.web.child_access import open_child
from placement.web.edge import actor, kit, read_only
from placement.web.guard import requires
from placement.web.render import render

bp = Blueprint("explanation", __name__, url_prefix="/decisions/<ref:ref>")


def _open(ref: str) -> Opened:
    opened = open_child(pages.child_ref_of(ref), data_used="explanation")
    if opened.identity is None:
        raise NotAllowed("protected-document")
    return opened


def _explanation(session: Session, ref: str, opened: Opened) -> tuple[Explanation, str]:
    """Return the page in the language asked for, else the one the child speaks best; only of a decision made."""
    decision = queries.find(session, actor(), ref)
    if decision.status is not DecisionStatus.MADE or decision.decided_on is None or decision.decided_by is None:
        raise NotFound
    child = session.get_one(Child, decision.child_id)
    asked = request.args.get("language", "")
    spoken = children.everything_about(session, [opened.id])[opened.id].languages
    code = asked if asked in LANGUAGES else best_language(dict(spoken))
    worker = session.get(User, child.worker_id) if child.worker_id else None
    facts = Facts(
        decision=decision,
        child=child,
        unit=session.get_one(Unit, decision.unit_id),
        county=session.get_one(Organisation, decision.county_id),
        decider=session.get_one(User, decision.decided_by),
        second=None,
        decided_on=decision.decided_on,
        demo=kit().settings.demo,
        confirms=confirming.confirmed_decision(session, decision),
    )
    return explanation(facts, child, worker.name if worker else None, code), code


@bp.get("/explanation")
@requires(Permission.SEE_DECISIONS)
def show(ref: str) -> Response:
    opened = _open(ref)
    with read_only() as session:
        page, code = _explanation(session, ref, opened)
    return render("decisions/explanation.html", ref=ref, opened=opened, told=page, code=code, languages_of=LANGUAGES)


@bp.get("/explanation.pdf")
@requires(Permission.SEE_DECISIONS)
def paper(ref: str) -> Response:
    opened = _open(ref)
    with read_only() as session:
        page, code = _explanation(session, ref, opened)
    answer = make_response(pdf(page))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Language"] = page.tag
    answer.headers["Content-Disposition"] = f'inline; filename="{ref}-explanation-{code}.pdf"'
    return answer
