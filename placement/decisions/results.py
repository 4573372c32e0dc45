"""From a result to what is stored: the run's summary and each county's proposal with its explained rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from optimizer.loads import Loads
from optimizer.problem import Instance, Result
from optimizer.result_io import result_to_json
from placement import references
from placement.audit.service import record
from placement.children.tables import Child
from placement.decisions import explanations, fairness, fingerprint, repairs, runs
from placement.decisions.fit_facts import FULL_CODES
from placement.decisions.rules import last_leaving_day
from placement.decisions.tables import ClosurePlan, Proposal, ProposalRow, ProposalStatus, Run, RunStatus
from placement.decisions.weeks import Weeks
from placement.units.tables import Unit

if TYPE_CHECKING:
    from optimizer.repairs import Repair

Fact = dict[str, Any]


@dataclass(frozen=True)
class Explained:
    """A result with everything that is told about it: per free child its explanation, and the run's summary."""

    instance: Instance
    result: Result
    rows: Mapping[str, Fact]
    summary: Fact


def explained(
    instance: Instance, result: Result, rests_on: Fact, as_of: date, found_repairs: Mapping[str, Sequence[Repair]]
) -> Explained:
    """Return the result with an explanation for every free child. Pure; done before any transaction is open.

    `found_repairs` are the optimizer's, by unplaced child.
    """
    monday = Weeks.of(as_of, instance.horizon_weeks).monday
    unused = {ref: frame["unused"] for ref, frame in rests_on["units"].items() if frame["unused"]}
    rows = {}
    loads = Loads(instance, result.assignment)
    for ref, frame in rests_on["children"].items():
        row = explanations.explain(loads, ref, monday, unused)
        _hide_secret(instance, rests_on, ref, row)
        for fact in (fact for one in row["units"] for fact in one["why"] if fact["code"] in FULL_CODES.values()):
            fact["from"] = max(fact["from"], frame["start"])
        _to_real_days(rests_on, row)
        if rests_on.get("near_school"):
            for fact in (one for one in row["reasons"] if one["code"] == "distance"):
                fact["to"] = "school"
        row["repairs"] = repairs.told(instance, found_repairs.get(ref, ()), monday, unused)
        rows[ref] = row | {"start": frame["start"], "end": frame["end"]}
    placed = sum(row["unit"] is not None for row in rows.values())
    summary = {
        "status": result.status,
        "placed": placed,
        "unplaced": len(rows) - placed,
        "locked": sum(child.locked is not None for child in instance.children),
        "levels": [
            {"name": one.name, "value": one.value, "bound": one.bound, "achieved": one.achieved, "proven": one.proven}
            for one in result.levels
        ],
        "warnings": [{"code": fact.code, **fact.about} for fact in result.warnings],
        "fairness": fairness.report(instance, result.assignment),
        "left_out": rests_on["left_out"],
        "rules": list(explanations.RULES_CHECKED),
        "seconds": round(sum(one.seconds for one in result.levels), 3),
        "rows": [
            {
                "child": ref,
                "county": rests_on["children"][ref]["county"],
                "unit": row["unit"],
                "start": row["start"],
                "end": row["end"],
                "fit": row.get("fit"),
                "move": row.get("move", 0),
                "conflict": row["conflict"],
                "repairs": row["repairs"],
            }
            for ref, row in rows.items()
        ],
    }
    return Explained(instance, result, rows, summary)


def _hide_secret(instance: Instance, rests_on: Fact, ref: str, row: Fact) -> None:
    """Take distances to a secret address out of another county's row: with a few of them the town is found."""
    county = instance.child_by_id[ref].county
    secret = {key for key, unit in rests_on["units"].items() if unit["secret"] and unit["county"] != county}
    for one in row["units"]:
        if one["unit"] in secret:
            one["km"] = None
    if row["unit"] in secret:
        row["reasons"] = [fact for fact in row["reasons"] if fact["code"] != "distance"]


def _to_real_days(rests_on: Fact, row: Fact) -> None:
    """Put the day on which somebody leaves in the place of the Monday after it: the plan counts whole weeks."""
    for one in row["units"]:
        leaving = rests_on["units"][one["unit"]]["leaving"]
        for fact in (fact for fact in one["why"] if fact.get("until")):
            week_ago = (date.fromisoformat(fact["until"]) - timedelta(weeks=1)).isoformat()
            fact["until"] = max((day for day in leaving if week_ago < day <= fact["until"]), default=fact["until"])


def finish(session: Session, run_id: int, attempt: int, done: Explained, at: datetime) -> bool:
    """Save the result and a draft proposal for each county; False when the run is no longer this attempt's.

    A run that was asked to stop, or lost twice, ends as stopped with the best it had. Older drafts of a
    county are withdrawn: there is one newest proposal to look at.
    """
    run = runs.owned(session, run_id, attempt)
    if run is None:
        return False
    stopped = run.stop_requested or done.result.status != "optimal"
    run.status = RunStatus.STOPPED if stopped else RunStatus.DONE
    run.result = json.dumps(result_to_json(done.result), ensure_ascii=False)
    run.explanation = json.dumps(done.summary, ensure_ascii=False)
    run.versions = json.dumps(dict(done.result.versions))
    run.finished_at = at
    session.add(run)
    _write_proposals(session, run, done, at)
    record(
        session,
        actor=None,
        action="run-finished",
        object_kind="run",
        object_ref=run.ref,
        at=at,
        after={key: done.summary[key] for key in ("status", "placed", "unplaced")},
        organisation_id=run.county_id,
    )
    return True


def _write_proposals(session: Session, run: Run, done: Explained, at: datetime) -> None:
    rests_on = json.loads(run.rests_on)
    by_county: dict[int, list[str]] = defaultdict(list)
    for ref, frame in rests_on["children"].items():
        by_county[frame["county"]].append(ref)
    free = {frame["id"] for frame in rests_on["children"].values()}
    born = _birth_dates(session, free)
    kinds = {
        unit.ref: unit.kind.value for unit in session.exec(select(Unit).where(col(Unit.ref).in_(rests_on["units"])))
    }
    for county_id in json.loads(run.counties):
        kept = [row for row in _withdraw_drafts(session, run, county_id) if row.child_id not in free]
        if not by_county[county_id] and not kept:
            continue
        proposal = Proposal(ref=references.new("PR"), run_id=run.id or 0, county_id=county_id)
        session.add(proposal)
        session.flush()
        session.add_all(_row(proposal, ref, rests_on, done, born, kinds) for ref in sorted(by_county[county_id]))
        session.add_all(_carried(proposal, row) for row in kept)
        record(
            session,
            actor=None,
            action="proposal-drafted",
            object_kind="proposal",
            object_ref=proposal.ref,
            at=at,
            after={"run": run.ref, "rows": len(by_county[county_id]), "locked": len(kept)},
            organisation_id=county_id,
        )
    session.flush()


def _birth_dates(session: Session, child_ids: set[int]) -> dict[int, date]:
    rows = session.execute(sa.select(col(Child.id), col(Child.birth_date)).where(col(Child.id).in_(child_ids)))
    return {key: day for key, day in rows if key is not None}


def _withdraw_drafts(session: Session, run: Run, county_id: int) -> list[ProposalRow]:
    """Withdraw the county's drafts; returns their locked rows of children who still wait.

    Plans for a closing unit are compared with each other and withdraw nothing; nothing withdraws them here.
    """
    locked: list[ProposalRow] = []
    closing = sa.select(col(ClosurePlan.run_id))
    if session.execute(closing.where(col(ClosurePlan.run_id) == run.id)).first() is not None:
        return locked
    for old in session.exec(
        select(Proposal).where(
            Proposal.county_id == county_id,
            Proposal.status == ProposalStatus.DRAFT,
            col(Proposal.run_id).not_in(closing),
        )
    ).all():
        old.status = ProposalStatus.WITHDRAWN
        old.version += 1
        session.add(old)
        locked += session.exec(
            select(ProposalRow)
            .join(Child, col(Child.id) == ProposalRow.child_id)
            .where(
                ProposalRow.proposal_id == old.id,
                col(ProposalRow.locked).is_(True),
                col(Child.waiting_since).is_not(None),
            )
        ).all()
    return locked


def _carried(proposal: Proposal, row: ProposalRow) -> ProposalRow:
    """Return a locked row as it was, in the new proposal: a calculation changes nothing a person has locked."""
    kept = {"id", "proposal_id", "version"}
    return ProposalRow(
        proposal_id=proposal.id or 0, **{key: value for key, value in row.model_dump().items() if key not in kept}
    )


def _row(
    proposal: Proposal,
    ref: str,
    rests_on: Fact,
    done: Explained,
    born: Mapping[int, date],
    kinds: Mapping[str, str],
) -> ProposalRow:
    frame, explanation = rests_on["children"][ref], dict(done.rows[ref])
    start, end = date.fromisoformat(frame["start"]), date.fromisoformat(frame["end"])
    unit = rests_on["units"].get(explanation["unit"]) if explanation["unit"] else None
    seals = dict(frame["seals"])
    if unit is not None:
        end = min(end, last_leaving_day(born[frame["id"]], kinds[explanation["unit"]], start))
        companions = [
            one["id"] for key, one in rests_on["children"].items() if done.rows[key]["unit"] == explanation["unit"]
        ]
        seals |= unit["seals"] | fingerprint.of_residents(unit["residents"], start, end, companions)
    explanation |= {"rests_on": seals, "since": rests_on["since"]}
    return ProposalRow(
        proposal_id=proposal.id or 0,
        child_id=frame["id"],
        proposed_unit_id=unit["id"] if unit else None,
        unit_id=unit["id"] if unit else None,
        start=start,
        end=end,
        explanation=json.dumps(explanation, ensure_ascii=False),
        fingerprint=fingerprint.whole(seals),
    )
