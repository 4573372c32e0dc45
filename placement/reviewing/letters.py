"""The words of a decision on a claim and of an order to pay back: rows in, the letter in fi, sv and en out.

The legal text is Finnish or Swedish; the other two say on the first page that they are translations. Children are
named by reference only. Content: 434/2003 §§ 44-45 and 49 (authority, party, decision, reasons, provisions, remedy).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from agreements.claim_tables import Claim, ClaimDecision
from agreements.claim_values import Gate
from agreements.payment_tables import Recovery
from placement.agreed.paper import euros
from placement.catalogues import catalogue
from placement.decisions.letters import day
from placement.documents.letter import Letter, Section, Words, pdf
from placement.people.tables import Organisation, User
from placement.reference import cite, legal_bases, remedy
from placement.reimbursed import words
from placement.reviewing.lines import Line
from placement.reviewing.tables import ClaimDocument

LANGUAGES = ("fi", "sv", "en")
LEGAL_LANGUAGES = ("fi", "sv")
KINDS = {Gate.COST: "reimbursement", Gate.PAYMENT: "payment"}
"""What kind of decision the law knows each gate's as: provisions and remedy are looked up by it."""
Say = Callable[[str], str]


@dataclass(frozen=True)
class Facts:
    """The rows a decision's letter is written from; `before` is the decision that this one replaces."""

    claim: Claim
    made: ClaimDecision
    lines: Sequence[Line]
    county: Organisation
    authority: Organisation
    decider: User
    second: User | None
    heard: str
    legal: str
    demo: bool
    before: ClaimDecision | None = None


def documents(facts: Facts) -> list[ClaimDocument]:
    """Return a decision's documents in all three languages, not yet added to the session.

    Raises SignNotShown when something typed cannot be printed.
    """
    made = []
    for lang in LANGUAGES:
        content = pdf(letter(facts, lang))
        made.append(_document(content, lang, facts.legal, decision_id=facts.made.id))
    return made


def _document(
    content: bytes, lang: str, legal: str, *, decision_id: int | None = None, recovery_id: int | None = None
) -> ClaimDocument:
    return ClaimDocument(
        decision_id=decision_id,
        recovery_id=recovery_id,
        language=lang,
        legal_text=lang == legal,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def letter(facts: Facts, lang: str) -> Letter:
    """Return the decision on a claim as a letter in fi, sv or en."""
    _ = catalogue(lang).gettext
    title = (
        _("Decision on reimbursement of costs")
        if facts.claim.gate is Gate.COST
        else _("Decision on a payment application")
    )
    return Letter(
        language=lang,
        title=title,
        authority=facts.authority.name(lang),
        number=facts.claim.case_number or facts.claim.ref,
        written_on=facts.made.decided_on,
        facts=_facts(facts, lang, _),
        sections=(
            _outcome(facts, lang, _),
            *_against(facts, lang, _),
            _sums(facts, lang, _),
            *_heard(facts, _),
            provisions(KINDS[facts.claim.gate], facts.made.decided_on, lang, _),
            objections(KINDS[facts.claim.gate], facts.made.decided_on, facts.authority, lang, _),
            _deciders(facts, _),
        ),
        note=translation_note(facts.legal, lang, _),
        demo=_("DEMO – invented data") if facts.demo else None,
    )


def translation_note(legal: str, lang: str, _: Say) -> str | None:
    """Return the boxed remark of a translation, None for the text that holds."""
    if lang == legal:
        return None
    notes = {
        "fi": _("This is a translation. The legal text of the decision is in Finnish."),
        "sv": _("This is a translation. The legal text of the decision is in Swedish."),
    }
    return notes[legal] + " " + _("What the official wrote in own words is shown in the language it was written in.")


def _facts(facts: Facts, lang: str, _: Say) -> tuple[tuple[str, str], ...]:
    claim, made = facts.claim, facts.made
    rows = [
        (_("Case number"), claim.case_number or "–"),
        (_("Day of the decision"), day(made.decided_on, lang)),
        (_("Authority"), facts.authority.name(lang)),
        (_("Claimant"), facts.county.name(lang)),
        (_("Claim"), claim.ref + ", " + _("version %(number)s") % {"number": claim.number}),
        (_("Period"), days(claim.period_first, claim.period_last, lang)),
    ]
    if claim.gate is Gate.COST:
        rows.append((_("The decision covers"), days(made.valid_from, made.valid_to, lang)))
    if facts.before is not None:
        replaced = day(facts.before.decided_on, lang)
        rows.append((_("Replaces the decision of"), replaced))
    return tuple(rows)


def days(first: date, last: date, lang: str) -> str:
    return f"{day(first, lang)} – {day(last, lang)}"


def _outcome(facts: Facts, lang: str, _: Say) -> Section:
    made = facts.made
    sentence = (
        _("The costs are approved as reimbursable up to %(sum)s.")
        if facts.claim.gate is Gate.COST
        else _("%(sum)s is approved to be paid.")
    ) % {"sum": euros(made.approved_cents, lang)}
    texts = [Words(sentence, lang)]
    if facts.before is not None:
        texts.append(Words(_("Why the decision is corrected: "), lang))
        texts.append(Words(made.reason, facts.legal))
    rows = [
        (_("Claimed"), euros(made.claimed_cents, lang)),
        (_("Approved"), euros(made.approved_cents, lang)),
        (_("Rejected"), euros(made.rejected_cents, lang)),
        (_("Parked to the next claim"), euros(made.parked_cents, lang)),
    ]
    return Section(_("What was decided"), texts=tuple(texts), rows=tuple(rows))


def line_name(line: Line, lang: str, _: Say) -> str:
    """Return what a line is about: number, kind of cost, unit, child by reference, days; a protected place is not."""
    row = line.row
    unit = _("place hidden") if line.hidden else line.unit.name if line.unit else ""
    parts = [
        _("Line %(number)s") % {"number": row.line_no},
        _(words.COST_KINDS[row.cost_kind]),
        unit,
        row.child_ref or "",
        days(row.first_day, row.last_day, lang),
    ]
    return ", ".join(part for part in parts if part)


def _against(facts: Facts, lang: str, _: Say) -> tuple[Section, ...]:
    """Return the reasons of each line that was not approved in full: the sum, the provision's code, the words."""
    found = []
    for line in facts.lines:
        state = line.state
        if state.verdict in ("approve", "") or state.claimed_cents == state.approved_cents:
            continue
        said = (
            _("%(parked)s is parked to the next claim.") % {"parked": euros(state.parked_cents, lang)}
            if state.verdict == "park"
            else _("Of %(claimed)s, %(approved)s is approved and %(rejected)s rejected.")
            % {
                "claimed": euros(state.claimed_cents, lang),
                "approved": euros(state.approved_cents, lang),
                "rejected": euros(state.rejected_cents, lang),
            }
        )
        code = words.REASONS.get(state.reason_code)
        texts = [Words(said, lang), *([Words(_(code) + ".", lang)] if code else [])]
        texts += [Words(state.reason, facts.legal)] if state.reason else []
        found.append(Section(line_name(line, lang, _), texts=tuple(texts)))
    return tuple(found)


def _sums(facts: Facts, lang: str, _: Say) -> Section:
    rows = tuple(
        (
            line_name(line, lang, _),
            _("claimed %(claimed)s, approved %(approved)s")
            % {
                "claimed": euros(line.state.claimed_cents, lang),
                "approved": euros(line.state.approved_cents, lang),
            },
        )
        for line in facts.lines
        if line.state.claimed_cents
    )
    return Section(_("Sums by line"), rows=rows)


def _heard(facts: Facts, _: Say) -> tuple[Section, ...]:
    if not facts.heard:
        return ()
    return (Section(_("Hearing of the claimant"), texts=(Words(facts.heard, facts.legal),)),)


def provisions(kind: str, on: date, lang: str, _: Say) -> Section:
    """Return the provisions that a decision of the kind rests on by the law of the day."""
    items = [text for basis in legal_bases(kind, on) for text in cite(basis.source, lang)]
    return Section(_("Provisions applied"), items=tuple(dict.fromkeys(items)))


def objections(kind: str, on: date, authority: Organisation, lang: str, _: Say) -> Section:
    """Return the guide to a rectification: 30 days from service, to the authority that decided."""
    rule = remedy(kind, on)
    texts = tuple(Words(_(sentence.text), lang) for sentence in rule.sentences)
    return Section(
        _("How to request a rectification"),
        texts=texts,
        rows=((_("The request is sent to"), authority.name(lang)),),
    )


def _deciders(facts: Facts, _: Say) -> Section:
    rows = [(_("Official"), facts.decider.name)]
    if facts.second is not None:
        rows.append((_("Confirmed by"), facts.second.name))
    return Section(_("Decided by"), rows=tuple(rows))


@dataclass(frozen=True)
class Order:
    """The rows a letter on repayment is written from."""

    claim: Claim
    recovery: Recovery
    county: Organisation
    authority: Organisation
    decider: User
    legal: str
    demo: bool


def order_documents(order: Order) -> list[ClaimDocument]:
    """Return the documents of an order to pay back in all three languages, not yet added to the session."""
    return [
        _document(pdf(order_letter(order, lang)), lang, order.legal, recovery_id=order.recovery.id)
        for lang in LANGUAGES
    ]


def order_letter(order: Order, lang: str) -> Letter:
    """Return an order to pay back as a letter in fi, sv or en."""
    _ = catalogue(lang).gettext
    recovery = order.recovery
    sentence = _("%(county)s pays back %(sum)s, which was paid for %(year)s beyond what is approved.") % {
        "county": order.county.name(lang),
        "sum": euros(recovery.principal_cents, lang),
        "year": recovery.care_year,
    }
    interest = (
        _("Interest runs from the day of payment.")
        if recovery.interest_starts == "payment_day"
        else _("Interest runs from the day after the due day until the sum has come back.")
    )
    heard = Section(
        _("Hearing of the claimant"),
        texts=(Words(recovery.statement, order.legal),) if recovery.statement else (),
        rows=((_("Time to be heard"), days(recovery.heard_from, recovery.heard_by, lang)),),
    )
    return Letter(
        language=lang,
        title=_("Decision on repayment"),
        authority=order.authority.name(lang),
        number=recovery.ref,
        written_on=recovery.decided_on,
        facts=(
            (_("Day of the decision"), day(recovery.decided_on, lang)),
            (_("Claimant"), order.county.name(lang)),
            (_("Claim"), order.claim.ref),
            (_("To be paid back"), euros(recovery.principal_cents, lang)),
            (_("Due day"), day(recovery.due_on, lang)),
            (_("Last day to order repayment"), day(recovery.last_day, lang)),
        ),
        sections=(
            Section(_("What was decided"), texts=(Words(sentence, lang), Words(interest, lang))),
            Section(_("Reasons"), texts=(Words(recovery.reason, order.legal),)),
            heard,
            provisions("recovery", recovery.decided_on, lang, _),
            objections("recovery", recovery.decided_on, order.authority, lang, _),
            Section(_("Decided by"), rows=((_("Official"), order.decider.name),)),
        ),
        note=translation_note(order.legal, lang, _),
        demo=_("DEMO – invented data") if order.demo else None,
    )


def papers(session: Session, facts: Facts | Order) -> None:
    """Write the letters of a decision or an order into the caller's transaction."""
    session.add_all(documents(facts) if isinstance(facts, Facts) else order_documents(facts))
    session.flush()
