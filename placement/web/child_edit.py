"""Changing one section of a child's record at a time; two people at once see both versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from placement.children import choices, details, queries, service
from placement.children.access import Opened
from placement.children.choices import Choices
from placement.children.tables import Child
from placement.integration import rippling
from placement.permissions import Permission
from placement.refusals import Conflict, NotAllowed, NotFound, Refusal, Refusals
from placement.web import errors, path_words
from placement.web.child_access import open_child
from placement.web.child_forms import SECTION_FIELDS, KitForm, attach, build, leaves
from placement.web.child_parts import form_data, part_of
from placement.web.child_values import conflict_rows, values
from placement.web.child_words import SECTIONS
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import lang, moment
from placement.web.render import render, to
from placement.web.service_words import service_name

bp = Blueprint("child_edit", __name__, url_prefix="/children/<ref:ref>/edit")


@bp.get("/<section>")
@requires(Permission.EDIT_CHILDREN)
def show(ref: str, section: str) -> Response:
    opened = _open(ref, section)
    form, _offered = _stored(opened, section)
    return _draw(opened, section, form, was=values(leaves(form)), version=opened.version)


@bp.post("/<section>")
@requires(Permission.EDIT_CHILDREN)
def save(ref: str, section: str) -> Response:
    """Save the section; faults redraw the form as typed, a version that is no longer the newest shows both."""
    opened = _open(ref, section)
    stored, offered = _stored(opened, section)
    form = build((section,), offered, today(), formdata=request.form)
    version = int(request.form["version"]) if request.form.get("version", "").isdecimal() else 0
    if not form.validate():
        return _again(opened, section, form, version)
    if section == "birth-date" and "confirmed" not in request.form:
        return _ripple(opened, form, version)
    try:
        with transaction() as session:
            _write(session, opened, section, form, offered, version)
    except Refusals as refused:
        attach(form, refused.faults)
        return _again(opened, section, form, version)
    except Conflict:
        return _both(opened, section, form, stored, offered)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refused:
        attach(form, [refused])
        return _again(opened, section, form, version)
    flash(_("Saved."), "success")
    return to(url_for("children.show", ref=ref))


def _open(ref: str, section: str) -> Opened:
    if section not in SECTION_FIELDS:
        raise NotFound
    opened = open_child(ref, data_used="edit")
    if not opened.shows_place:
        raise NotAllowed("identity-closed")
    return opened


def _stored(opened: Opened, section: str) -> tuple[KitForm, Choices]:
    """Return the section's form as the record stands, and what it offers; a stored choice is always offered."""
    with read_only() as session:
        facts = queries.everything_about(session, [opened.id])[opened.id]
        known = details.details(session, opened)
        offered = choices.load(session, opened.county_id, lang(), today())
    offered = replace(offered, units={**offered.units, **dict((*known.wishes, *known.bans))})
    if known.worker_name and facts.worker_id:
        offered = replace(offered, workers={**offered.workers, str(facts.worker_id): known.worker_name})
    data = form_data(section, opened, facts, known, offered)
    return build((section,), offered, today(), formdata=None, data=data), offered


def _write(session: Session, opened: Opened, section: str, form: Any, offered: Choices, version: int) -> None:
    if section == "birth-date":
        service.correct_birth_date(
            session, actor(), opened.ref, form.birth_date.data, source=form.source.data, version=version, at=now()
        )
        rippling.follow(session, opened.id, opened.birth_date, at=now())
        return
    service.edit(
        session,
        actor(),
        opened.ref,
        part_of(section, form, offered),
        version=version,
        at=now(),
        invented_codes=kit().settings.env in ("demo", "test"),
    )


def _ripple(opened: Opened, form: Any, version: int) -> Response:
    """Show everything the new birth date would move; it is saved with the button of this page only."""
    with read_only() as session:
        child = session.get_one(Child, opened.id)
        faults = service.birth_date_faults(child, form.birth_date.data, today())
        seen = None if faults else rippling.preview(session, opened.id, form.birth_date.data, today())
    if seen is None:
        attach(form, faults)
        return _again(opened, "birth-date", form, version)
    return render(
        "children/birth_date.html",
        opened=opened,
        form=form,
        version=version,
        preview=seen,
        moved=path_words.MOVED,
        service_name=service_name,
        was=[(name[4:], value) for name, value in request.form.items() if name.startswith("was-")],
    )


def _again(opened: Opened, section: str, form: KitForm, version: int) -> Response:
    was = [(name[4:], value) for name, value in request.form.items() if name.startswith("was-")]
    return _draw(opened, section, form, was=was, version=version, status=422)


def _draw(
    opened: Opened, section: str, form: KitForm, *, was: list[tuple[str, str]], version: int, status: int = 200
) -> Response:
    return render(
        "children/edit.html",
        status=status,
        opened=opened,
        section=section,
        title=SECTIONS[section],
        form=form,
        was=was,
        version=version,
    )


def _both(opened: Opened, section: str, mine: KitForm, theirs: KitForm, offered: Choices) -> Response:
    """Show what I typed, what stands now and what stood before; nothing typed is lost."""
    was = MultiDict((name[4:], value) for name, value in request.form.items() if name.startswith("was-"))
    before = build((section,), offered, today(), formdata=was)
    rows = conflict_rows(mine, theirs, before)
    differ = {row["name"] for row in rows}
    same = [(name, value) for name, value in values(leaves(mine)) if name not in differ]
    stands = [(f"was-{name}", value) for name, value in values(leaves(theirs))]
    with read_only() as session:
        last = details.history(session, opened.ref, most=1)
    return errors.page(
        409,
        retry_url=url_for("child_edit.show", ref=opened.ref, section=section),
        conflict_rows=rows,
        conflict_by=last[0].who if last else None,
        conflict_at=moment(last[0].at) if last else None,
        conflict_action=url_for("child_edit.save", ref=opened.ref, section=section),
        conflict_hidden=[*same, *stands, ("version", str(opened.version))],
    )
