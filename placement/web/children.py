"""Children: the list, the record, its history and access log, and stating why a child must be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.children import access, access_log, apart, choices, details, drafts, lists, queries, rules, service
from placement.children.access import Opened
from placement.children.rules import Status
from placement.crypto import vault
from placement.directing import queries as directing
from placement.integration import merging
from placement.permissions import Actor, Permission, Role
from placement.reference import eligibility_ground, services
from placement.refusals import NotFound, Refusal
from placement.units.tables import UnitKind
from placement.web import direction_words, today
from placement.web.child_access import ask_for_purpose, open_child, open_names, purpose_page
from placement.web.child_forms import (
    GENDERS,
    LEVELS,
    PRIORITIES,
    SIBLING_MODES,
    SUPPORT_LEVELS,
    WAYS_OF_ASKING,
    PurposeForm,
    attach,
)
from placement.web.child_words import EVENTS, SECTIONS, TONES, changed_fields, happened, looked_at
from placement.web.edge import actor, now, read_only, transaction
from placement.web.edge import today as this_day
from placement.web.guard import requires, safe_next
from placement.web.i18n import day, label, moment
from placement.web.render import render, to

bp = Blueprint("children", __name__, url_prefix="/children")
bp.app_errorhandler(access.NoRelation)(ask_for_purpose)
DEFAULT_SIZE = 50
KINDS = [str(kind) for kind in UnitKind]


@dataclass(frozen=True)
class Paging:
    """What the pagination macro needs."""

    number: int
    pages: int
    endpoint: str
    query: dict[str, str]

    def url(self, number: int) -> str:
        return f"{self.endpoint}?{urlencode({**self.query, 'page': number})}"


@bp.get("")
@requires(Permission.SEE_CHILDREN)
def index() -> Response:
    """Show the list; names of those the actor has a relation to, each look logged before rendering."""
    filters, query = _filters()
    with read_only() as session:
        found = lists.page(
            session,
            actor(),
            filters,
            at=now(),
            sort=query.get("sort", "status"),
            descending=query.get("order") == "desc",
            number=_number("page", 1),
            size=_number("size", DEFAULT_SIZE),
        )
    names = open_names([row.id for row in found.rows], data_used="list")
    with read_only() as session:
        more = lists.more(session, list(names), this_day())
        workers = choices.workers(session, actor().county_id or 0, this_day())
    return render(
        "children/index.html",
        fragment="children/_filters_result.html",
        found=found,
        names=names,
        more=more,
        events=EVENTS,
        tones=TONES,
        on=this_day(),
        ages={row.id: rules.right_dates(row.birth_date, this_day()).age for row in found.rows},
        query=query,
        workers=workers,
        statuses=list(Status),
        kinds=KINDS,
        has=set(current_app.view_functions),
        sorts=_sorts(query),
        chips=_chips(query, workers),
        sizes=lists.PAGE_SIZES,
        paging=Paging(found.number, found.pages, url_for("children.index"), query),
    )


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else default


def _filters() -> tuple[lists.Filters, dict[str, str]]:
    """Return the filters of the address and the part of it worth keeping; what no filter knows is dropped."""
    given = {key: value.strip() for key, value in request.args.items() if value.strip()}
    query: dict[str, str] = {}
    if given.get("status") in list(Status):
        query["status"] = given["status"]
    worker = given.get("worker", "")
    if worker == "me" or (worker.isascii() and worker.isdigit() and len(worker) < 10):
        query["worker"] = worker
    if given.get("kind") in KINDS:
        query["kind"] = given["kind"]
    if given.get("q"):
        query["q"] = given["q"][:20]
    if given.get("coming") == "adult":
        query["coming"] = "adult"
    if given.get("sort") in lists.SORTS:
        query["sort"] = given["sort"]
        if given.get("order") == "desc":
            query["order"] = "desc"
    if given.get("size") in [str(size) for size in lists.PAGE_SIZES]:
        query["size"] = given["size"]
    who = query.get("worker")
    return lists.Filters(
        status=Status(query["status"]) if "status" in query else None,
        worker_id=None if who is None else actor().user_id if who == "me" else int(who),
        kind=query.get("kind"),
        ref=query.get("q"),
        coming=query.get("coming"),
    ), query


def _list_url(query: dict[str, str]) -> str:
    return url_for("children.index") + ("?" + urlencode(query) if query else "")


def _sorts(query: dict[str, str]) -> dict[str, dict[str, str | None]]:
    """Return for each column its address, the other way round when the list is sorted by it, and the direction."""
    current, down = query.get("sort", "status"), query.get("order") == "desc"
    kept = {key: value for key, value in query.items() if key not in ("sort", "order")}
    found: dict[str, dict[str, str | None]] = {}
    for name in lists.SORTS:
        turned = {"order": "desc"} if name == current and not down else {}
        found[name] = {
            "href": _list_url({**kept, "sort": name, **turned}),
            "direction": ("descending" if down else "ascending") if name == current else None,
        }
    return found


def _chips(query: dict[str, str], workers: dict[str, str]) -> list[dict[str, str]]:
    words: dict[str, Callable[[str], str]] = {
        "status": lambda value: _("Status: %(value)s", value=label(value)),
        "worker": lambda value: _("Worker: %(value)s", value=workers.get(value, _("Me"))),
        "kind": lambda value: _("Kind of unit: %(value)s", value=label(value)),
        "q": lambda value: _("Reference: %(value)s", value=value),
        "coming": lambda _value: _("Turns 18 within 6 months"),
    }
    return [
        {
            "text": words[name](value),
            "href": _list_url({key: kept for key, kept in query.items() if key != name}),
        }
        for name, value in query.items()
        if name in words
    ]


@bp.post("/find")
@requires(Permission.SEE_CHILDREN)
def find() -> Response:
    """Find a child by identity code or temporary number: by POST, because codes do not belong in an address."""
    typed = request.form.get("code", "").strip()
    with read_only() as session:
        ref = queries.ref_by_code(session, actor(), vault.blind_index(typed), now()) if typed else None
    if ref is None:
        flash(_("No child of yours has this code."), "warning")
        return to(url_for("children.index"))
    return to(url_for("children.show", ref=ref))


@bp.get("/<ref:ref>")
@requires(Permission.SEE_CHILDREN)
def show(ref: str) -> Response:
    """Show the record; one that was merged into another leads there."""
    with read_only() as session:
        kept = merging.kept_ref(session, actor(), ref)
    if kept is not None:
        return to(url_for("children.show", ref=kept))
    opened = open_child(ref, data_used="record")
    with read_only() as session:
        record = record_of(session, opened)
    return render("children/show.html", **record, **_words(record["facts"], opened), tab="record")


@bp.get("/<ref:ref>/history")
@requires(Permission.SEE_CHILDREN)
def history(ref: str) -> Response:
    opened = open_child(ref, data_used="history")
    with read_only() as session:
        events = [
            {
                "title": happened(one),
                "when": moment(one.at),
                "datetime": one.at.isoformat(),
                "who": one.who or _("The system"),
                "text": changed_fields(one),
            }
            for one in details.history(session, ref)
        ]
        return render("children/history.html", **record_of(session, opened), tab="history", history=events)


def record_of(session: Session, opened: Opened) -> dict[str, Any]:
    """Return everything that the pages of one record show."""
    facts = queries.everything_about(session, [opened.id])[opened.id]
    stays = details.stays(session, opened)
    dates = [stay.dates for stay in stays]
    on = this_day()
    return {
        "opened": opened,
        "facts": facts,
        "details": details.details(session, opened),
        "siblings_apart": apart.siblings_of(session, [opened.id], on).get(opened.id),
        "host": apart.host_of(session, opened, on),
        "stays": stays,
        "corrections": details.corrections(session, opened),
        "directions": directing.of_child(session, opened.id, this_day()) if opened.shows_place else [],
        "on": on,
        "current": next((stay for stay in stays if stay.dates.covers(on)), None),
        "state": rules.status(dates, waiting_since=facts.waiting_since, on=on),
        "tones": TONES,
        "right": rules.right_dates(opened.birth_date, on),
        "ground": eligibility_ground(facts.eligibility_ground, max(on, facts.entered_on)),
        "next_event": rules.next_event(opened.birth_date, dates, on),
        "events": EVENTS,
        "reveal_form": PurposeForm(formdata=None),
    }


def _words(facts: queries.ChildFacts, opened: Opened) -> dict[str, Any]:
    """Return the words and links of the record page."""
    may_edit = actor().can(Permission.EDIT_CHILDREN) and opened.relation.shows_identity
    links = {
        section: [
            {
                "text": _("Change"),
                "href": url_for("child_edit.show", ref=opened.ref, section=section),
                "context": str(word),
            }
        ]
        if may_edit
        else []
        for section, word in SECTIONS.items()
    }
    names = {one.key: _(one.label) for one in services(this_day())}
    hours = [
        _("%(service)s, %(hours)s h a week", service=names.get(code, code), hours=count)
        if count
        else names.get(code, code)
        for code, count in facts.needs.items()
    ]
    return {
        "sections": SECTIONS,
        "links": links,
        "birth_links": links["birth-date"],
        "said_direction": direction_words,
        "may_direct": may_edit,
        "needs": ", ".join(hours),
        "period": f"{day(facts.place_from)} – {day(facts.place_until)}" if facts.place_from else "",
        "ways": WAYS_OF_ASKING,
        "genders": GENDERS,
        "levels": LEVELS,
        "priorities": PRIORITIES,
        "support_levels": SUPPORT_LEVELS,
        "sibling_modes": SIBLING_MODES,
    }


@bp.get("/<ref:ref>/access-log")
@requires(Permission.SEE_ACCESS_LOG)
def log(ref: str) -> Response:
    """Show who looked at the child's data; the page shows the reference only, so it is no look itself."""
    with read_only() as session:
        found = access_log.looks(session, actor(), ref, at=now(), number=_number("page", 1))
    return render(
        "children/access_log.html",
        ref=ref,
        found=found,
        looked_at=looked_at,
        paging=Paging(found.number, found.pages, url_for("children.log", ref=ref), {}),
    )


@bp.post("/<ref:ref>/purpose")
@requires(Permission.SEE_CHILDREN)
def purpose(ref: str) -> Response:
    return _stated(ref, reveal=False)


@bp.post("/<ref:ref>/reveal")
@requires(Permission.SEE_CHILDREN)
def reveal(ref: str) -> Response:
    return _stated(ref, reveal=True)


def _stated(ref: str, *, reveal: bool) -> Response:
    """Keep the typed purpose and go back to where it was asked for; a poor one redraws the form."""
    form = PurposeForm()
    if form.validate():
        try:
            with transaction() as session:
                service.state_purpose(session, actor(), ref, form.purpose.data, reveal=reveal, at=now())
        except NotFound:
            raise
        except Refusal as refused:
            attach(form, [refused])
        else:
            return to(safe_next(form.next.data) if form.next.data else url_for("children.show", ref=ref))
    with read_only() as session:
        access.find(session, actor(), ref, now())
    return purpose_page(ref, form, status=422, reveal=reveal)


@today.source
def _turning_adult(session: Session, who: Actor, at: datetime) -> list[today.Group]:
    """Tell who turns 18 within six months: own clients for a social worker, all for a coordinator."""
    if who.role not in (Role.SOCIAL_WORKER, Role.COORDINATOR):
        return []
    own = who.role is Role.SOCIAL_WORKER
    worker = {"worker": "me"} if own else {}
    return [
        today.Group(
            key="turning-adult",
            title=_("Turn 18 within 6 months"),
            count=lists.count_turning_adult(session, who, at, own_only=own),
            url=_list_url({"coming": "adult", **worker}),
            action=_("Plan the next home"),
        )
    ]


@today.source
def _drafts(session: Session, who: Actor, at: datetime) -> list[today.Group]:
    if not who.can(Permission.EDIT_CHILDREN):
        return []
    kept = drafts.own(session, who)
    first = kept[0].token if kept else ""
    return [
        today.Group(
            key="child-drafts",
            title=_("Children being added"),
            count=len(kept),
            url=url_for("child_new.step", token=first, number=1) if kept else url_for("child_new.start"),
            action=_("Continue adding"),
            oldest_days=max(((at - one.updated_at).days for one in kept), default=None),
        )
    ]
