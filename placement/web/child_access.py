"""How every view opens a child: find, verify the relation, log the look, and only then give the data.

A child without a relation answers with the purpose form (403); a foreign or missing one is the same 404.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import Response, make_response, render_template, request
from sqlmodel import Session

from placement.children import access
from placement.children.access import Identity, NoRelation, Opened
from placement.web.child_forms import PurposeForm
from placement.web.edge import actor, now, write
from placement.web.render import wants_fragment


def open_child(ref: str, *, data_used: str) -> Opened:
    """Return the child for this page; its use-log row is committed before this returns.

    `data_used` says what the page shows, in a few words of code ("record", "decision"). Raises NotFound and
    NoRelation; neither is to be caught: the error pages answer them.
    """

    def work(session: Session) -> Opened:
        return access.open_child(session, actor(), ref, at=now(), data_used=data_used, endpoint=request.endpoint or "")

    return write(work)


def open_names(child_ids: Collection[int], *, data_used: str) -> dict[int, Identity]:
    """Return the names that a list may show, by child key, each with its use-log row committed.

    A child that is absent is shown by reference, age and status only.
    """
    if not child_ids:
        return {}

    def work(session: Session) -> dict[int, Identity]:
        return access.open_list(
            session, actor(), child_ids, at=now(), data_used=data_used, endpoint=request.endpoint or ""
        )

    return write(work)


def open_matching(text: str, *, data_used: str) -> dict[int, Identity]:
    """Return the names that hold the text among the children this actor may name, each look committed to the log."""

    def work(session: Session) -> dict[int, Identity]:
        return access.open_matching(
            session, actor(), text, at=now(), data_used=data_used, endpoint=request.endpoint or ""
        )

    return write(work)


def ask_for_purpose(needed: NoRelation) -> Response:
    """Answer 403 with "Why do you need to see this child?"; a stated purpose leads back to the same page."""
    back = request.full_path.rstrip("?") if request.method == "GET" and not wants_fragment() else ""
    return purpose_page(needed.ref, PurposeForm(data={"next": back}, formdata=None), status=403)


def purpose_page(ref: str, form: PurposeForm, *, status: int, reveal: bool = False) -> Response:
    """Return the page (or fragment) that asks why; `reveal` asks for the identity of a protected child."""
    template = "children/_purpose_form.html" if wants_fragment() else "children/purpose.html"
    return make_response(render_template(template, ref=ref, form=form, reveal=reveal), status)
