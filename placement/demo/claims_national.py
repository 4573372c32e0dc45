"""Three years of claims of twelve counties: every act on its day, in the order of days, as the books saw them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from sqlmodel import col, select

from agreements import claim_reads as reads
from agreements import ledger, paying, recovering, review
from agreements.claim_tables import Claim, ClaimStatus, Verdict
from agreements.claim_values import Gate, Line
from agreements.ledger_rules import month
from agreements.payment_tables import Payment, Recovery
from agreements.period import ONE_DAY, Period
from agreements.recovering import InterestTerms, Order
from agreements.review import Say
from placement.demo.accounts import FIRST_COUNTY
from placement.demo.claims import (
    Desk,
    actor_for,
    examine,
    finish,
    months,
    noon,
    pay,
    quarter,
    say,
    send,
    send_costs,
    start_payment,
    take,
    write_costs,
)
from placement.demo.writing import Writer
from placement.people.tables import Organisation, User
from placement.permissions import Actor, Role
from placement.reference.money_rules import penalty_rates, recovery_interest
from placement.reimbursed import preparing, queries
from placement.reimbursed.acting import log_act, moving, told
from placement.reimbursed.care_days import half_year, half_year_before
from placement.units.tables import Unit

HALF_YEARS: Mapping[str, int] = {FIRST_COUNTY: 5, "90": 4, "19": 4, "04": 3, "05": 3, "03": 3}
FEWEST = 2
"""How many half-years that are over a county has claimed."""
ADVANCED, PART, CUT, PARKED, TAKEN_BACK, RETURNED, WAITING = "04", FIRST_COUNTY, "90", "05", "03", "19", "21"
"""The county in which each odd case happens."""
Person = Callable[[Writer, str, str, Role, Organisation], User]
Event = tuple[date, int, Callable[[date], None]]


def write_national_claims(
    writer: Writer, units: Mapping[int, Sequence[Unit]], counties: Sequence[Organisation], person: Person
) -> None:
    """Write the costs of each county, then every act in the order of days; months close as time goes by."""
    desks = [_desk(writer, county, units.get(county.id or 0, ()), person) for county in counties]
    events: list[Event] = []
    for order, desk in enumerate(desks):
        periods = _half_years(writer.on, HALF_YEARS.get(desk.county.county_code or "", FEWEST))
        write_costs(desk, Period(periods[0].first, quarter(writer.on).first - ONE_DAY))
        for age, period in enumerate(periods):
            _Life(desk, period, len(periods) - 1 - age, order, events).plan()
    _close_months(desks[0], events)
    events.sort(key=lambda event: event[:2])
    for day, _, act in events:
        if day < writer.on - timedelta(days=4):
            act(day)
    _today(desks[0])


def _half_years(on: date, count: int) -> list[Period]:
    """Return the last half-years that are over, the oldest first."""
    found = [half_year_before(half_year(on))]
    while len(found) < count:
        found.insert(0, half_year_before(found[0]))
    return found


def _desk(writer: Writer, county: Organisation, units: Sequence[Unit], person: Person) -> Desk:
    code = county.county_code or ""
    own = code == FIRST_COUNTY
    centre = queries.competent(writer.session, Gate.COST, county, writer.on)
    first = centre.authority_code == "edc-sisa-suomi"

    def who(key: str, name: str, role: Role, body: Organisation) -> Actor:
        return actor_for(writer, person(writer, key, name, role, body))

    def state(key: str) -> Actor:
        return actor_for(writer, writer.people[key])

    return Desk(
        writer=writer,
        county=county,
        units=units,
        officer=who(
            "claims-officer" if own else f"claims-officer-{code}", f"Kalle Kirjaaja {code}", Role.CLAIMS_OFFICER, county
        ),
        approver=who(
            "claims-approver" if own else f"claims-approver-{code}",
            f"Helena Hyväksyjä {code}",
            Role.CLAIMS_APPROVER,
            county,
        ),
        reviewer=state("reviewer")
        if first
        else who(_reviewer(centre), f"Ritva Ratkoja {centre.id}", Role.REVIEWER, centre),
        second=state("reviewer-2")
        if first
        else who(f"{_reviewer(centre)}-2"[-40:], f"Tero Toinen {centre.id}", Role.REVIEWER, centre),
        examiner=state("payment-examiner"),
        payer=state("payer"),
        payer_2=state("payer-2"),
    )


def _reviewer(centre: Organisation) -> str:
    return "other-reviewer" if centre.authority_code == "edc-uusimaa" else f"reviewer-{centre.authority_code}"[:36]


class _Life:
    """One half-year of one county: what is applied for, sent, examined and paid, and on which days."""

    def __init__(self, desk: Desk, period: Period, halves_ago: int, order: int, events: list[Event]) -> None:
        assert period.last is not None
        self.desk, self.period, self.halves_ago, self.order, self.events = desk, period, halves_ago, order, events
        self.code = desk.county.county_code or ""
        self.last = period.last
        self.claim: Claim | None = None
        self.granted: Claim | None = None

    def at(self, days: int, act: Callable[[date], None], *, since: date | None = None) -> None:
        day = (since or self.last) + timedelta(days=days + self.order % 6)
        self.events.append((day, len(self.events), act))

    def plan(self) -> None:
        self.at(-50, self._ask_for_costs, since=self.period.first)
        self.at(-28, self._grant, since=self.period.first)
        self.at(35, self._send)
        self.at(66, self._examine)
        self.at(75, self._pay)
        if self.code == ADVANCED and self.halves_ago == 2:
            self.at(20, self._advance, since=self.period.first)
        if self.code == TAKEN_BACK and self.halves_ago == 2:
            self.at(39, self._take_back)
        if self.code == RETURNED and self.halves_ago == 3:
            self.at(84, self._sent_back)
            self.at(95, self._pay)
        if self.code == PART and self.halves_ago == 4:
            self.at(120, self._correct)
            self.at(150, self._recover)
            self.at(215, self._settle)

    def _ask_for_costs(self, day: date) -> None:
        self.granted = send_costs(self.desk, self.period, day)

    def _grant(self, day: date) -> None:
        if self.granted is not None:
            examine(self.desk, self.granted, self.desk.reviewer, day, second=self.desk.second, judge=self._of_estimate)

    def _of_estimate(self, key: int, line: Line) -> Say | None:
        if self.code == CUT and line.cost_kind == "foster_expenses":
            cents = line.claimed_cents * 19 // 20
            return Say(
                key, Verdict.PART, cents, "arithmetic", "Arvio ylittää edellisen vuoden toteuman ilman perustelua."
            )
        return None

    def _send(self, day: date) -> None:
        claim = start_payment(self.desk, self.period, day)
        if any(row.claimed_cents for row in reads.lines(self.desk.session, claim)):
            self.claim = send(self.desk, claim, day)
        else:
            preparing.withdraw(
                self.desk.session, self.desk.officer, claim.ref, "Ei kuluja.", version=claim.version, at=noon(day)
            )

    def _take_back(self, day: date) -> None:
        claim = self._claim()
        preparing.take_back(
            self.desk.session, self.desk.officer, claim.ref, "Lasku puuttui.", version=claim.version, at=noon(day)
        )
        send(self.desk, claim, day)

    def _examine(self, day: date) -> None:
        if self.claim is None or (self.code == FIRST_COUNTY and self.halves_ago == 0):
            if self.claim is not None:
                self._ask(day)
            return
        examine(self.desk, self.claim, self.desk.examiner, day, judge=self._of_cost)

    def _of_cost(self, key: int, line: Line) -> Say | None:
        """Cut, refuse or put off a line here and there, as the county and the half-year say."""
        if self.halves_ago == 3 and line.cost_kind == "rent" and self.code in (CUT, FIRST_COUNTY):
            cents = line.claimed_cents * 4 // 5
            return Say(key, Verdict.PART, cents, "paid-elsewhere", "Vuokralaisen maksama osuus vähennetään.")
        if self.halves_ago == 2 and line.cost_kind == "food" and self.code == CUT:
            return Say(key, Verdict.REJECT, None, "evidence", "Tosite ei vastaa kulua.")
        if self.halves_ago == 2 and line.cost_kind == "foster_expenses" and self.code == PARKED:
            return Say(key, Verdict.PARK, None, "evidence", "Tosite toimitetaan seuraavan hakemuksen kanssa.")
        return None

    def _ask(self, day: date) -> None:
        """Leave the newest claim of the first county in review, with a question about its largest line."""
        claim = self._claim()
        take(self.desk, claim, self.desk.examiner, day)
        rows = sorted(reads.lines(self.desk.session, claim), key=lambda row: (-row.claimed_cents, row.line_no))
        words = [Say(row.id or 0, Verdict.APPROVE) for row in rows[1:9]]
        words.append(Say(rows[0].id or 0, Verdict.ASK, reason="Mihin henkilöstömenojen kasvu perustuu?"))
        say(self.desk, claim, words, self.desk.examiner, day)

    def _pay(self, day: date) -> None:
        if self.claim is None or self.claim.status is not ClaimStatus.DECIDED:
            return
        if self.code == WAITING and self.halves_ago == 0:
            with told():
                paying.wait_for_appropriation(self.desk.session, self.claim.id or 0, since=day, until=None)
            log_act(self.desk.session, self.desk.payer, "claim-waits", self.claim.ref, noon(day))
            return
        offsets = self._offsets()
        left = paying.payable_left(self.desk.session, self.claim)
        if self.code == "15" and self.halves_ago == 1 and left > 200_000:
            pay(self.desk, self.claim, day, cents=left // 2)
        pay(self.desk, self.claim, day, offsets=offsets)

    def _offsets(self) -> list[paying.Offset]:
        """Return what this payment is lessened by: an advance that is netted, what is left of a recovery."""
        session, claim = self.desk.session, self._claim()
        left = paying.payable_left(session, claim)
        found = []
        advances = select(Payment).where(Payment.county_id == claim.county_id, col(Payment.claim_id).is_(None))
        for advance in session.exec(advances):
            cents = min(paying.advance_left(session, advance), left) if advance.released_at else 0
            if cents > 0:
                found.append(paying.Offset(cents, advance_id=advance.id))
                left -= cents
        for recovery in session.exec(select(Recovery).where(Recovery.county_id == claim.county_id)):
            cents = min(recovering.left_of(session, recovery), left)
            if cents > 0:
                found.append(paying.Offset(cents, recovery_id=recovery.id))
                left -= cents
        return found

    def _advance(self, day: date) -> None:
        session, desk, at = self.desk.session, self.desk, noon(day)
        with told():
            advance = paying.confirm_advance(
                session,
                ref=desk.writer.reference("PA"),
                county_id=desk.county.id or 0,
                care_year=self.period.first.year,
                cents=4_000_000,
                by=desk.payer.user_id,
                at=at,
            )
            paying.release(session, advance.id or 0, by=desk.payer_2.user_id, at=at, on=day)
        log_act(session, desk.payer, "payment-confirmed", advance.ref, at, cents=advance.cents)
        log_act(session, desk.payer_2, "payment-released", advance.ref, at, cents=advance.cents)

    def _sent_back(self, day: date) -> None:
        session, claim = self.desk.session, self._claim()
        payment = session.exec(select(Payment).where(Payment.claim_id == claim.id)).first()
        if payment is None:
            return
        with told():
            paying.sent_back(
                session,
                payment.id or 0,
                reason="Tilinumero oli vanha.",
                by=self.desk.payer.user_id,
                at=noon(day),
                on=day,
            )
        log_act(session, self.desk.payer, "payment-sent-back", payment.ref, noon(day), cents=payment.cents)

    def _correct(self, day: date) -> None:
        """Lower a rent that somebody else paid for: what was paid beyond it is owed back."""
        claim = self._claim()
        row = next(one for one in reads.lines(self.desk.session, claim) if one.cost_kind == "staff")
        with moving(self.desk.session, self.desk.examiner, noon(day)):
            review.correct(
                self.desk.session,
                claim.id or 0,
                {row.id or 0: row.claimed_cents - 386_000},
                version=claim.version,
                proposed_by=self.desk.officer.user_id,
                by=self.desk.examiner.user_id,
                at=noon(day),
                on=day,
                reason="Palkkatuki oli vähentämättä henkilöstömenoista.",
            )

    def _recover(self, day: date) -> None:
        session, claim, rule = self.desk.session, self._claim(), recovery_interest(day)
        for year in recovering.overpaid(session, claim):
            order = Order(
                ref=self.desk.writer.reference("RE"),
                care_year=year,
                heard_from=day - timedelta(days=28),
                heard_by=day - timedelta(days=7),
                statement="Hyvinvointialueella ei ole huomautettavaa.",
                reason="Korvausta maksettiin kuluista, jotka palkkatuki kattoi (681/2023 § 71).",
                due_on=day + timedelta(days=rule.due_days),
            )
            with told():
                made = recovering.order(
                    session,
                    claim.id or 0,
                    order,
                    InterestTerms(rule.starts, rule.days_in_year),
                    by=self.desk.examiner.user_id,
                    at=noon(day),
                    on=day,
                )
            log_act(session, self.desk.examiner, "recovery-ordered", made.ref, noon(day), cents=made.principal_cents)

    def _settle(self, day: date) -> None:
        """Half of it comes back late, with interest; the rest is set off against the next payment."""
        session = self.desk.session
        for recovery in session.exec(select(Recovery).where(Recovery.county_id == self.desk.county.id)):
            left = recovering.left_of(session, recovery)
            if left < 2:
                continue
            with told():
                recovering.settle(
                    session,
                    recovery.id or 0,
                    principal_cents=left // 2,
                    reference=f"RF77 {recovery.ref[3:7]}",
                    rates=penalty_rates(),
                    by=self.desk.payer.user_id,
                    at=noon(day),
                    on=day,
                )
            log_act(session, self.desk.payer, "recovery-settled", recovery.ref, noon(day), cents=left // 2)

    def _claim(self) -> Claim:
        assert self.claim is not None  # a step follows the one that made the claim
        return self.claim


def _close_months(desk: Desk, events: list[Event]) -> None:
    """Close each month on the tenth of the second month after it, as long as that has passed."""
    if not events:
        return
    first = min(day for day, _, _ in events)

    def close(code: str) -> Callable[[date], None]:
        def act(day: date) -> None:
            with told():
                ledger.close_month(desk.session, code, by=desk.payer.user_id, at=noon(day))
            log_act(desk.session, desk.payer, "month-closed", code, noon(day))

        return act

    for one in months(Period(first, desk.writer.on)):
        after = ((one.last or one.first) + timedelta(days=40)).replace(day=10)
        events.append((after, len(events), close(month(one.first))))


def _today(desk: Desk) -> None:
    """Leave the first county's work of today: a claim of the quarter before in draft, next half-year's costs sent."""
    day, running = desk.writer.on - ONE_DAY, half_year(desk.writer.on)
    assert running.last is not None  # a half-year has an end
    send_costs(desk, half_year(running.last + ONE_DAY), day)
    if running.first + timedelta(days=95) <= desk.writer.on:
        claim = start_payment(desk, quarter(running.first), day)
        finish(desk, claim, noon(day))
