"""What of the claims waits for a person: questions, drafts, claims to approve, days that are ready, sums that lapse."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col, select

from agreements.claim_tables import Claim, ClaimStatus
from placement.clock import business_day
from placement.permissions import Actor, Permission
from placement.reimbursed import queries, timing
from placement.web import claim_words as words
from placement.web import today as today_page
from placement.web.i18n import day, money
from placement.web.today import Group


@today_page.source
def claims_waiting(session: Session, who: Actor, at: datetime) -> list[Group]:
    """Tell those who prepare or send claims of their county what waits for them."""
    if who.county_id is None or not (who.can(Permission.PREPARE_CLAIMS) or who.can(Permission.SEND_CLAIMS)):
        return []
    open_claims = session.exec(
        select(Claim).where(
            Claim.county_id == who.county_id,
            col(Claim.status).in_([ClaimStatus.DRAFT, ClaimStatus.TO_APPROVER, ClaimStatus.IN_REVIEW]),
        )
    ).all()
    groups = _lapsing(session, who, at)
    if who.can(Permission.PREPARE_CLAIMS):
        groups += _questions(session, list(open_claims), at) + _ready(session, who, at)
        groups += _counted(
            [one for one in open_claims if one.status is ClaimStatus.DRAFT],
            "claims-draft", _("Claims in draft"), "draft", at,
        )  # fmt: skip
    if who.can(Permission.SEND_CLAIMS):
        groups += _counted(
            [one for one in open_claims if one.status is ClaimStatus.TO_APPROVER and one.prepared_by != who.user_id],
            "claims-to-approve", _("Claims to approve and send"), "to-approver", at, main=True,
        )  # fmt: skip
    return groups


def _questions(session: Session, claims: list[Claim], at: datetime) -> list[Group]:
    asked = [
        (claim, len(lines))
        for claim in claims
        if claim.status is ClaimStatus.IN_REVIEW and (lines := queries.open_questions(session, claim))
    ]
    if not asked:
        return []
    count = sum(number for _claim, number in asked)
    url = url_for("claims.answer_page", ref=asked[0][0].ref) if len(asked) == 1 else url_for("claims.index")
    oldest = max((at - claim.taken_at).days for claim, _number in asked if claim.taken_at)
    return [
        Group(
            key="claims-asked",
            title=_("Questions to answer"),
            count=count,
            url=url,
            action=ngettext("Answer %(num)s question", "Answer %(num)s questions", count),
            oldest_days=oldest,
            main=True,
        )
    ]


def _ready(session: Session, who: Actor, at: datetime) -> list[Group]:
    found = timing.claimable(session, who.county_id or 0, business_day(at))
    one = next((one for one in found if one.ready), None)
    if one is None:
        return []
    return [
        Group(
            key="claims-ready",
            title=_("Claim for %(period)s: days ready", period=words.period(one.period, of=True)),
            count=one.days,
            url=url_for("claims.index", _anchor="ready"),
            action=_("Start the claim for %(period)s", period=words.period(one.period, of=True)),
            main=True,
        )
    ]


def _lapsing(session: Session, who: Actor, at: datetime) -> list[Group]:
    return [
        Group(
            key=f"claims-lapsing-{one.care_year}",
            title=_("%(year)s costs: last day to apply %(day)s", year=one.care_year, day=day(one.last_day)),
            count=one.days_left,
            url=url_for("claims.deadlines"),
            action=_("%(sum)s lapses: days left", sum=money(one.cents)),
            main=one.warning is not None and one.warning <= 30,
            counts_down=True,
        )
        for one in timing.lapsing(session, who.county_id or 0, business_day(at), within=max(timing.WARNINGS))
        if one.warning is not None and one.cents
    ]


def _counted(claims: list[Claim], key: str, title: str, state: str, at: datetime, *, main: bool = False) -> list[Group]:
    if not claims:
        return []
    url = url_for("claims.show", ref=claims[0].ref) if len(claims) == 1 else url_for("claims.index", state=state)
    return [
        Group(
            key=key,
            title=title,
            count=len(claims),
            url=url,
            action=ngettext("Open %(num)s claim", "Open %(num)s claims", len(claims)),
            oldest_days=max((at - one.created_at).days for one in claims),
            main=main,
        )
    ]
