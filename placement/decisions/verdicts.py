"""How far a draft is: what it lacks, the rules it breaks, and whether its proposal still holds. Changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from placement.clock import business_day
from placement.decisions import booking, content_rules, queries, rules, staleness, urgent
from placement.decisions.booking import Wanted
from placement.decisions.content_rules import CONTENT_FIELDS, Circumstances, Content
from placement.decisions.rules import Broken
from placement.decisions.tables import Decision, DecisionKind, Proposal, ProposalRow
from placement.reference import codes, legal_bases
from placement.refusals import Refusal
from placement.units.tables import Unit

KIND = "placement"


def content_of(draft: Decision) -> Content:
    values = {name: getattr(draft, name) for name in CONTENT_FIELDS if name != "legal_bases"}
    return Content(**values, legal_bases=tuple(json.loads(draft.legal_bases)))


@dataclass(frozen=True)
class Verdict:
    """How far a draft is: what it lacks, the rules it breaks, and whether a second official must confirm them."""

    missing: tuple[Refusal, ...]
    broken: tuple[Broken, ...]
    deviates: bool
    unconfirmed: tuple[str, ...]
    stale: tuple[str, ...]
    child: rules.ChildFacts

    @property
    def impossible(self) -> bool:
        return any(one.absolute for one in self.broken)

    @property
    def against(self) -> bool:
        """Whether the decision goes against the proposal or a rule, and so needs a reason of its own."""
        return self.deviates or bool(self.broken)


def verdict(session: Session, draft: Decision, at: datetime) -> Verdict:
    """Return what keeps the draft from being made, by the rows of this moment. Changes nothing."""
    row = queries.proposal_row_of(session, draft)
    wanted = wanted_by(draft, row)
    known = booking.facts(session, wanted, at)
    broken = rules.broken_rules(known)
    content = content_of(draft)
    deviates = row is not None and row.proposed_unit_id is not None and row.proposed_unit_id != draft.unit_id
    around = circumstances(session, draft, business_day(at), deviates=deviates, broken=broken)
    return Verdict(
        missing=tuple(content_rules.missing(content, around)),
        broken=broken,
        deviates=deviates,
        stale=() if row is None or deviates else tuple(staleness.what_changed(session, row, at)),
        unconfirmed=content_rules.unconfirmed((one for one in broken if not one.absolute), confirmed_codes(draft)),
        child=known.child,
    )


def wanted_by(draft: Decision, row: ProposalRow | None) -> Wanted:
    if draft.end is None:
        raise Refusal("end-missing", field="end")
    return Wanted(
        draft.child_id,
        draft.unit_id,
        draft.start,
        draft.end,
        row.proposal_id if row else None,
        may_confirm=draft.kind is DecisionKind.PLACEMENT,
    )


def confirmed_codes(draft: Decision) -> list[str]:
    """Return the codes of the broken rules that a second official has confirmed."""
    if draft.second_official_id is None:
        return []
    return [one["code"] for one in json.loads(draft.broken_rules)]


def circumstances(
    session: Session, draft: Decision, today: date, *, deviates: bool, broken: tuple[Broken, ...]
) -> Circumstances:
    unit = session.get_one(Unit, draft.unit_id)
    return Circumstances(
        today=today,
        hearing_grounds=frozenset(code.key for code in codes("hearing_exception", today)),
        known_bases=frozenset(basis.about for basis in legal_bases(KIND, today, unit.kind.value)),
        assessed_on=urgent.assessed_on(session, draft.child_id),
        latest_review=urgent.latest_review(today),
        deviates=deviates,
        broken=broken,
    )


def proposal_of(session: Session, draft: Decision) -> Proposal | None:
    row = queries.proposal_row_of(session, draft)
    return session.get(Proposal, row.proposal_id) if row is not None else None
