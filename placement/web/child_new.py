"""Adding a child in four steps, kept as an encrypted draft all along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from placement.audit import idempotency
from placement.children import choices, drafts, record_rules, service
from placement.children.choices import Choices
from placement.children.record_rules import IdentityPart, NewChild
from placement.permissions import Permission
from placement.reference import InvalidIdentityCode, parse_identity_code
from placement.reference.identity_code import FEMALE
from placement.refusals import NotFound, Refusal, Refusals
from placement.web.child_forms import STEPS, KitForm, attach, build, leaves
from placement.web.child_parts import part_of
from placement.web.child_values import sent, shown_rows
from placement.web.child_words import SECTIONS
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day, lang
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("child_new", __name__, url_prefix="/children/new")
TOTAL = len(STEPS) + 1
TITLES = (
    _l("Who the child is"),
    _l("Needs and languages"),
    _l("Siblings, wishes and the child's own view"),
)
NOT_KEPT = ("csrf_token", "later")


@bp.get("")
@requires(Permission.EDIT_CHILDREN)
def start() -> Response:
    """Show the first step; nothing is stored before something is typed."""
    return _draw(drafts.new_token(), 1, _form(1, None, fresh=True), None)


@bp.get("/<token>/<int:number>")
@requires(Permission.EDIT_CHILDREN)
def step(token: str, number: int) -> Response:
    with read_only() as session:
        draft = drafts.find(session, actor(), token)
    if number == TOTAL:
        return _check(token)
    _known(number)
    typed: MultiDict[str, str] = MultiDict(drafts.typed(draft))
    return _draw(token, number, _form(number, typed, fresh=not _has_step(typed, number)), draft.updated_at)


@bp.post("/<token>/<int:number>")
@requires(Permission.EDIT_CHILDREN)
def send(token: str, number: int) -> Response:
    """Keep what was typed, good or not, then check the step: the next one, or the same with its faults."""
    _known(number)
    form = _keep(token, number)
    if request.form.get("later"):
        flash(_("Draft saved. You find it on Today."), "success")
        return to(url_for("today.show"))
    if _valid(form, number):
        return to(url_for("child_new.step", token=token, number=number + 1))
    return _draw(token, number, form, now(), status=422)


@bp.post("/<token>/<int:number>/autosave")
@requires(Permission.EDIT_CHILDREN)
def autosave(token: str, number: int) -> Response:
    _known(number)
    _keep(token, number)
    return render("children/_saved.html", saved_at=now())


@bp.post("/<token>/discard")
@requires(Permission.EDIT_CHILDREN)
def discard(token: str) -> Response:
    try:
        with transaction() as session:
            drafts.discard(session, actor(), token)
    except NotFound:
        flash(_("There was nothing to throw away."), "info")
    return to(url_for("children.index"))


@bp.post("/check-code")
@requires(Permission.EDIT_CHILDREN)
def check_code() -> Response:
    """Tell what an identity code says, or that its child may be here already; by POST: a code is no address."""
    typed = request.form.get("identity_code", "").strip()
    words, duplicate = "", None
    if typed:
        try:
            code = parse_identity_code(typed, allow_temporary=_invented())
        except InvalidIdentityCode as wrong:
            words = sentence(Refusal(f"code-{wrong.reason}"))
        else:
            words = _("Born %(day)s.", day=day(code.birth_date))
            with read_only() as session:
                found = service.duplicates(session, _county(), code.code, None)
            if found:
                words, duplicate = sentence(found[0]), str(found[0].facts["ref"])
    return render("children/_hetu_hint.html", sentence=words, duplicate=duplicate)


@bp.post("/<token>/save")
@requires(Permission.EDIT_CHILDREN)
def save(token: str) -> Response:
    """Add the child once, however often the button is pressed, and go to the queue."""
    endpoint = "child_new.save"
    with read_only() as session:
        led_to = idempotency.once(session, actor(), token, endpoint)
        if led_to is None:
            typed: MultiDict[str, str] = MultiDict(drafts.typed(drafts.find(session, actor(), token)))
            offered = _choices(session)
    if led_to is not None:
        return to(led_to)
    forms = [build(sections, offered, today(), formdata=typed) for sections in STEPS]
    if not all(_valid(form, number) for number, form in enumerate(forms, start=1)):
        return _check(token, status=422)
    try:
        with transaction() as session:
            led_to = idempotency.once(session, actor(), token, endpoint)
            if led_to is None:
                ref = service.create(session, actor(), _new_child(forms, offered), at=now(), invented_codes=_invented())
                waits = forms[1]["waiting_since"].data is not None
                led_to = url_for("waiting.index") if waits else url_for("children.show", ref=ref)
                idempotency.remember(session, actor(), token, endpoint, led_to, now())
                drafts.discard(session, actor(), token)
    except Refusals as refused:
        return _check(token, faults=refused.faults, status=422)
    except Refusal as refused:
        if isinstance(refused, NotFound):
            raise
        return _check(token, faults=[refused], status=422)
    flash(_("The child was saved. Look for a place."), "success")
    return to(led_to)


def _known(number: int) -> None:
    if not 1 <= number <= len(STEPS):
        raise NotFound


def _county() -> int:
    county_id = actor().county_id
    if county_id is None:
        raise NotFound
    return county_id


def _choices(session: Session) -> Choices:
    return choices.load(session, _county(), lang(), today())


def _invented() -> bool:
    """Whether codes with serials 900-999 pass: in demo and test, where every child is invented."""
    return kit().settings.env in ("demo", "test")


def _form(number: int, typed: Any, *, fresh: bool) -> KitForm:
    """Return a step's form: with its defaults the first time, then with what was typed."""
    with read_only() as session:
        offered = _choices(session)
    if fresh:
        return build(STEPS[number - 1], offered, today(), formdata=None, data={"waiting_since": today()})
    return build(STEPS[number - 1], offered, today(), formdata=typed)


def _has_step(typed: Any, number: int) -> bool:
    return f"step-{number}" in typed


def _keep(token: str, number: int) -> KitForm:
    """Store the step's typed text and return its form."""
    form = _form(number, request.form, fresh=False)
    values = {name: request.form.getlist(name) for name in request.form if name not in NOT_KEPT}
    values = {name: value for name, value in values.items() if name in _names(form)} | {f"step-{number}": ["1"]}
    names = [*_names(form), f"step-{number}"]
    with transaction() as session:
        drafts.keep(session, actor(), token, values, names, at=now())
    return form


def _names(form: KitForm) -> list[str]:
    return [field.name for field in leaves(form)]


def _valid(form: KitForm, number: int) -> bool:
    """Check a step: the fields, then the rules of its sections, then whether the child is here already."""
    misread = _read_code(form) if number == 1 else []
    if not form.validate():
        attach(form, misread)
        return False
    with read_only() as session:
        offered = _choices(session)
        parts = [part_of(section, form, offered) for section in STEPS[number - 1]]
        birth = next((part.birth_date for part in parts if isinstance(part, IdentityPart)), today())
        faults = [
            fault
            for part in parts
            for fault in record_rules.faults_of(part, birth_date=birth, on=today(), invented_codes=_invented())
        ]
        if number == 1:
            identity = parts[0]
            assert isinstance(identity, IdentityPart)
            faults += service.duplicates(session, _county(), identity.identity_code, identity.temporary_number)
    attach(form, faults)
    return not faults


def _read_code(form: Any) -> list[Refusal]:
    """Fill in what the identity code says and nobody typed, date of birth and gender; return what is wrong with it."""
    if not form.identity_code.data:
        return []
    try:
        code = parse_identity_code(form.identity_code.data, allow_temporary=_invented())
    except InvalidIdentityCode as wrong:
        return [Refusal(f"code-{wrong.reason}", field="identity_code")]
    if not sent(form.birth_date):
        form.birth_date.data = code.birth_date
    if not form.gender.data:
        form.gender.data = "F" if code.gender == FEMALE else "M"
    return []


def _new_child(forms: list[KitForm], offered: Choices) -> NewChild:
    parts: dict[str, Any] = {
        section: part_of(section, form, offered)
        for form, sections in zip(forms, STEPS, strict=True)
        for section in sections
    }
    return NewChild(**parts)


def _draw(token: str, number: int, form: KitForm, saved_at: datetime | None, *, status: int = 200) -> Response:
    previous = url_for("child_new.step", token=token, number=number - 1) if number > 1 else url_for("children.index")
    return render(
        "children/new.html",
        status=status,
        token=token,
        number=number,
        total=TOTAL,
        title=TITLES[number - 1],
        sections=STEPS[number - 1],
        names=SECTIONS,
        form=form,
        saved_at=saved_at,
        back=previous,
    )


def _check(token: str, *, faults: list[Refusal] | None = None, status: int = 200) -> Response:
    """Show every answer with its Change link; a step with faults is named above and linked."""
    with read_only() as session:
        typed: MultiDict[str, str] = MultiDict(drafts.typed(drafts.find(session, actor(), token)))
        offered = _choices(session)
    parts: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = [{"text": sentence(one), "href": None} for one in faults or []]
    for number, sections in enumerate(STEPS, start=1):
        form = build(sections, offered, today(), formdata=typed)
        href = url_for("child_new.step", token=token, number=number)
        if not _valid(form, number):
            problems += [
                {"text": message, "href": f"{href}#{field.id}"} for field in leaves(form) for message in field.errors
            ]
        parts += [
            {"section": one, "word": SECTIONS[one], "href": f"{href}#part-{one}", "rows": shown_rows(one, form)}
            for one in sections
        ]
    return render(
        "children/check.html",
        status=status,
        token=token,
        number=TOTAL,
        total=TOTAL,
        parts=parts,
        faults=problems,
        title_error=bool(problems),
        back=url_for("child_new.step", token=token, number=TOTAL - 1),
    )
