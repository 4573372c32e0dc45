"""Two people edited one claim: the page with both versions, or the own page again with what the other one saved.

Lines are written anew with every save and their numbers move, so a form that is about a line says which one by
what it is, and what was typed never lands on another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col, select

from agreements.claim_tables import ClaimEvent, ClaimLine
from placement.people.tables import User
from placement.refusals import Conflict, NotFound, Refusal
from placement.web import errors
from placement.web.agreement_parts import attach
from placement.web.child_forms import KitForm
from placement.web.child_values import sent, shown
from placement.web.claims import OpenedClaim, opened
from placement.web.decision_forms import whole
from placement.web.edge import read_only
from placement.web.i18n import moment, money

CHANGED = "changed-meanwhile"
UNSEEN = ("version", "about")
Redraw = Callable[[OpenedClaim, ClaimLine, Any, int], Response]
Stored = Callable[[Session, OpenedClaim, ClaimLine], KitForm | None]


def about(line: ClaimLine) -> str:
    """Return what tells a line from the others of its claim, whatever its number becomes."""
    if line.cost_entry_id is not None:
        return f"cost-{line.cost_entry_id}-{line.care_year}"
    facts = (line.cost_kind, line.unit_id, line.child_ref, line.first_day, line.last_day, line.voucher)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def edited(found: OpenedClaim, form: Any, number: int) -> ClaimLine | None:
    """Return the line that a form was opened on, as it stands now; None when it is no longer there.

    Raises NotFound for a number that the claim never had for the reader: nothing was opened there.
    """
    which = form.about.data
    if which and whole(form.version.data) != found.claim.version:
        return next((line for line in found.lines if about(line) == which), None)
    line = next((line for line in found.lines if line.line_no == number), None)
    if line is None:
        raise NotFound
    return line


def last_saved(session: Session, found: OpenedClaim) -> tuple[str, str]:
    """Return who moved the claim last, and when, as text."""
    row = session.exec(
        select(ClaimEvent, User.name)
        .join(User, col(User.id) == ClaimEvent.by)
        .where(ClaimEvent.claim_id == found.claim.id)
        .order_by(col(ClaimEvent.id).desc())
    ).first()
    assert row is not None  # beginning a claim is its first move
    return row[1], moment(row[0].at)


def now_stands(found: OpenedClaim, saved: tuple[str, str]) -> str:
    """Return the sentence that names the other version: who saved it, when, and what the claim is with it."""
    lines = ngettext("%(num)s line", "%(num)s lines", len(found.lines))
    return str(
        _(
            "%(name)s saved a change at %(time)s. The claim is now %(sum)s, %(lines)s.",
            name=saved[0], time=saved[1], sum=money(found.total_cents), lines=lines,
        )
    )  # fmt: skip


def renew(form: Any, found: OpenedClaim, saved: tuple[str, str]) -> None:
    """Make a form one of the newest version, with what was typed in it and the other version named above it."""
    form.version.data = str(found.claim.version)
    form.form_errors.append(now_stands(found, saved))
    form.form_errors.append(_("What you typed is below, not saved yet. Look at the claim, then save again to keep it."))


def refused_on(refused: Refusal, ref: str, form: Any, redraw: Callable[[OpenedClaim, Any, int], Response]) -> Response:
    """Answer a refused edit of the claim as a whole: its page again as typed, in the newest version."""
    attach(form, refused)
    with read_only() as session:
        found = opened(session, ref)
        if refused.code == CHANGED:
            renew(form, found, last_saved(session, found))
    return redraw(found, form, refused.status)


def refused_on_line(
    refused: Refusal, ref: str, number: int, form: Any, *, redraw: Redraw, endpoint: str, stored: Stored | None = None
) -> Response:
    """Answer a refused edit of one line.

    Where somebody else saved other words or sums for the same (`stored`), both stand side by side to choose
    from; where they saved something else, the page comes again as typed. A line that is gone shows what was typed.
    """
    with read_only() as session:
        found = opened(session, ref)
        saved = last_saved(session, found)
        line = edited(found, form, number)
        theirs = stored(session, found, line) if stored and line and refused.code == CHANGED else None
    if line is None:
        return gone(ref, form)
    attach(form, refused)
    if refused.code != CHANGED:
        return redraw(found, line, form, refused.status)
    rows = _rows(form, theirs) if theirs is not None else []
    if not any(row["theirs_value"] for row in rows):
        renew(form, found, saved)
        return redraw(found, line, form, 409)
    differing = {row["name"] for row in rows}
    return errors.page(
        409,
        conflict_rows=rows,
        conflict_by=saved[0],
        conflict_at=saved[1],
        conflict_action=url_for(endpoint, ref=ref, number=line.line_no),
        conflict_hidden=[
            ("version", str(found.claim.version)),
            ("about", about(line)),
            *((field.name, sent(field)) for field in form if field.name not in differing and field.name not in UNSEEN),
        ],
        retry_url=url_for("claims.show", ref=ref),
    )


def _rows(mine: KitForm, theirs: KitForm) -> list[dict[str, Any]]:
    """Return the fields that differ between what was typed and what stands; what stood before is not kept."""
    return [
        {
            "label": field.label.text,
            "name": field.name,
            "before": "",
            "yours": shown(field),
            "theirs": shown(theirs[field.name]),
            "yours_value": sent(field),
            "theirs_value": sent(theirs[field.name]),
        }
        for field in mine
        if field.name not in UNSEEN and (field.data or None) != (theirs[field.name].data or None)
    ]


def gone(ref: str, form: Any) -> Response:
    """Tell that the line is no longer in the claim, with everything that was typed about it, to be copied."""
    with read_only() as session:
        found = opened(session, ref)
        saved = last_saved(session, found)
    told = " ".join((now_stands(found, saved), _("The line you edited is no longer in it.")))
    typed = [(field.label.text, shown(field)) for field in form if field.name not in UNSEEN and shown(field)]
    return errors.page(409, message=told, typed=typed, retry_url=url_for("claims.show", ref=found.ref))


def require_newest(session: Session, found: OpenedClaim, version: int) -> None:
    """Raise Conflict, which names the other version, for an act on a claim that somebody saved since."""
    if found.claim.version != version:
        name, time = last_saved(session, found)
        raise Conflict("claim-saved-since", name=name, time=time, sum=money(found.total_cents), claim=found.ref)
