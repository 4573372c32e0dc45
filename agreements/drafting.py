"""Drafts: beginning one, saving a section, copying a version into the next. Services flush; the caller commits.

Every section of a draft has its own number of edits, so that two people in different sections never meet and two in
the same one are told (`ChangedMeanwhile`), with nothing lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from agreements import terms as agreed_terms
from agreements.clauses import clause, offered
from agreements.draft_rules import Places, Price
from agreements.life_rules import OPEN
from agreements.life_tables import AgreementAttachment, AgreementClause, AgreementEvent, AgreementSection, Move
from agreements.refused import ChangedMeanwhile, Refused
from agreements.tables import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementQuota,
    AgreementRate,
    AgreementUnit,
    AgreementVersion,
    PartyRole,
    PartySide,
    VersionStatus,
)
from agreements.terms import Terms

LONGEST_CLAUSE = 4000
LANGUAGES = ("fi", "sv")


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """What a new agreement begins with; `county_id` None where no county makes it."""

    ref: str
    kind: str
    title: str
    county_id: int | None
    case_number: str | None
    valid_from: date
    valid_to: date | None = None
    language: str = "fi"


@dataclass(frozen=True, slots=True)
class Party:
    organisation_id: int
    side: str
    role: str
    chapter: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Who saves a section, when, and how often it had been saved when the form was opened."""

    by: int
    at: datetime
    seen: int


def start(session: Session, new: NewAgreement, parties: Sequence[Party], *, by: int, at: datetime) -> AgreementVersion:
    """Return version 1, a draft, with the parties, the usual terms and the newest clauses of its kind."""
    if not new.title.strip():
        raise Refused("title-missing")
    agreement = Agreement(
        ref=new.ref,
        kind=AgreementKind(new.kind),
        case_number=new.case_number,
        county_id=new.county_id,
        title=new.title.strip(),
    )
    session.add(agreement)
    session.flush()
    version = AgreementVersion(
        agreement_id=agreement.id or 0,
        number=1,
        status=VersionStatus.DRAFT,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        language=new.language,
        terms=agreed_terms.dump(agreed_terms.default_for(new.kind)),
    )
    session.add(version)
    session.flush()
    _add_parties(session, version, parties)
    session.add_all(
        AgreementClause(version_id=version.id or 0, code=one.code, library_no=one.no)
        for one in offered(new.kind, new.valid_from)
    )
    note(session, version, Move.STARTED, "", by=by, at=at)
    return version


def note(
    session: Session,
    version: AgreementVersion,
    move: Move,
    before: str,
    *,
    by: int | None,
    at: datetime,
    reason: str = "",
) -> None:
    """Add the record of a move that was made; the version has its new status already."""
    session.add(
        AgreementEvent(
            version_id=version.id or 0,
            move=move,
            from_status=before,
            to_status=version.status.value,
            reason=reason,
            by=by,
            at=at,
        )
    )
    session.flush()


def open_draft(session: Session, version_id: int) -> AgreementVersion:
    """Return a draft under a lock; raises Refused for a version whose content is no longer written."""
    version = locked(session, version_id)
    if version.status is not VersionStatus.DRAFT:
        raise Refused("content-frozen", status=version.status.value)
    return version


def locked(session: Session, version_id: int) -> AgreementVersion:
    """Return the version as the database has it now, locked to the end of the transaction."""
    found = session.get(AgreementVersion, version_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise LookupError(f"no version {version_id}")
    return found


def edits(session: Session, version_id: int) -> dict[str, AgreementSection]:
    """Return how often each section was saved; a section that never was is absent (0)."""
    rows = session.exec(select(AgreementSection).where(AgreementSection.version_id == version_id))
    return {row.section: row for row in rows}


def _begin(session: Session, version_id: int, section: str, edit: Edit) -> AgreementVersion:
    version = open_draft(session, version_id)
    row = session.get(AgreementSection, (version_id, section))
    if (row.edit_no if row else 0) != edit.seen:
        raise ChangedMeanwhile(section=section)
    if row is None:
        row = AgreementSection(version_id=version_id, section=section, edit_no=0, by=edit.by, at=edit.at)
    row.edit_no, row.by, row.at = row.edit_no + 1, edit.by, edit.at
    session.add(row)
    return version


def save_parties(session: Session, version_id: int, parties: Sequence[Party], edit: Edit) -> AgreementVersion:
    """Replace the parties of a draft."""
    version = _begin(session, version_id, "parties", edit)
    for row in session.exec(select(AgreementParty).where(AgreementParty.version_id == version_id)):
        session.delete(row)
    session.flush()
    _add_parties(session, version, parties)
    return version


def _add_parties(session: Session, version: AgreementVersion, parties: Sequence[Party]) -> None:
    if len({(one.organisation_id, one.side, one.chapter) for one in parties}) != len(parties):
        raise Refused("party-twice")
    session.add_all(
        AgreementParty(
            version_id=version.id or 0,
            organisation_id=one.organisation_id,
            side=PartySide(one.side),
            role=PartyRole(one.role),
            chapter=one.chapter,
        )
        for one in parties
    )
    session.flush()


def save_term(
    session: Session, version_id: int, valid_from: date, valid_to: date | None, language: str, edit: Edit
) -> AgreementVersion:
    """Set the days of a draft and its binding language; rows that began or ended with the term follow it."""
    version = _begin(session, version_id, "validity", edit)
    if valid_to is not None and valid_to < valid_from:
        raise Refused("ends-before-start")
    if language not in LANGUAGES:
        raise Refused("binding-language-unknown")
    rows: list[AgreementUnit | AgreementRate] = [
        *session.exec(select(AgreementUnit).where(AgreementUnit.version_id == version_id)),
        *session.exec(select(AgreementRate).where(AgreementRate.version_id == version_id)),
    ]
    for row in rows:
        if row.valid_from == version.valid_from or row.valid_from < valid_from:
            row.valid_from = valid_from
        if row.valid_to == version.valid_to:
            row.valid_to = valid_to
        if row.valid_to is not None and row.valid_to < row.valid_from:
            raise Refused("row-outside-term")
        session.add(row)
    version.valid_from, version.valid_to, version.language = valid_from, valid_to, language
    session.add(version)
    session.flush()
    return version


def save_places(
    session: Session, version_id: int, rows: Sequence[Places], quotas: Mapping[int, int], edit: Edit
) -> AgreementVersion:
    """Replace the units and places of a draft; `quotas` is the most for each county not named, by unit."""
    version = _begin(session, version_id, "units", edit)
    for table in (AgreementUnit, AgreementQuota):
        for old in session.exec(select(table).where(table.version_id == version_id)):
            session.delete(old)
    session.flush()
    session.add_all(
        AgreementUnit(
            version_id=version_id,
            unit_id=row.unit_id,
            valid_from=row.period.first,
            valid_to=row.period.last,
            places=row.places,
        )
        for row in rows
    )
    session.add_all(
        AgreementQuota(version_id=version_id, unit_id=unit_id, county_id=None, places=places)
        for unit_id, places in quotas.items()
    )
    session.flush()
    return version


def save_prices(session: Session, version_id: int, rows: Sequence[Price], edit: Edit) -> AgreementVersion:
    """Replace the prices of a draft; a price of nothing and an empty place dearer than a full one are refused."""
    version = _begin(session, version_id, "rates", edit)
    for row in rows:
        if row.day_cents <= 0 or not 0 <= row.empty_day_cents <= row.day_cents:
            raise Refused("empty-dearer" if row.day_cents > 0 else "price-none")
    for old in session.exec(select(AgreementRate).where(AgreementRate.version_id == version_id)):
        session.delete(old)
    session.flush()
    session.add_all(
        AgreementRate(
            version_id=version_id,
            unit_id=row.unit_id,
            valid_from=row.period.first,
            valid_to=row.period.last,
            day_cents=row.day_cents,
            empty_day_cents=row.empty_day_cents,
        )
        for row in rows
    )
    session.flush()
    return version


def save_terms(session: Session, version_id: int, section: str, terms: Terms, edit: Edit) -> AgreementVersion:
    """Set the typed terms that one section of the page is about; raises TermsFault for a value that is none."""
    version = _begin(session, version_id, section, edit)
    version.terms = agreed_terms.dump(terms)
    session.add(version)
    session.flush()
    return version


def save_clause(
    session: Session, version_id: int, code: str, *, library_no: int | None, text: str | None, edit: Edit
) -> AgreementVersion:
    """Set one clause: a published text, an own one, or none (the clause is taken out)."""
    version = _begin(session, version_id, f"clause-{code}"[:40], edit)
    row = session.exec(
        select(AgreementClause).where(AgreementClause.version_id == version_id, AgreementClause.code == code)
    ).first()
    if library_no is None and not (text or "").strip():
        if row is not None:
            session.delete(row)
        session.flush()
        return version
    if library_no is not None:
        clause(code, library_no)
        text = None
    elif len(text or "") > LONGEST_CLAUSE:
        raise Refused("text-too-long", most=LONGEST_CLAUSE)
    row = row or AgreementClause(version_id=version_id, code=code)
    row.library_no, row.text = library_no, text
    session.add(row)
    session.flush()
    return version


COPIED = (AgreementParty, AgreementUnit, AgreementQuota, AgreementRate, AgreementClause, AgreementAttachment)


def copy(
    session: Session,
    version: AgreementVersion,
    *,
    by: int,
    at: datetime,
    heirs: Mapping[int, int],
    with_hearing: bool = False,
    reason: str = "",
) -> AgreementVersion:
    """Return the next version: a draft that says what this one says.

    `heirs` leads from a body that has ended to who acts after it: the new draft names the heir, the old version
    keeps what was signed (rule A13). `with_hearing` keeps the hearing, where only the text is mended.
    Raises Refused when a version of the agreement is being worked on already.
    """
    others = versions_of(session, version.agreement_id)
    if any(row.status.value in OPEN for row in others):
        raise Refused("version-open", number=next(row.number for row in others if row.status.value in OPEN))
    new = AgreementVersion(
        agreement_id=version.agreement_id,
        number=max(row.number for row in others) + 1,
        status=VersionStatus.DRAFT,
        predecessor=version.number,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        language=version.language,
        terms=version.terms,
    )
    if with_hearing:
        for name in ("hearing_requested_on", "hearing_due_on", "heard_on", "hearing_statement"):
            setattr(new, name, getattr(version, name))
    session.add(new)
    session.flush()
    for table in COPIED:
        for row in session.exec(select(table).where(table.version_id == version.id)):
            values = row.model_dump(exclude={"id", "version_id"})
            if "organisation_id" in values:
                values["organisation_id"] = heirs.get(values["organisation_id"], values["organisation_id"])
            if values.get("kind") == "scan":
                continue
            session.add(table(version_id=new.id or 0, **values))
    session.flush()
    note(session, new, Move.STARTED, "", by=by, at=at, reason=reason)
    return new


def versions_of(session: Session, agreement_id: int) -> list[AgreementVersion]:
    """Return the versions of an agreement by number."""
    query = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement_id)
    return list(session.exec(query.order_by(col(AgreementVersion.number))))
