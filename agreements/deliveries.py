"""Services that versions promise, and what was reported of them. The caller commits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from agreements import terms
from agreements.agreement_rules import periods_in_force
from agreements.check_values import signing_day
from agreements.delivery_rules import (
    Fulfilment,
    Report,
    Reported,
    due_on,
    fulfilment,
    latest,
    reporting_periods,
)
from agreements.in_force import version_facts
from agreements.life_tables import AgreementDelivery
from agreements.period import Period
from agreements.refused import Refused
from agreements.tables import Agreement, AgreementVersion


@dataclass(frozen=True)
class Promise:
    """A service that a version promises: what it stands for, which side gives it, and what is given in words."""

    agreement_ref: str
    title: str
    version_id: int
    number: int
    service: str
    side: str
    what: str


@dataclass(frozen=True)
class Obligation:
    """A promise in one reporting period, with its last report and what it is on the day."""

    promise: Promise
    period: Period
    due_on: date
    report: AgreementDelivery | None
    state: Fulfilment


def promises(session: Session, version_ids: Collection[int]) -> list[Promise]:
    """Return what the versions promise, by agreement, version and service."""
    return [promise for _, _, rows in _loaded(session, version_ids) for promise in rows]


def _loaded(
    session: Session, version_ids: Collection[int]
) -> list[tuple[AgreementVersion, terms.Terms, list[Promise]]]:
    if not version_ids:
        return []
    rows = session.exec(
        select(AgreementVersion, Agreement)
        .join(Agreement, col(Agreement.id) == AgreementVersion.agreement_id)
        .where(col(AgreementVersion.id).in_(version_ids))
        .order_by(col(Agreement.ref), col(AgreementVersion.number))
    ).all()
    found = []
    for version, agreement in rows:
        agreed = terms.load(version.terms)
        given = [
            Promise(
                agreement.ref, agreement.title, version.id or 0, version.number, duty.stands_for, duty.side, duty.what
            )
            for duty in agreed.duties
        ]
        found.append((version, agreed, given))
    return found


def obligations(
    session: Session, agreement_ids: Collection[int], on: date, *, sides: Collection[str]
) -> list[Obligation]:
    """Return what `sides` promised in the agreements, each service and reporting period up to the day.

    Only versions that were put in force promise; days that a later version took over belong to that one.
    """
    versions = session.exec(select(AgreementVersion).where(col(AgreementVersion.agreement_id).in_(agreement_ids))).all()
    force = periods_in_force(version_facts(row) for row in versions)
    reports = _reports(session, force)
    found = []
    for version, agreed, given in _loaded(session, force.keys()):
        days = reporting_periods(force[version.id or 0], agreed.claim_period, on)
        for promise in given:
            if promise.side in sides:
                rows = reports.get((promise.version_id, promise.service, promise.side), [])
                found += [_obligation(promise, period, rows, on) for period in days]
    return found


def _obligation(promise: Promise, period: Period, rows: list[AgreementDelivery], on: date) -> Obligation:
    reports = [Report(row.id or 0, Period(row.first_day, row.last_day), row.state) for row in rows]
    last = latest(period, reports)
    stored = next((row for row in rows if last is not None and row.id == last.number), None)
    return Obligation(promise, period, due_on(period), stored, fulfilment(period, reports, on))


def _reports(session: Session, version_ids: Collection[int]) -> dict[tuple[int, str, str], list[AgreementDelivery]]:
    found: dict[tuple[int, str, str], list[AgreementDelivery]] = {}
    query = select(AgreementDelivery).where(col(AgreementDelivery.version_id).in_(version_ids))
    for row in session.exec(query.order_by(col(AgreementDelivery.id))):
        found.setdefault((row.version_id, row.service, row.side), []).append(row)
    return found


def report(
    session: Session,
    obligation: Obligation,
    *,
    said: str,
    note: str,
    organisation_id: int,
    by: int,
    at: datetime,
) -> AgreementDelivery:
    """Add a report of one period. The same report again is harmless; what is reported otherwise later, counts.

    Raises Refused: the period has not begun, its services cannot all be delivered before its last day, or a report
    of something undone says nothing of why.
    """
    today = signing_day(at)
    if said not in list(Reported):
        raise Refused("report-missing")
    if today < obligation.period.first:
        raise Refused("period-not-begun", day=obligation.period.first)
    if said == Reported.DELIVERED and obligation.period.last is not None and today < obligation.period.last:
        raise Refused("period-not-over", day=obligation.period.last)
    if said != Reported.DELIVERED and not note.strip():
        raise Refused("note-missing")
    known = obligation.report
    if known is not None and (known.state, known.note) == (said, note.strip()):
        return known
    row = AgreementDelivery(
        version_id=obligation.promise.version_id,
        service=obligation.promise.service,
        side=obligation.promise.side,
        first_day=obligation.period.first,
        last_day=obligation.period.last or obligation.period.first,
        state=said,
        note=note.strip(),
        organisation_id=organisation_id,
        by=by,
        at=at,
    )
    session.add(row)
    session.flush()
    return row
