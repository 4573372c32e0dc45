"""What is shown when a decision cannot go on: the place is gone, the proposal is stale, somebody saved meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, url_for

from placement.decisions import queries, verdicts
from placement.decisions.booking import BookingRefused, Wanted
from placement.decisions.content_rules import CONTENT_FIELDS
from placement.decisions.service import StaleProposal
from placement.decisions.tables import Decision
from placement.units.tables import Unit
from placement.web import decision_words
from placement.web.child_access import open_child
from placement.web.decision_forms import ContentForm
from placement.web.decision_pages import MOST_OPTIONS, child_ref, child_ref_of, form_of, say
from placement.web.edge import actor, now, read_only, today
from placement.web.errors import page
from placement.web.render import render


def lost_page(ref: str, refused: BookingRefused) -> Response:
    """Say why there is no place, when it was taken, and what could be chosen instead. The typed text is kept."""
    opened = open_child(ref, data_used="decision")
    with read_only() as session:
        draft = queries.draft_of(session, actor(), opened.id)
        unit = session.get_one(Unit, refused.unit_id)
        first = draft.start if draft else today()
        last = draft.end if draft and draft.end else date(first.year + 1, 1, 1)
        held = queries.hold_of(session, draft) if draft else None
        full = any(one.code == "unit-full" for one in refused.broken)
        since = held.made_at if held else now()
        taken = queries.taken_since(session, unit.id or 0, first, last, since) if full and held else None
        wanted = Wanted(opened.id, unit.id or 0, first, last)
        possible = [one for one in queries.options(session, actor(), wanted, now()) if one.possible]
        return render(
            "decisions/lost.html",
            status=409,
            title_error=True,
            opened=opened,
            decision=draft,
            unit=unit,
            taken_at=taken,
            broken=[decision_words.broken_sentence(one) for one in refused.broken],
            options=possible[:MOST_OPTIONS],
            say=say,
        )


def stale_page(ref: str, stale: StaleProposal) -> Response:
    opened = open_child(child_ref_of(ref), data_used="decision")
    with read_only() as session:
        draft = queries.find(session, actor(), ref)
        return render(
            "decisions/stale.html",
            status=409,
            title_error=True,
            opened=opened,
            decision=draft,
            proposal=verdicts.proposal_of(session, draft),
            changes=[decision_words.changed_sentence(part) for part in stale.changes],
        )


def conflict_page(draft: Decision, form: ContentForm) -> Response:
    """Show both versions of a draft that somebody saved meanwhile; each field's choice is sent to the same form."""
    open_child(child_ref(draft), data_used="decision")
    with read_only() as session:
        stored = form_of(session, queries.find(session, actor(), draft.ref), bound=False)
    rows, hidden = [], [("version", stored.version.data)]
    for name in CONTENT_FIELDS:
        mine, theirs = form[name], stored[name]
        if name == "legal_bases":
            hidden += [(name, code) for code in mine.data or ()]
        elif _plain(mine) == _plain(theirs):
            hidden.append((name, _plain(mine)))
        else:
            rows.append({"label": mine.label.text, "name": name, "yours": _plain(mine), "theirs": _plain(theirs)})
    return page(
        409,
        conflict_rows=[{**row, "before": ""} for row in rows],
        conflict_action=url_for("decisions.save", ref=draft.ref),
        conflict_hidden=hidden,
        retry_url=url_for("decisions.new", child=child_ref(draft)),
    )


def _plain(field: Any) -> str:
    """Return what the form would send for the field."""
    if isinstance(field.data, bool):
        return "y" if field.data else ""
    return str(field._value()) if hasattr(field, "_value") else str(field.data or "")
