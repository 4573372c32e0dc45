"""One version as it was frozen: its text, documents, export, what differs from another, and a day of a unit."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, make_response, request
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from agreements import in_force, life
from agreements.content import content, read_frozen
from agreements.life_tables import AgreementAttachment, AgreementDocument, AgreementEvent, AgreementFrozen
from agreements.signing import fault_of, seal_of
from agreements.tables import Agreement, AgreementVersion
from placement.agreed import acting, queries
from placement.agreed import words as agreed
from placement.agreed.check import needs_agreement
from placement.agreed.compare import differences
from placement.agreed.effect import effect
from placement.agreed.paper import span
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Permission
from placement.refusals import Conflict, NotFound
from placement.typed import read_day
from placement.units import queries as units
from placement.units.tables import Unit
from placement.web.agreement_draft import bp
from placement.web.agreement_forms import say
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today
from placement.web.guard import requires
from placement.web.i18n import lang, money
from placement.web.render import render

SEE = Permission.SEE_AGREEMENTS
SCHEMA = "agreement-export/1"


@bp.get("/<ref:ref>/v/<int:number>")
@requires(SEE)
def version(ref: str, number: int) -> Response:
    """Show the frozen text with its fingerprint, and whether everything stored still is what was signed.

    A frozen text that was changed is not shown as if it were one: the stored rows are, under the warning.
    """
    with read_only() as session:
        agreement, row, _rows = acting.find(session, actor(), ref, today(), number)
        frozen = session.get(AgreementFrozen, row.id)
        documents = session.exec(select(AgreementDocument).where(AgreementDocument.version_id == row.id)).all()
        signatures = life.signatures_of(session, row.id or 0)
        stored = (read_frozen(frozen) if frozen else None) or {"content": content(session, row), "names": None}
        return render(
            "agreements/version.html",
            agreement=agreement,
            version=row,
            frozen=frozen,
            fault=fault_of(session, row, frozen) if frozen else None,
            documents=[(one.language, one.sha256, life.file_fingerprint(one.pdf) == one.sha256) for one in documents],
            signatures=[(one, session.get_one(User, one.user_id).name, seal_of(one) == one.seal) for one in signatures],
            bases={one.mandate_id: session.get_one(UserMandate, one.mandate_id).basis for one in signatures},
            stored=stored,
            tables=_tables(session, stored["content"]),
            files=_files(session, row),
            events=_events(session, row),
            words=agreed,
            say=say,
            span=span,
        )


def _tables(session: Session, stored: Any) -> dict[str, list[list[str]]]:
    """Return parties, places and prices of a version's text as rows of words."""

    def cells(section: str) -> list[list[str]]:
        return [[part.strip() for part in _cells(session, section, one)] for one in stored[section]]

    return {section: cells(section) for section in ("parties", "units", "rates")}


def _cells(session: Session, section: str, value: Any) -> list[str]:
    if section == "parties":
        body = session.get_one(Organisation, value["organisation_id"]).name(lang())
        chapter = say(agreed.CHAPTERS, value["chapter"]) if value["chapter"] else _("The whole agreement")
        return [body, say(agreed.SIDES, value["side"]), say(agreed.ROLES, value["role"]), chapter]
    unit = session.get_one(Unit, value["unit_id"]).name if value["unit_id"] else _("Every unit")
    days = span(value["valid_from"], value["valid_to"], lang())
    if section == "units":
        return [unit, days, str(value["places"])]
    return [days, unit, money(value["day_cents"]), money(value["empty_day_cents"])]


def _files(session: Session, row: AgreementVersion) -> list[AgreementAttachment]:
    query = select(AgreementAttachment).where(AgreementAttachment.version_id == row.id)
    return list(session.exec(query.order_by(col(AgreementAttachment.id))))


def _events(session: Session, row: AgreementVersion) -> list[tuple[AgreementEvent, str | None]]:
    rows = session.exec(
        select(AgreementEvent).where(AgreementEvent.version_id == row.id).order_by(col(AgreementEvent.id))
    )
    return [(one, session.get_one(User, one.by).name if one.by else None) for one in rows]


@bp.get("/<ref:ref>/v/<int:number>/agreement.pdf")
@requires(SEE)
def document(ref: str, number: int) -> Response:
    """Return the stored PDF in the reader's language, or in the one asked for (?lang=)."""
    with read_only() as session:
        _agreement, row, _rows = acting.find(session, actor(), ref, today(), number)
        found = session.get(AgreementDocument, (row.id, lang()))
    if found is None:
        raise NotFound
    answer = make_response(found.pdf)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{ref}-v{number}-{found.language}.pdf"'
    return answer


@bp.get("/<ref:ref>/v/<int:number>/agreement.json")
@requires(SEE)
def export(ref: str, number: int) -> Response:
    """Return the version as JSON: agreements/agreement-export.schema.json documents the fields."""
    with read_only() as session:
        agreement, row, _rows = acting.find(session, actor(), ref, today(), number)
        frozen = session.get(AgreementFrozen, row.id)
        text = read_frozen(frozen) if frozen else {"content": content(session, row), "names": None}
        if text is None:
            raise Conflict("content-changed")
        line = queries.line_of(
            agreement,
            queries.load(session, [agreement.id or 0]),
            today(),
            drafts=queries.sees_drafts(actor(), agreement),
        )
        values = {
            "schema": SCHEMA,
            "agreement": agreement.ref,
            "version": row.number,
            "status": line.status if line.version.id == row.id else row.status.value,
            "content_hash": row.content_hash,
            "activated_on": row.activated_on.isoformat() if row.activated_on else None,
            "ended_on": row.ended_on.isoformat() if row.ended_on else None,
            "content": text["content"],
            "names": text["names"],
            "signatures": [
                {"party": one.party_id, "method": one.method, "signed_at": one.signed_at.isoformat(),
                 "content_hash": one.content_hash, "seal": one.seal}
                for one in life.signatures_of(session, row.id or 0)
            ],
        }  # fmt: skip
    answer = make_response(json.dumps(values, ensure_ascii=False, indent=1))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{ref}-v{number}.json"'
    return answer


@bp.get("/<ref:ref>/compare")
@requires(SEE)
def compare(ref: str) -> Response:
    """Show two versions beside each other; without a choice the newest and the one it continues."""
    with read_only() as session:
        agreement, newest, _rows = acting.find(session, actor(), ref, today())
        number = whole(request.args.get("to")) or newest.number
        _a, after, _rows = acting.find(session, actor(), ref, today(), number)
        earlier = whole(request.args.get("from")) or after.predecessor or after.number
        _a, before, _rows = acting.find(session, actor(), ref, today(), earlier)
        found = [_told(session, one) for one in differences(session, before, after)]
        planned = after.activated_on is None and after.number != before.number
        change = effect(session, actor(), after, now()) if planned else None
        return render(
            "agreements/compare.html", agreement=agreement, before=before, after=after, rows=found, effect=change
        )


def _told(session: Session, one: Any) -> dict[str, str]:
    title = say(agreed.SECTIONS, one.section) if one.section in agreed.SECTIONS else _("Terms")
    name = say(agreed.TERMS, one.name) if one.section == "terms" and one.name in agreed.TERMS else one.name
    return {
        "section": title,
        "name": name if one.section == "terms" else "",
        "before": _value(session, one.section, one.name, one.before),
        "after": _value(session, one.section, one.name, one.after),
    }


def _value(session: Session, section: str, name: str, value: Any) -> str:
    """Return a stored value of the content in words."""
    if value is None or value == "":
        return "–"
    if section == "parties":
        body = session.get_one(Organisation, value["organisation_id"]).name(lang())
        return f"{body}: {say(agreed.SIDES, value['side'])}, {say(agreed.ROLES, value['role'])}"
    if section in ("units", "rates", "quotas"):
        return _row_value(session, section, value)
    if section == "clauses":
        return str(value["text"].get(lang()) or next(iter(value["text"].values())))
    if section == "attachments":
        return str(value["name"])
    return _term_value(name, value)


def _row_value(session: Session, section: str, value: Any) -> str:
    unit = session.get_one(Unit, value["unit_id"]).name if value["unit_id"] else _("Every unit")
    if section == "quotas":
        return f"{unit}: {value['places']}"
    days = span(value["valid_from"], value["valid_to"], lang())
    if section == "units":
        return f"{unit}, {days}: {value['places']}"
    return f"{unit}, {days}: {money(value['day_cents'])} / {money(value['empty_day_cents'])}"


def _term_value(name: str, value: Any) -> str:
    if name in agreed.CHOICES:
        return say(agreed.CHOICES[name], value)
    if name == "duties":
        given = [f"{say(agreed.SERVICES, one['stands_for'])}: {say(agreed.GIVERS, one['side'])}" for one in value]
        return "; ".join(given) or "–"
    if name == "budget":
        sums = [f"{one['year']} {say(agreed.CATEGORIES, one['category'])} {money(one['cents'])}" for one in value]
        return "; ".join(sums) or "–"
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return str(value)


@bp.get("/in-force")
@requires(SEE)
def on_a_day() -> Response:
    """Show for a unit and a day which version is in force for each chapter, its places and its price."""
    day, problem = today(), None
    try:
        day = read_day(request.args.get("day", "")) if request.args.get("day") else today()
    except ValueError:
        problem = _("Give the day as day.month.year, for example 1.4.2026")
    with read_only() as session:
        choices = _concerned(session)
        chosen = next((one for one in choices if one.ref == request.args.get("unit")), None)
        found, basis = {}, None
        if chosen is not None:
            found = in_force.in_force(session, chosen.id or 0, day)
            needs = needs_agreement(chosen, day)
            basis = in_force.basis(session, chosen.id or 0, day, needs_agreement=needs)
        refs = {one.clause.agreement_ref for one in found.values()}
        mine = queries.in_sight(session, actor(), today())
        seen = set(session.exec(select(Agreement.ref).where(col(Agreement.ref).in_(refs), mine)))
        return render(
            "agreements/in_force.html",
            status=422 if problem else 200,
            units=choices,
            chosen=chosen,
            day_=day,
            found=found,
            basis=basis,
            seen=seen,
            problem=problem,
            words=agreed,
            say=say,
            title_error=problem is not None,
        )


def _concerned(session: Session) -> list[Unit]:
    """Return the units that the actor sees as units, and those of agreements that the actor sees."""
    seen = {one.id: one for one in units.visible_units(session, actor(), today())}
    seen |= {one.id: one for one in queries.concerned_units(session, actor(), today())}
    return sorted(seen.values(), key=lambda one: (one.name, one.id or 0))


@bp.get("/schema.json")
@requires(SEE)
def schema() -> Response:
    from importlib import resources

    text = resources.files("agreements").joinpath("agreement-export.schema.json").read_text(encoding="utf-8")
    answer = make_response(text)
    answer.mimetype = "application/schema+json"
    return answer
