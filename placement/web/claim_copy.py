"""A claim as a PDF in the reader's language: whom it goes to, its sums by kind, every line, the fingerprint."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlmodel import Session

from agreements.claim_reads import version_of
from agreements.claim_tables import ClaimLine
from placement.clock import business_day
from placement.documents.agreement import Paper, Table, pdf
from placement.reimbursed import reading
from placement.web import claim_words as words
from placement.web.claims import OpenedClaim
from placement.web.edge import now
from placement.web.i18n import day, lang, moment, money


def pdf_of(session: Session, found: OpenedClaim, *, demo: bool) -> bytes:
    """Return the present version of a claim as a PDF/UA-1 file; children stand in it by reference."""
    claim = found.claim
    version = version_of(session, claim)
    on = business_day(claim.sent_at) if claim.sent_at else business_day(now())
    return pdf(
        Paper(
            language=lang(),
            title=f"{words.gate(claim.gate)}, {words.period(found.period)}",
            number=claim.ref,
            content_hash=version.content_hash or "",
            hash_label=_("Fingerprint of the content") if version.content_hash else _("Draft: not sent yet"),
            frozen_on=on,
            facts=(
                (_("County"), found.row.county.name(lang())),
                (_("Goes to"), found.row.authority.name(lang())),
                (_("Period"), words.span(claim.period_first, claim.period_last)),
                (_("Version"), str(claim.number)),
                (_("Sent"), moment(claim.sent_at) or "–"),
                (_("Claimed in all"), money(found.total_cents)),
            ),
            tables=(_sums(found), _lines(found)),
            clauses_title="",
            clauses=(),
            demo=_("DEMO – invented data") if demo else None,
        )
    )


def _sums(found: OpenedClaim) -> Table:
    return Table(
        _("By kind of cost"),
        (_("Kind of cost"), _("Lines"), _("Days"), _("Claimed")),
        tuple(
            (words.kind(one.kind), str(one.lines), str(one.days or "–"), money(one.cents))
            for one in reading.kind_sums(found.lines)
        ),
        numeric=(1, 2, 3),
    )


def _lines(found: OpenedClaim) -> Table:
    return Table(
        _("Lines"),
        (_("Line"), _("Kind of cost"), _("Unit"), _("Child"), _("Days"), _("Voucher"), _("Claimed")),
        tuple(
            (
                str(line.line_no),
                words.kind(line.cost_kind),
                _place(found, line),
                line.child_ref or "–",
                f"{day(line.first_day)} – {day(line.last_day)}",
                line.voucher or words.note(line) or "–",
                money(line.claimed_cents),
            )
            for line in found.lines
        ),
        numeric=(0, 6),
    )


def _place(found: OpenedClaim, line: ClaimLine) -> str:
    if line.child_ref in found.hidden:
        return str(_("Hidden"))
    return found.units[line.unit_id].name if line.unit_id else "–"
