"""Invented agreements in every state, made by the same services as real ones, on days in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import select

from agreements import attachments, drafting, life, signing
from agreements.draft_rules import Places, Price
from agreements.drafting import Edit, NewAgreement, Party
from agreements.life_tables import AttachmentKind
from agreements.period import Period
from agreements.signing import SigningRequest
from agreements.tables import Agreement, AgreementKind, AgreementVersion, PartyRole, PartySide, VersionStatus
from agreements.terms import BudgetLine, Duty, Terms
from agreements.terms import load as load_terms
from placement.agreed import acting, paper, writing
from placement.demo.writing import Writer
from placement.people.queries import actor_of
from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Actor, Role
from placement.units.queries import organisations_by_key
from placement.units.tables import Unit

MUNICIPAL_DUTIES = (
    Duty("guidance_advice", "municipality", "Neuvontapiste ja puhelinneuvonta"),
    Duty("initial_assessment", "municipality", "Arviointi kuukauden kuluessa kotikunnasta"),
    Duty("integration_plan", "municipality", "Suunnitelma ja sen tarkistukset"),
)
PLACE_YEAR_CENTS = {"staff": 8_000_000, "premises": 800_000, "food": 410_000, "bought_care": 2_600_000}
"""What the demo's agreements budget for a place and a year, by category."""

DUTIES = {
    AgreementKind.THREE_PARTY: (
        Duty("care_in_home", "county", "Hoiva ja kasvatus perheryhmäkodissa"),
        Duty("preparatory_teaching", "school", "Valmistavan opetuksen ryhmä"),
        *MUNICIPAL_DUTIES,
        Duty("society_orientation", "municipality", "Kolme ryhmää vuodessa"),
        Duty("language_training", "municipality", "Iltakurssi 16–17-vuotiaille"),
        Duty("interpreting", "county"),
        Duty("leisure", "third_sector", "Kaveritoiminta"),
    ),
    AgreementKind.MUNICIPAL_PLACES: MUNICIPAL_DUTIES,
    AgreementKind.LEGACY_28: (Duty("care_in_home", "county"),),
}
"""Who gives which service in the demo's agreements, by kind."""

DRAFTED, ASKED, ANSWERED, FROZEN, FIRST_SIGNED, ACTIVATED = -75, -65, -45, -7, -6, -3
"""Days of each step, counted from the first day of the term (or from today, where that is still to come)."""


@dataclass(frozen=True)
class Side:
    """A party: its body, its side, who signs for it (None = nobody yet), how it takes part, for which chapter."""

    body: Organisation
    side: PartySide
    signer: User | None = None
    role: PartyRole = PartyRole.SIGNATORY
    chapter: str | None = None


class _Shown:
    """The demo's way to sign: everything that an invented person would have proved is taken as proved."""

    code = "built-in"

    def proves(self, request: SigningRequest) -> bool:
        return bool(request.proof)


@dataclass
class _Life:
    """One version being made: what its steps share."""

    writer: Writer
    sides: Sequence[Side]
    base: int
    version: AgreementVersion | None = None

    def at(self, days: int) -> datetime:
        return self.writer.at + timedelta(days=self.base + days)

    @property
    def made(self) -> AgreementVersion:
        assert self.version is not None
        return self.version

    @property
    def key(self) -> int:
        return self.made.id or 0


def write_agreement(
    writer: Writer,
    kind: AgreementKind,
    title: str,
    sides: Sequence[Side],
    units: Mapping[Unit, int] | Sequence[tuple[Unit, int]],
    *,
    first_day: int,
    last_day: int | None,
    status: VersionStatus = VersionStatus.SIGNED,
    number: int = 1,
    agreement: Agreement | None = None,
    price_cents: int | None = 24_550,
    quota: int | None = None,
    ended_day: int | None = None,
    silent: bool = False,
    resolution: bool = False,
) -> AgreementVersion:
    """Add a version (and its agreement when none is given) with parties, places, prices, its moves and signatures.

    Days count from the day of loading. `number` above 1 amends the agreement's newest version. A returned version
    leaves its copy, a draft, behind. `ended_day` ends a version before its term by consent. `silent`: who had to be
    heard did not answer; `resolution`: a board's resolution behind a mandate is attached.
    """
    life_of = _Life(writer, sides, min(first_day, 0))
    _draft(life_of, kind, title, first_day, last_day, agreement if number > 1 else None)
    _contents(life_of, kind, units, price_cents, quota)
    if resolution:
        _attach(life_of)
    if status is VersionStatus.DRAFT:
        return life_of.made
    if any(side.role is PartyRole.HEARD for side in sides):
        _hear(life_of, answered=status is not VersionStatus.HEARING, silent=silent)
    if status is VersionStatus.HEARING:
        if life_of.made.status is VersionStatus.DRAFT:
            _hear(life_of, answered=False)
        return life_of.made
    _freeze(life_of)
    if status is VersionStatus.RETURNED:
        _return(life_of)
        return life_of.made
    _sign(life_of)
    if status is VersionStatus.SIGNED and life_of.made.status is VersionStatus.SIGNED:
        _activate(life_of, late=first_day < life_of.base + ACTIVATED)
        if ended_day is not None:
            _end(life_of, ended_day)
    return life_of.made


def _drafter(life_of: _Life, days: int) -> Actor:
    """Return who acts for the body that makes the agreement: its signatory, a person like any other there."""
    side = life_of.sides[0]
    user, mandate = signer_of(life_of.writer, side.body, life_of.at(days), side.signer)
    return actor_of(life_of.writer.session, user, mandate)


def signer_of(writer: Writer, body: Organisation, at: datetime, wanted: User | None = None) -> tuple[User, UserMandate]:
    """Return a person who may sign for the body on that day; one is invented where nobody does."""
    day = at.date()
    people = acting.signatories(writer.session, body.id or 0, day)
    for held, holder in people:
        if wanted is None or holder.id == wanted.id:
            return holder, held
    if people:
        return people[0][1], people[0][0]
    code = body.authority_code or body.county_code or body.municipality_code or str(body.id)
    key = f"signatory-{code}-{body.valid_from.year if body.valid_from else 0}"[:40]
    user = writer.session.exec(select(User).where(User.demo_key == key)).first()
    if user is None:
        user = User(
            login=f"{key}@demo.invalid", name=f"Aino Nimilä {code}", title="signatory", demo_key=key,
            created_at=writer.at,
        )  # fmt: skip
        writer.session.add(user)
        writer.session.flush()
    mandate = UserMandate(
        user_id=user.id or 0,
        role=Role.SIGNATORY,
        organisation_id=body.id or 0,
        basis="DEMO",
        valid_from=max(body.valid_from or date.min, writer.days(-1500)),
        valid_to=body.valid_to,
    )
    writer.session.add(mandate)
    writer.session.flush()
    return user, mandate


def _draft(
    life_of: _Life,
    kind: AgreementKind,
    title: str,
    first_day: int,
    last_day: int | None,
    agreement: Agreement | None,
) -> None:
    writer, at, actor = life_of.writer, life_of.at(DRAFTED), _drafter(life_of, DRAFTED)
    first = writer.days(first_day)
    last = None if last_day is None else writer.days(last_day)
    parties = [Party(one.body.id or 0, one.side.value, one.role.value, one.chapter) for one in life_of.sides]
    county = next((side.body for side in life_of.sides if side.side is PartySide.COUNTY), None)
    with writing.moving(writer.session, actor, at) as touched:
        if agreement is None:
            new = NewAgreement(
                ref=writer.reference("AG"),
                kind=kind.value,
                title=title,
                county_id=county.id if county else None,
                case_number=f"DEMO/{100 + writer.rng.randint(0, 899)}/{first.year}",
                valid_from=first,
                valid_to=last,
            )
            life_of.version = drafting.start(writer.session, new, parties, by=actor.user_id, at=at)
        else:
            newest = drafting.versions_of(writer.session, agreement.id or 0)[-1]
            life_of.version = life.amend(writer.session, newest.id or 0, heirs={}, by=actor.user_id, at=at)
            drafting.save_term(writer.session, life_of.key, first, last, "fi", Edit(actor.user_id, at, 0))
            drafting.save_parties(writer.session, life_of.key, parties, Edit(actor.user_id, at, 0))
        touched.append(life_of.made)


def _contents(
    life_of: _Life,
    kind: AgreementKind,
    units: Mapping[Unit, int] | Sequence[tuple[Unit, int]],
    price_cents: int | None,
    quota: int | None,
) -> None:
    session, edit = life_of.writer.session, Edit(_drafter(life_of, DRAFTED).user_id, life_of.at(DRAFTED), 0)
    pairs = list(units.items()) if isinstance(units, Mapping) else list(units)
    term = Period(life_of.made.valid_from, life_of.made.valid_to)
    places = [Places(unit.id or 0, term, count) for unit, count in pairs]
    quotas = {unit.id or 0: quota or count for unit, count in pairs}
    drafting.save_places(session, life_of.key, places, quotas, edit)
    prices = [Price(unit.id, term, price_cents, price_cents * 8 // 10) for unit, _ in pairs] if price_cents else []
    drafting.save_prices(session, life_of.key, prices, edit)
    terms = load_terms(life_of.made.terms)
    values = {name: getattr(terms, name) for name in terms.__dataclass_fields__}
    basis = "place_day" if prices else "actual" if pairs else terms.cost_basis
    values |= {
        "cost_basis": basis,
        "duties": DUTIES.get(kind, terms.duties),
        "budget": _budget(kind, sum(count for _, count in pairs), term, price_cents),
    }
    drafting.save_terms(session, life_of.key, "costs", Terms(**values), edit)


def _budget(kind: AgreementKind, places: int, term: Period, price_cents: int | None) -> tuple[BudgetLine, ...]:
    """Return a budget for each year of the term: bought care at its price, else what places cost by category."""
    if kind is AgreementKind.PURCHASE and price_cents:
        a_place = {"bought_care": price_cents * 365}
    else:
        a_place = PLACE_YEAR_CENTS if kind is AgreementKind.THREE_PARTY else {}
    years = range(term.first.year, (term.last or term.first).year + 1) if places else ()
    return tuple(BudgetLine(year, category, cents * places) for year in years for category, cents in a_place.items())


def _attach(life_of: _Life) -> None:
    """Attach the resolution of a board that gave the right to sign, as an invented document."""
    actor, at = _drafter(life_of, DRAFTED), life_of.at(DRAFTED)
    attachments.add(
        life_of.writer.session, life_of.key, kind=AttachmentKind.RESOLUTION.value, name="aluehallituksen päätös.pdf",
        content=b"%PDF-1.7\n% DEMO: invented resolution of a board\n", by=actor.user_id, at=at,
    )  # fmt: skip


def _hear(life_of: _Life, *, answered: bool, silent: bool = False) -> None:
    session = life_of.writer.session
    actor = _drafter(life_of, ASKED)
    asked = life_of.at(ASKED) if answered else life_of.writer.at - timedelta(days=3)
    due = life_of.at(FROZEN - 5).date() if answered else life_of.writer.days(20)
    with writing.moving(session, actor, asked) as touched:
        life.send_to_hearing(session, life_of.key, due_on=due, problems=(), by=actor.user_id, at=asked)
        touched.append(life_of.made)
    heard = [side for side in life_of.sides if side.role is PartyRole.HEARD]
    if not answered or silent or not heard:
        return
    user, mandate = signer_of(life_of.writer, heard[0].body, life_of.at(ANSWERED), heard[0].signer)
    speaker = actor_of(session, user, mandate)
    with writing.moving(session, speaker, life_of.at(ANSWERED)) as touched:
        life.state_opinion(
            session, life_of.key, statement="Puoltaa esitystä.", by=speaker.user_id, at=life_of.at(ANSWERED)
        )
        touched.append(life_of.made)


def _freeze(life_of: _Life) -> None:
    session, at, actor = life_of.writer.session, life_of.at(FROZEN), _drafter(life_of, FROZEN)
    bodies = organisations_by_key(session, [side.body.id for side in life_of.sides])
    with writing.moving(session, actor, at) as touched:
        life.send_for_signature(
            session,
            life_of.key,
            problems=(),
            names=paper.names_of(list(bodies.values()), list(session.exec(select(Unit)))),
            typeset=paper.typesetter(at.date(), demo=True),
            by=actor.user_id,
            at=at,
        )
        touched.append(life_of.made)


def _sign(life_of: _Life) -> None:
    session = life_of.writer.session
    for days, side in enumerate(life_of.sides, start=FIRST_SIGNED):
        if side.signer is None or side.role is not PartyRole.SIGNATORY:
            continue
        at = life_of.at(days)
        user, mandate = signer_of(life_of.writer, side.body, at, side.signer)
        actor = actor_of(session, user, mandate)
        request = SigningRequest(
            version_id=life_of.key,
            content_hash=life_of.made.content_hash or "",
            mandate_id=mandate.id or 0,
            mandate=acting.facts(mandate),
            has_read=True,
            has_right=True,
            proof=user.name,
        )
        with writing.moving(session, actor, at) as touched:
            signing.sign(session, request, _Shown(), at=at)
            touched.append(life_of.made)


def _activate(life_of: _Life, *, late: bool) -> None:
    session, at, actor = life_of.writer.session, life_of.at(ACTIVATED), _drafter(life_of, ACTIVATED)
    with writing.moving(session, actor, at) as touched:
        reason = "Toiminta alkoi ennen allekirjoitusta." if late else None
        life.activate(session, life_of.key, retroactive_reason=reason, by=actor.user_id, at=at)
        touched.append(life_of.made)


def _return(life_of: _Life) -> None:
    session, at, actor = life_of.writer.session, life_of.at(FIRST_SIGNED), _drafter(life_of, FIRST_SIGNED)
    with writing.moving(session, actor, at) as touched:
        touched += life.give_back(
            session, life_of.key, reason="Paikkamäärä tarkistetaan.", heirs={}, by=actor.user_id, at=at
        )


def _end(life_of: _Life, ended_day: int) -> None:
    writer = life_of.writer
    at = writer.at + timedelta(days=ended_day - 200)
    user, mandate = signer_of(writer, life_of.sides[0].body, at, life_of.sides[0].signer)
    actor = actor_of(writer.session, user, mandate)
    with writing.moving(writer.session, actor, at) as touched:
        life.terminate(
            writer.session,
            life_of.key,
            last_day=writer.days(ended_day),
            reason="Paikkoja ei enää tarvita.",
            by_consent=True,
            by=actor.user_id,
            at=at,
        )
        touched.append(life_of.made)
