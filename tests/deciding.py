"""A decision from its first word to the made act, for tests about what follows from decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from placement.clock import business_day
from placement.decisions import drafts, service, verdicts
from placement.decisions.content_rules import Content
from placement.decisions.tables import Decision
from placement.permissions import Actor


def complete(draft: Decision, at: datetime, **changes: Any) -> Content:
    """Return a content of the draft that lacks nothing."""
    today = business_day(at)
    return replace(
        verdicts.content_of(draft),
        **{
            "assessment_on": today - timedelta(days=20),
            "child_hearing": "heard",
            "child_heard_on": today - timedelta(days=2),
            "child_heard_how": "conversation",
            "child_heard_language": "so",
            "child_opinion": "Haluan käydä samaa koulua.",
            "representative_hearing": "heard",
            "representative_heard_on": today - timedelta(days=1),
            "representative_opinion": "Puoltaa.",
            "alternatives": "Kaksi muuta yksikköä arvioitiin.",
            "reasons": "Yhteinen kieli ja koulu lähellä.",
            "legal_bases": ("care_arranged", "best_interests"),
            **changes,
        },
    )


def decide(session: Session, who: Actor, asked: drafts.Start, at: datetime, **changes: Any) -> Decision:
    """Hold the place, write the decision and make it, as an official would; without letters."""
    draft = drafts.start_decision(session, who, asked, at=at)
    saved = drafts.save_draft(session, who, draft.ref, complete(draft, at, **changes), version=draft.version, at=at)
    return service.make_decision(session, who, draft.ref, version=saved.version, at=at, typeset=lambda _s, _d: [])
