"""A list's filters under a name: saved from the list, shown above it, renamed, shared and removed on one page."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from placement.audit import idempotency
from placement.moves import saved_views
from placement.moves.saved_views import LONGEST_NAME, Shown
from placement.permissions import Permission
from placement.refusals import NotFound, Refusal
from placement.web.child_forms import KitForm, line
from placement.web.child_services import refused_on
from placement.web.edge import actor, now, read_only, transaction
from placement.web.guard import requires
from placement.web.render import render, to

bp = Blueprint("saved_views", __name__, url_prefix="/views")
PAGES: dict[str, tuple[Any, Permission, tuple[str, ...]]] = {
    "children.index": (
        _l("Children"),
        Permission.SEE_CHILDREN,
        ("status", "worker", "kind", "coming", "sort", "order", "size"),
    ),
    "units.index": (_l("Units"), Permission.SEE_UNITS, ("kind", "municipality", "language", "free", "sort")),
    "services.index": (
        _l("Services"),
        Permission.SEE_SERVICES,
        ("show", "kind", "side", "unit", "municipality", "owner"),
    ),
    "claims.index": (_l("Claims"), Permission.SEE_CLAIMS, ("gate", "state")),
}
"""Lists whose filters can be saved: title, permission, and the filters kept. A child's reference is none of them."""
SEE = requires(*(permission for _title, permission, _names in PAGES.values()))
LONGEST_VALUE = 60


class ViewForm(KitForm):
    name = line(_l("Name of the view"), LONGEST_NAME)
    shared = BooleanField(_l("Share with my organisation"))


def _filters(page: str) -> str:
    """Return the filters of the address that a view keeps, in their own order, as a query."""
    given = {name: request.values.get(name, "").strip()[:LONGEST_VALUE] for name in PAGES[page][2]}
    return urlencode({name: value for name, value in given.items() if value})


def _page() -> str:
    page = request.values.get("page", "")
    if page not in PAGES or not actor().can(PAGES[page][1]):
        raise NotFound
    return page


def _address(view: Shown) -> str:
    return f"{url_for(view.page)}?{view.query}"


@bp.app_context_processor
def _above_lists() -> dict[str, Any]:
    return {"views_of": views_of}


def views_of(page: str) -> dict[str, Any]:
    """Return what stands above a list: its views, which of them is shown, and where its filters can be saved."""
    query = _filters(page)
    with read_only() as session:
        found = [one for one in saved_views.visible(session, actor()) if one.page == page]
    return {
        "views": [(one, _address(one), one.query == query) for one in found],
        "save": f"{url_for('saved_views.new', page=page)}&{query}" if query else None,
    }


@bp.get("")
@SEE
def index() -> Response:
    with read_only() as session:
        found = [one for one in saved_views.visible(session, actor()) if actor().can(PAGES[one.page][1])]
    lines = [(one, _address(one), PAGES[one.page][0]) for one in found]
    return render("views/index.html", lines=lines)


@bp.get("/new")
@SEE
def new() -> Response:
    return _draw(_page(), ViewForm(formdata=None), key=secrets.token_urlsafe(24))


def _draw(page: str, form: ViewForm, *, key: str, status: int = 200) -> Response:
    kept = [(name, request.values.get(name, "")[:LONGEST_VALUE]) for name in PAGES[page][2] if request.values.get(name)]
    return render(
        "views/new.html",
        status=status,
        list_of=page,
        form=form,
        key=key,
        kept=kept,
        address=f"{url_for(page)}?{_filters(page)}",
        list_title=PAGES[page][0],
    )


@bp.post("/new")
@SEE
def create() -> Response:
    page, form, key = _page(), ViewForm(), request.form.get("idempotency_key", "")
    if not form.validate():
        return _draw(page, form, key=key, status=422)
    try:
        with transaction() as session:
            location = idempotency.once(session, actor(), key, "saved_views.new")
            if location is None:
                query, shared = _filters(page), bool(form.shared.data)
                saved_views.save(session, actor(), page, form.name.data or "", query, shared=shared, at=now())
                location = f"{url_for(page)}?{query}"
                idempotency.remember(session, actor(), key, "saved_views.new", location, now())
    except Refusal as refused:
        refused_on(form, refused)
        return _draw(page, form, key=key, status=refused.status)
    flash(_("The view was saved. It stands above the list."), "success")
    return to(location)


@bp.get("/<int:number>")
@SEE
def edit(number: int) -> Response:
    with read_only() as session:
        row = saved_views.own(session, actor(), number)
        form = ViewForm(formdata=None, data={"name": row.name, "shared": row.shared})
    return render("views/edit.html", form=form, number=number)


@bp.post("/<int:number>")
@SEE
def change(number: int) -> Response:
    form = ViewForm()
    with read_only() as session:
        saved_views.own(session, actor(), number)
    if not form.validate():
        return render("views/edit.html", status=422, form=form, number=number)
    try:
        with transaction() as session:
            shared = bool(form.shared.data)
            saved_views.change(session, actor(), number, form.name.data or "", shared=shared, at=now())
    except NotFound:
        raise
    except Refusal as refused:
        refused_on(form, refused)
        return render("views/edit.html", status=refused.status, form=form, number=number)
    flash(_("Saved."), "success")
    return to(url_for("saved_views.index"))


@bp.post("/<int:number>/remove")
@SEE
def remove(number: int) -> Response:
    with transaction() as session:
        saved_views.remove(session, actor(), number, at=now())
    flash(_("The view was removed."), "success")
    return to(url_for("saved_views.index"))
