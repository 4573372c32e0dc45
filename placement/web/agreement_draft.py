"""Writing an agreement: each section of the draft on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from agreements import drafting, terms
from agreements.draft_rules import Places, Price
from agreements.period import Period
from placement.agreed import acting, facts, writing
from placement.agreed import words as agreed
from placement.people.queries import municipalities
from placement.people.tables import Organisation
from placement.permissions import Permission
from placement.reference import law_day
from placement.refusals import Conflict, Refusal
from placement.units.queries import providers
from placement.units.tables import Unit
from placement.web import agreement_forms as forms
from placement.web import agreement_parts as parts
from placement.web.agreement_parts import Working
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import label, lang, moment
from placement.web.render import render, to

bp = Blueprint("agreement_draft", __name__, url_prefix="/agreements")
DRAFT = Permission.DRAFT_AGREEMENTS
LANGUAGES = ("fi", "sv")


@bp.context_processor
def _words() -> dict[str, object]:
    """Give the templates of this blueprint the words of codes and the rows of small tables."""
    return {
        "side_word": lambda code: forms.say(agreed.SIDES, code),
        "role_word": lambda code: forms.say(agreed.ROLES, code),
        "chapter_word": lambda code: forms.say(agreed.CHAPTERS, code),
        "cost_word": lambda code: forms.say(agreed.COST_BASES, code),
        "signer_rows": _signer_rows,
        "move_rows": lambda events: [
            [moment(one.at), forms.say(agreed.MOVES, one.move.value), name or "–", one.reason or "–"]
            for one, name in events
        ],
    }


def _signer_rows(lines: list[dict[str, Any]]) -> list[list[str]]:
    rows = []
    for one in lines:
        given = one["signature"]
        heard = one["party"].role.value == "heard"
        state = (
            f"{one['name']}, {moment(given.signed_at)}" if given else _("Is heard") if heard else _("Has not signed")
        )
        rows.append([one["body"], state])
    return rows


def offer_bodies(session: Session, form: Any) -> None:
    """Offer the municipalities that the actor's body may choose from, and the known providers."""
    body = session.get_one(Organisation, actor().organisation_id)
    towns = municipalities(session, body.id if body.county_code else None)
    form.municipality.choices = [("", _("Choose")), *((str(one.id), one.name(lang())) for one in towns)]
    form.provider.choices = [("", _("None")), *((str(one.id), one.name(lang())) for one in providers(session))]


@bp.get("/<ref:ref>/work")
@requires(DRAFT)
def work(ref: str) -> Response:
    """Show what is left to do before the agreement can be sent."""
    with read_only() as session:
        found = parts.open_work(session, ref)
        return render("agreements/work.html", work=found, tasks=parts.tasks(found))


def section_page(ref: str, section: str, form: Any, *, status: int = 200, **more: Any) -> Response:
    with read_only() as session:
        found = parts.open_work(session, ref)
        problems = [one for one in found.problems if one.section == section]
        return render(
            f"agreements/edit_{section}.html",
            status=status,
            work=found,
            form=form,
            seen=found.seen(section),
            problems=[parts.problem_sentence(session, one) for one in problems],
            bodies=parts.body_names(found.bodies),
            frozen=found.version.status.value != "draft",
            **more,
        )


def opened(ref: str) -> Working:
    with read_only() as session:
        return parts.open_work(session, ref)


def save_section(ref: str, change: Callable[[Session, Working, drafting.Edit], object]) -> None:
    """Save one section of the draft in a transaction; the library's refusals become the product's."""
    with transaction() as session:
        found = parts.open_work(session, ref)
        edit = writing.edit(actor(), whole(request.form.get("seen")), now())
        with writing.told():
            change(session, found, edit)


# --- parties


@bp.get("/<ref:ref>/parties")
@requires(DRAFT)
def parties(ref: str) -> Response:
    return _parties_page(ref, _parties_form(opened(ref), bound=False))


def _parties_form(found: Working, *, bound: bool) -> Any:
    form = forms.PartiesForm() if bound else forms.PartiesForm(formdata=None)
    with read_only() as session:
        offer_bodies(session, form)
    if not bound:
        for party in found.draft.parties:
            if party.side.value == "municipality":
                form.municipality.data = str(party.organisation_id)
                form.municipality_signs.data = party.role.value == "signatory"
            elif party.side.value == "provider":
                form.provider.data = str(party.organisation_id)
    return form


def _parties_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        found = parts.open_work(session, ref)
        people = {
            one.organisation_id: [
                (user.name, mandate.valid_to)
                for mandate, user in acting.signatories(session, one.organisation_id, today())
            ]
            for one in found.draft.parties
        }
    return section_page(ref, "parties", form, status=status, people=people, today=today())


@bp.post("/<ref:ref>/parties")
@requires(DRAFT)
def save_parties(ref: str) -> Response:
    found = opened(ref)
    form = _parties_form(found, bound=True)
    form.validate()
    kind = found.agreement.kind.value

    def change(session: Session, _work: Working, edit: drafting.Edit) -> object:
        town = session.get(Organisation, whole(form.municipality.data)) if form.municipality.data else None
        county = facts.county_of(session, found.agreement, [town] if town else [])
        law = law_day(kind, found.version.valid_from, today()) or today()
        rows = facts.suggested_parties(session, kind, county, town, law)
        if form.municipality_signs.data:
            rows = [
                drafting.Party(one.organisation_id, one.side, "signatory", one.chapter)
                if one.side == "municipality"
                else one
                for one in rows
            ]
        if kind == "purchase" and form.provider.data:
            rows.append(drafting.Party(whole(form.provider.data), "provider", "signatory"))
        return drafting.save_parties(session, _work.version.id or 0, rows, edit)

    try:
        save_section(ref, change)
    except Conflict as refused:
        with read_only() as session:
            theirs = _parties_form(opened(ref), bound=False)
            url = url_for("agreement_draft.save_parties", ref=ref)
            return parts.conflict(
                session, refused, opened(ref), section="parties", mine=form, theirs=theirs, url=url, page_url=url
            )
    except Refusal as refused:
        parts.attach(form, refused)
        return _parties_page(ref, form, refused.status)
    return to(url_for("agreement_draft.units", ref=ref))


# --- units and places


@bp.get("/<ref:ref>/units")
@requires(DRAFT)
def units(ref: str) -> Response:
    return _units_page(ref, _unit_form(opened(ref), bound=False))


def _unit_form(found: Working, *, bound: bool) -> Any:
    form = forms.UnitRowForm() if bound else forms.UnitRowForm(formdata=None)
    with read_only() as session:
        rows = session.exec(
            select(Unit).where(Unit.county_id == found.agreement.county_id).order_by(col(Unit.name))
        ).all()
    form.unit.choices = [("", _("Choose")), *((str(one.id), f"{one.name} – {label(one.kind)}") for one in rows)]
    if not bound:
        form.valid_from.data, form.valid_to.data = found.version.valid_from, found.version.valid_to
        form.places.data = 7
    return form


def _units_page(ref: str, form: Any, status: int = 200) -> Response:
    return section_page(ref, "units", form, status=status)


@bp.post("/<ref:ref>/units")
@requires(DRAFT)
def add_unit(ref: str) -> Response:
    """Add a row of places; what the law does not allow is told on the page and stops the sending, not the typing."""
    found = opened(ref)
    form = _unit_form(found, bound=True)
    if not form.validate():
        return _units_page(ref, form, 422)

    def change(session: Session, now_: Working, edit: drafting.Edit) -> object:
        if form.valid_to.data and form.valid_to.data < form.valid_from.data:
            raise Refusal("ends-before-start", field="valid_to")
        row = Places(whole(form.unit.data), Period(form.valid_from.data, form.valid_to.data), form.places.data)
        return drafting.save_places(
            session, now_.version.id or 0, [*_places(now_), row], _quotas([*_places(now_), row]), edit
        )

    return _row_saved(ref, "units", form, change, _units_page)


def _places(found: Working) -> list[Places]:
    return [Places(one.unit_id, Period(one.valid_from, one.valid_to), one.places) for one in found.draft.units]


def _quotas(rows: list[Places]) -> dict[int, int]:
    return {row.unit_id: max(one.places for one in rows if one.unit_id == row.unit_id) for row in rows}


def _row_saved(ref: str, section: str, form: Any, change: Any, page: Callable[..., Response]) -> Response:
    try:
        save_section(ref, change)
    except Refusal as refused:
        if refused.code == "changed-meanwhile":
            form.seen.data = str(opened(ref).seen(section))
        parts.attach(form, refused)
        return page(ref, form, refused.status)
    return to(url_for(f"agreement_draft.{section}", ref=ref))


@bp.post("/<ref:ref>/units/remove")
@requires(DRAFT)
def remove_unit(ref: str) -> Response:
    place = whole(request.form.get("row"))

    def change(session: Session, now_: Working, edit: drafting.Edit) -> object:
        rows = [row for row, one in zip(_places(now_), now_.draft.units, strict=True) if one.id != place]
        return drafting.save_places(session, now_.version.id or 0, rows, _quotas(rows), edit)

    return _row_saved(ref, "units", _unit_form(opened(ref), bound=False), change, _units_page)


# --- rates


@bp.get("/<ref:ref>/rates")
@requires(DRAFT)
def rates(ref: str) -> Response:
    return _rates_page(ref, _rate_form(opened(ref), bound=False))


def _rate_form(found: Working, *, bound: bool) -> Any:
    form = forms.RateRowForm() if bound else forms.RateRowForm(formdata=None)
    form.unit.choices = [("", _("Every unit")), *((str(key), unit.name) for key, unit in found.units.items())]
    if not bound:
        form.valid_from.data, form.valid_to.data = found.version.valid_from, found.version.valid_to
    return form


def _rates_page(ref: str, form: Any, status: int = 200) -> Response:
    return section_page(ref, "rates", form, status=status)


@bp.post("/<ref:ref>/rates")
@requires(DRAFT)
def add_rate(ref: str) -> Response:
    found = opened(ref)
    form = _rate_form(found, bound=True)
    if not form.validate():
        return _rates_page(ref, form, 422)

    def change(session: Session, now_: Working, edit: drafting.Edit) -> object:
        if form.valid_to.data and form.valid_to.data < form.valid_from.data:
            raise Refusal("ends-before-start", field="valid_to")
        days = Period(form.valid_from.data, form.valid_to.data)
        row = Price(whole(form.unit.data) or None, days, form.price_day.data, form.price_empty.data or 0)
        drafting.save_prices(session, now_.version.id or 0, [*_prices(now_), row], edit)
        if now_.terms.cost_basis in ("actual", "none"):
            _price_by_day(session, now_)
        return row

    return _row_saved(ref, "rates", form, change, _rates_page)


def _price_by_day(session: Session, found: Working) -> None:
    """Who gives a price agrees on costs by the day: the basis follows, and can be changed on its own page."""
    seen = found.seen("costs")
    edit = writing.edit(actor(), seen, now())
    values = {name: getattr(found.terms, name) for name in found.terms.__dataclass_fields__}
    drafting.save_terms(
        session, found.version.id or 0, "costs", terms.Terms(**{**values, "cost_basis": "place_day"}), edit
    )


def _prices(found: Working) -> list[Price]:
    return [
        Price(one.unit_id, Period(one.valid_from, one.valid_to), one.day_cents, one.empty_day_cents)
        for one in found.draft.rates
    ]


@bp.post("/<ref:ref>/rates/remove")
@requires(DRAFT)
def remove_rate(ref: str) -> Response:
    place = whole(request.form.get("row"))

    def change(session: Session, now_: Working, edit: drafting.Edit) -> object:
        rows = [row for row, one in zip(_prices(now_), now_.draft.rates, strict=True) if one.id != place]
        return drafting.save_prices(session, now_.version.id or 0, rows, edit)

    return _row_saved(ref, "rates", _rate_form(opened(ref), bound=False), change, _rates_page)
