"""What may be done against a decision, the sentences that say so, and the provisions it rests on.

The legal text of a decision is Finnish or Swedish; the sentences are English messages that the catalogues
translate, and an English document is marked as a translation.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.code_lists import code_keys
from placement.reference.dated import DatedTable, NotInForce, UnknownCode, table
from placement.reference.rows import Row, Validity
from placement.reference.unit_rules import unit_kind_codes
from placement.reference.working_days import last_day_of_time

_REMEDIES = ("rectification", "appeal", "none")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a remedy guide. `text` is an English message without placeholders."""

    key: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What may be done against a kind of decision. `label` names that kind, as an English message.

    `remedy` is rectification, appeal or none; `days` counts from service, None when there is no remedy;
    `addressed_to` is deciding_authority or administrative_court. `sentences` are in the order to print.
    """

    decision: str
    label: str
    remedy: str
    days: int | None
    addressed_to: str | None
    sentences: tuple[Sentence, ...]
    valid: Validity
    source: str
    certainty: str

    def last_day(self, served_on: date) -> date | None:
        """Return the last day for someone served on `served_on`, None when there is no remedy.

        Child and representative are served separately and each has the time from the own service. The day
        of service is not counted; a Saturday or holiday moves the end (Act 150/1930, sections 2 and 5).
        """
        return None if self.days is None else last_day_of_time(served_on, self.days)


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """A provision a kind of decision rests on, and what it is about (a code of the list legal_basis)."""

    decision: str
    about: str
    unit_kinds: tuple[str, ...]
    source: str


def _sentence(row: Row) -> Sentence:
    return Sentence(row.text("key"), row.text("text"), row.text("source"))


@cache
def _sentences() -> DatedTable[str, Sentence]:
    return table("remedy sentence", "remedy_sentences.csv", lambda row: row.text("key"), _sentence)


def _remedy(row: Row) -> Remedy:
    kind = row.one_of("remedy", _REMEDIES)
    days = row.whole("days")
    if (days is None) != (kind == "none"):
        raise row.fault(f"a remedy {kind} and days {days} do not fit together; give days only with a remedy")
    return Remedy(
        decision=row.text("decision"),
        label=row.text("label"),
        remedy=kind,
        days=days,
        addressed_to=row.optional("addressed_to") or None,
        sentences=_sentences_of(row),
        valid=row.valid,
        source=row.text("source"),
        certainty=row.certainty,
    )


def _sentences_of(row: Row) -> tuple[Sentence, ...]:
    row.text("sentences")
    try:
        return tuple(_sentences().on(key, row.valid.first) for key in row.words("sentences"))
    except (UnknownCode, NotInForce) as missing:
        raise row.fault(f"{missing}; add the sentence to remedy_sentences.csv") from None


@cache
def _remedies() -> DatedTable[str, Remedy]:
    return table("remedy against", "remedies.csv", lambda row: row.text("decision"), _remedy)


def _legal_basis(row: Row) -> LegalBasis:
    unknown = set(row.words("unit_kinds")) - set(unit_kind_codes())
    if unknown:
        raise row.fault(f"unit_kinds names {', '.join(sorted(unknown))}, which unit_kinds.csv does not have")
    about = row.one_of("about", code_keys("legal_basis"))
    return LegalBasis(row.text("decision"), about, row.words("unit_kinds"), row.text("source"))


@cache
def _legal_bases() -> DatedTable[tuple[str, str], LegalBasis]:
    return table(
        "legal basis",
        "legal_bases.csv",
        lambda row: (row.text("decision"), row.text("about")),
        _legal_basis,
    )


def remedy(decision: str, on: date) -> Remedy:
    """Return what may be done against a decision of the kind made on the day.

    Kinds: placement, support, direction, integration_plan, reimbursement, payment, recovery and
    rectification (the decision on a rectification request). Raises UnknownCode for another kind and
    NotInForce for a day outside its rows: a decision without a remedy guide must not go out.
    Source: Act 681/2023, section 95; Act 434/2003, section 49c.
    """
    return _remedies().on(decision, on)


def decision_kinds(on: date) -> tuple[Remedy, ...]:
    """Return the remedies of all kinds of decision that exist on the day."""
    return _remedies().all_on(on)


def legal_bases(decision: str, on: date, unit_kind: str | None = None) -> tuple[LegalBasis, ...]:
    """Return the provisions a decision of the kind made on the day rests on, in the order to print.

    Provisions about one kind of care are left out unless `unit_kind` is that kind. Raises UnknownCode for
    an unknown kind of decision.
    """
    if all(key[0] != decision for key in _legal_bases().codes()):
        raise UnknownCode(f"no legal basis is listed for {decision} decisions; see legal_bases.csv")
    return tuple(
        basis
        for basis in _legal_bases().all_on(on)
        if basis.decision == decision and (not basis.unit_kinds or unit_kind in basis.unit_kinds)
    )


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _sentences()
    _remedies()
    _legal_bases()
