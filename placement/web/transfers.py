"""Transfers between counties: asking, what may be handed over, accepting, refusing, taking back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from placement.integration import schooling
from placement.integration.schooling import Place, Taught
from placement.moves import rules, transfer_queries, transfers
from placement.moves.transfers import TransferCommand
from placement.people.queries import counties
from placement.permissions import Actor, Permission
from placement.reference import age_on
from placement.refusals import NotFound, Refusal
from placement.web import path_words
from placement.web import today as today_page
from placement.web.child_access import open_child
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day, lang
from placement.web.life_forms import RefuseTransferForm, TransferForm, coded, put
from placement.web.render import render, to
from placement.web.sentences import sentence
from placement.web.service_words import provisions

bp = Blueprint("transfers", __name__)
AHEAD = timedelta(days=30)


@bp.get("/transfers")
@requires(Permission.SEE_TRANSFERS)
def index() -> Response:
    with read_only() as session:
        found = transfer_queries.views(session, actor())
    return render("transfers/index.html", transfers=found)


@bp.get("/children/<ref:ref>/transfer")
@requires(Permission.TRANSFER_CHILDREN)
def new(ref: str) -> Response:
    data = {"from_day": today() + AHEAD, "handed": list(rules.MAY_BE_HANDED)}
    return _new_page(ref, TransferForm(formdata=None, data=data))


def _new_page(ref: str, form: TransferForm, status: int = 200) -> Response:
    opened = open_child(ref, data_used="transfer")
    _offer(form)
    moves_on = form.from_day.data or today() + AHEAD
    with read_only() as session:
        schools = [one for one in schooling.places(session, opened) if one.to_on is None or one.to_on >= moves_on]
    return render(
        "transfers/new.html",
        status=status,
        opened=opened,
        form=form,
        always=[_word(code) for code in rules.MAY_BE_HANDED if code in rules.ALWAYS_HANDED],
        sections=_sections([_named(one) for one in schools]),
    )


def _sections(schools: list[str]) -> dict[str, str]:
    """Return the section of each thing that may be handed over; with school, the places in schools that would go."""
    sections = {code: provisions(source) for code, source in rules.MAY_BE_HANDED.items()}
    return sections | {rules.SCHOOL: f"{sections[rules.SCHOOL]}: {'; '.join(schools)}"} if schools else sections


def _taught(one: Place | Taught) -> str:
    facts = {"education": path_words.SCHOOLS[one.kind], "day": day(one.from_on), "last": day(one.to_on)}
    if one.to_on is None:
        return str(_("%(education)s from %(day)s", **facts))
    return str(_("%(education)s from %(day)s to %(last)s", **facts))


def _named(one: Place) -> str:
    known = [one.name, one.town.name(lang())] if one.name and one.town else []
    return ", ".join([*known, _taught(one)])


def _offer(form: TransferForm) -> None:
    with read_only() as session:
        others = [one for one in counties(session, today()) if one.id != actor().county_id]
    form.to_county.choices = [("", _("Choose")), *((str(one.id), one.name(lang())) for one in others)]
    form.handed.choices = [(code, _word(code)) for code in rules.MAY_BE_HANDED if code not in rules.ALWAYS_HANDED]


def _word(code: str) -> str:
    return dict(coded("handed_over"))[code]


@bp.post("/children/<ref:ref>/transfer")
@requires(Permission.TRANSFER_CHILDREN)
def create(ref: str) -> Response:
    form = TransferForm()
    open_child(ref, data_used="transfer")
    _offer(form)
    if not form.validate():
        return _new_page(ref, form, status=422)
    command = TransferCommand(
        int(form.to_county.data), form.from_day.data, form.reason.data or "", frozenset(form.handed.data or ())
    )
    try:
        with transaction() as session:
            row = transfers.ask(session, actor(), ref, command, at=now())
            address = url_for("transfers.show", transfer=row.ref)
    except Refusal as refused:
        if refused.status == 404:
            raise
        put(form, refused)
        return _new_page(ref, form, status=refused.status)
    flash(_("The county was asked. The responsibility stays with you until it answers."), "success")
    return to(address)


@bp.get("/transfers/<ref:transfer>")
@requires(Permission.SEE_TRANSFERS)
def show(transfer: str) -> Response:
    return _page(transfer, RefuseTransferForm(formdata=None))


def _page(ref: str, form: RefuseTransferForm, status: int = 200, problem: str | None = None) -> Response:
    with read_only() as session:
        found = transfer_queries.view(session, actor(), transfers.find(session, actor(), ref))
    form.version.data = found.row.version
    return render(
        "transfers/show.html",
        status=status,
        found=found,
        form=form,
        problem=problem,
        age=age_on(found.birth_date, today()),
        sections=_sections([_taught(one) for one in found.schools]),
        may_answer=found.open and found.asked and actor().can(Permission.TRANSFER_CHILDREN),
        may_withdraw=found.open and not found.asked and actor().can(Permission.TRANSFER_CHILDREN),
    )


def _act(ref: str, work: Callable[[Session, int], object], said: str) -> Response:
    text = request.form.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    form = RefuseTransferForm()
    try:
        with transaction() as session:
            work(session, version)
    except NotFound:
        raise
    except Refusal as refused:
        if refused.field is not None:
            put(form, refused)
            return _page(ref, form, refused.status)
        return _page(ref, form, refused.status, sentence(refused))
    flash(said, "success")
    return to(url_for("transfers.show", transfer=ref))


@bp.post("/transfers/<ref:transfer>/accept")
@requires(Permission.TRANSFER_CHILDREN)
def accept(transfer: str) -> Response:
    """Take the child over: a record of one's own with what is handed over."""

    def work(session: Session, version: int) -> object:
        return transfers.accept(session, actor(), transfer, version=version, at=now())

    return _act(transfer, work, _("Your county takes over. The child now waits for a place with you."))


@bp.post("/transfers/<ref:transfer>/refuse")
@requires(Permission.TRANSFER_CHILDREN)
def refuse(transfer: str) -> Response:
    form = RefuseTransferForm()
    form.validate()
    code = form.code.data if form.code.data in dict(form.code.choices) else ""

    def work(session: Session, version: int) -> object:
        return transfers.refuse(session, actor(), transfer, code, form.note.data, version=version, at=now())

    return _act(transfer, work, _("Refused. The responsibility stays with the other county."))


@bp.post("/transfers/<ref:transfer>/withdraw")
@requires(Permission.TRANSFER_CHILDREN)
def withdraw(transfer: str) -> Response:
    def work(session: Session, version: int) -> object:
        return transfers.withdraw(session, actor(), transfer, version=version, at=now())

    return _act(transfer, work, _("The question was taken back."))


@today_page.source
def _to_answer(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:
    """Tell of the questions that other counties have put."""
    if not who.can(Permission.TRANSFER_CHILDREN):
        return []
    rows = transfer_queries.to_answer(session, who)
    return [
        today_page.Group(
            key="transfers",
            title=_("Another county asks you to take over"),
            count=len(rows),
            url=url_for("transfers.index"),
            action=_("Accept or refuse"),
            oldest_days=max(((at - row.asked_at).days for row in rows), default=None),
        )
    ]
