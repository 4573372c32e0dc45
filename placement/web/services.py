"""The service gap board: what is owed, late and given by nobody, with its exports; and reporting what was given."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.integration import gaps, queries, service
from placement.integration.due_rules import OPEN, ServiceState
from placement.integration.gaps import SHOWN, Filters, Gap
from placement.permissions import Actor, Permission, Role
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal
from placement.web import service_forms as forms
from placement.web import service_words as words
from placement.web import today as today_page
from placement.web.child_access import open_names
from placement.web.children import Paging
from placement.web.decision_forms import attach, whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day, lang
from placement.web.render import render, to
from placement.web.sentences import sentence
from placement.web.sheets import sheet

bp = Blueprint("services", __name__, url_prefix="/services")
PAGE_SIZE = 25
NAMES = ("show", "kind", "side", "unit", "municipality", "owner")


def _filters() -> tuple[Filters, dict[str, str]]:
    """Return the filters of the address and the part of it worth keeping; what no filter knows is dropped."""
    query = {name: request.args[name].strip()[:40] for name in NAMES if request.args.get(name, "").strip()}
    if query.get("show") not in SHOWN:
        query.pop("show", None)
    if query.get("kind") not in dict(words.service_choices(today())):
        query.pop("kind", None)
    if query.get("side") not in words.SIDES:
        query.pop("side", None)
    owner = actor().user_id if query.get("owner") == "me" else forms.key(query.get("owner"))
    if owner is None:
        query.pop("owner", None)
    town = forms.key(query.get("municipality"))
    if town is None:
        query.pop("municipality", None)
    return Filters(
        query.get("show", "open"), query.get("kind"), query.get("side"), query.get("unit"), town, owner
    ), query


@bp.get("")
@requires(Permission.SEE_SERVICES)
def index() -> Response:
    filters, query = _filters()
    with read_only() as session:
        every = gaps.board(session, actor(), now(), done=filters.show in ("reported", "delivered", "closed"))
    found = gaps.chosen(every, filters)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    number = min(max(1, whole(request.args.get("page"))), pages)
    rows = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    form = _board_form(query, every)
    return render(
        "services/board.html",
        fragment="services/_filters_result.html",
        rows=rows,
        total=len(found),
        tiles=_tiles(every),
        names=_names(rows),
        form=form,
        filters=filters,
        query=query,
        chips=_chips(form, query),
        units=gaps.by_unit(every),
        towns=gaps.by_town(every, lang()),
        address=_address,
        words=words,
        of_municipality=actor().role is Role.MUNICIPALITY_WORKER,
        all_of=_all_of(filters, every),
        paging=Paging(number, pages, url_for("services.index"), query),
    )


def _all_of(filters: Filters, every: list[Gap]) -> int | None:
    """Return whose lines the list shows, when there is something open of that person that the actor may give on."""
    owner, who = filters.owner_id, actor()
    if owner != who.user_id and not who.can(Permission.REASSIGN_OF_OTHERS):
        return None
    return (
        owner if any(one.owner_id == owner and one.state in (*OPEN, ServiceState.REPORTED) for one in every) else None
    )


def _names(rows: list[Gap]) -> dict[int, Any]:
    """Return the names this list may show, each look logged; a municipality sees references only."""
    if not actor().can(Permission.SEE_CHILDREN):
        return {}
    return dict(open_names({one.child_id for one in rows}, data_used="services"))


def _tiles(every: list[Gap]) -> list[dict[str, object]]:
    counts = {
        "open": sum(one.state in OPEN for one in every),
        "late": sum(one.state is ServiceState.LATE for one in every),
        "unserved": sum(one.unserved for one in every),
        "unrecorded": sum(one.number is None for one in every),
    }
    if actor().role is Role.MUNICIPALITY_WORKER:
        counts.pop("unrecorded")
    return [{"show": show, "count": count, "href": _address(show=show)} for show, count in counts.items()]


def _address(**changed: str | None) -> str:
    _found, query = _filters()
    kept = {name: value for name, value in {**query, **changed}.items() if value}
    return url_for("services.index") + ("?" + urlencode(kept) if kept else "")


def _board_form(query: dict[str, str], every: list[Gap]) -> forms.BoardForm:
    form = forms.BoardForm(formdata=None, data={"show": "open", **query})
    every_one = [("", _("All"))]
    hidden = ("unrecorded",) if actor().role is Role.MUNICIPALITY_WORKER else ()
    form.show.choices = [(show, str(word)) for show, word in words.SHOWS.items() if show not in hidden]
    form.kind.choices = every_one + sorted(words.service_choices(today()), key=lambda one: one[1])
    form.side.choices = every_one + [(side, str(word)) for side, word in words.SIDES.items()]
    units = {one.unit_ref: one.unit_name or "" for one in every if one.unit_ref}
    form.unit.choices = every_one + sorted(units.items(), key=lambda one: one[1])
    towns = {str(one.town.id): one.town.name(lang()) for one in every if one.town}
    form.municipality.choices = every_one + sorted(towns.items(), key=lambda one: one[1])
    owners = {str(one.owner_id): one.owner for one in every if one.owner}
    form.owner.choices = [*every_one, ("me", _("Me")), *sorted(owners.items(), key=lambda one: one[1] or "")]
    return form


def _chips(form: Any, query: dict[str, str]) -> list[dict[str, str]]:
    found = []
    for name in NAMES:
        word = dict(form[name].choices).get(query.get(name, ""))
        if name in query and word:
            found.append({"text": f"{form[name].label.text}: {word}", "href": _address(**{name: None})})
    return found


@bp.get("/export.<extension>")
@requires(Permission.SEE_SERVICES)
def export(extension: str) -> Response:
    """Return the lines that the filters leave as CSV or XLSX: references, never names."""
    filters, _query = _filters()
    with read_only() as session:
        every = gaps.board(session, actor(), now(), done=filters.show in ("reported", "delivered", "closed"))
    table = [[str(head) for head in _heads()], *(_cells(one) for one in gaps.chosen(every, filters))]
    return sheet(extension, _("Services"), table, f"services-{today().isoformat()}")


def _heads() -> tuple[str, ...]:
    return (
        _("Child"), _("Service"), _("State"), _("Days late"), _("Counted from"), _("Due by"), _("Who answers for it"),
        _("Who gives it"), _("Who sees to it"), _("Unit"), _("Municipality"), _("Provisions"),
    )  # fmt: skip


def _cells(one: Gap) -> list[str]:
    return [
        one.ref,
        words.service_name(one.kind),
        str(words.STATES[one.state]),
        str(one.days_late),
        day(one.event_on),
        day(one.due_on) or _("without delay"),
        str(words.SIDES[one.side]),
        one.giver.name(lang()) if one.giver else "",
        one.owner or "",
        one.unit_name or "",
        one.town.name(lang()) if one.town else "",
        words.provisions(one.source),
    ]


@bp.get("/<ref:ref>/<int:number>/report")
@requires(Permission.REPORT_SERVICES)
def reporting(ref: str, number: int) -> Response:
    return _report_page(ref, number, forms.ReportForm(formdata=None, data={"reported_on": today()}))


def _report_page(ref: str, number: int, form: forms.ReportForm, status: int = 200) -> Response:
    """Show what is owed by the child's reference only: who gives a service need not see more here."""
    with read_only() as session:
        found = queries.line(session, actor(), ref, number, today(), now())
    return render("services/report.html", status=status, ref=ref, line=found, form=form, words=words)


@bp.post("/<ref:ref>/<int:number>/report")
@requires(Permission.REPORT_SERVICES)
def report(ref: str, number: int) -> Response:
    form = forms.ReportForm()
    if not form.validate():
        return _report_page(ref, number, form, 422)
    try:
        with transaction() as session:
            service.report(
                session,
                actor(),
                ref,
                number,
                on=form.reported_on.data,
                text=form.report.data or "",
                version=whole(form.version.data),
                at=now(),
            )
    except (NotFound, NotAllowed):
        raise
    except Conflict as stale:
        form.form_errors.append(sentence(stale))
        return _report_page(ref, number, form, 409)
    except Refusal as refused:
        attach(form, getattr(refused, "faults", [refused]))
        return _report_page(ref, number, form, refused.status)
    flash(_("The report was sent to the county."), "success")
    return to(url_for("services.index"))


@today_page.source
def _waiting(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell what is late, what was reported and waits to be confirmed, and whose next home must be looked for."""
    if not who.can(Permission.SEE_SERVICES):
        return []
    every = gaps.board(session, who, at, done=True)
    own = who.role is Role.SOCIAL_WORKER
    if own:
        every = [one for one in every if one.owner_id == who.user_id]
    mine = {"owner": "me"} if own else {}
    wanted = [("late", _("Services that are late"), _("See what is missing"), gaps.chosen(every, Filters("late")))]
    if own:
        reported = gaps.chosen(every, Filters("reported"))
        wanted.append(("open", _("Open services you see to"), _("Look at them"), gaps.chosen(every, Filters())))
        wanted.append(("reported", _("Reported services"), _("Confirm what was given"), reported))
    groups = [
        today_page.Group(
            key=f"services-{show}",
            title=title,
            count=len(found),
            url=f"{url_for('services.index')}?{urlencode({'show': show, **mine})}",
            action=action,
            oldest_days=max((one.days_late for one in found), default=None),
        )
        for show, title, action, found in wanted
    ]
    if who.can(Permission.DECIDE):
        urgent = [one for one in every if one.kind == "decision_review" and one.state in OPEN]
        groups.append(
            today_page.Group(
                key="urgent-decisions",
                title=_("Urgent decisions to look at again"),
                count=len(urgent),
                url=f"{url_for('services.index')}?{urlencode({'kind': 'decision_review', **mine})}",
                action=_("Look at the decision again"),
                oldest_days=max((one.days_late for one in urgent if one.days_late), default=None),
                pinned=True,
            )
        )
    homes = [one for one in every if one.kind == "successor_home" and one.state in OPEN]
    if who.can(Permission.SEE_CHILDREN) and who.role is not Role.UNIT_MANAGER:
        groups.append(
            today_page.Group(
                key="next-homes",
                title=_("Next homes to find before the 18th birthday"),
                count=len(homes),
                url=f"{url_for('services.index')}?{urlencode({'kind': 'successor_home', **mine})}",
                action=_("Look for the next home"),
            )
        )
    return groups
