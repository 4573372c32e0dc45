"""An agreement on its way: check, hearing, signing, returning for changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from agreements import life
from agreements.agreement_rules import hearing_state
from agreements.life_tables import AgreementFrozen
from agreements.tables import AgreementVersion, PartyRole
from placement.agreed import acting, writing
from placement.agreed.built_in import BuiltIn
from placement.agreed.effect import effect
from placement.agreed.writing import DraftHasProblems
from placement.people.tables import User, UserMandate
from placement.permissions import Permission
from placement.refusals import NotAllowed, NotFound, Refusal
from placement.units.queries import organisations_by_key
from placement.web import agreement_forms as forms
from placement.web import agreement_parts as parts
from placement.web.agreement_draft import DRAFT, bp
from placement.web.agreement_sentences import PROBLEMS
from placement.web.edge import actor, kit, now, read_only, today, transaction
from placement.web.guard import requires
from placement.web.i18n import day, lang
from placement.web.render import render, to
from placement.web.sentences import sentence

HEARING_TIME = timedelta(days=21)
SIGN = Permission.SIGN_AGREEMENTS


@bp.get("/<ref:ref>/check")
@requires(DRAFT)
def check(ref: str) -> Response:
    return _check_page(ref)


def _check_page(ref: str, form: Any = None, *, refused: Refusal | None = None, status: int = 200) -> Response:
    """Show everything that was written, what is missing, the effect, and the one next step."""
    with read_only() as session:
        work = parts.open_work(session, ref)
        version = work.version
        problems = list(work.problems)
        before_hearing = [one for one in problems if one.section != "hearing"]
        must_hear = any(one.role is PartyRole.HEARD for one in work.draft.parties)
        items = parts.problem_list(session, ref, before_hearing)
        if refused is not None:
            items.append({"text": sentence(refused)})
        clash = life.already_covered(session, version)
        form = form or forms.HearingForm(formdata=None)
        if form.due_on.data is None and not form.errors:
            form.due_on.data = today() + HEARING_TIME
        return render(
            "agreements/check.html",
            status=status,
            work=work,
            form=form,
            problems=items,
            bodies=parts.body_names(work.bodies),
            must_hear=must_hear,
            hearing=hearing_state(version.hearing_requested_on, version.hearing_due_on, version.heard_on, today()),
            ready=not problems,
            ready_to_hear=not before_hearing,
            effect=effect(session, actor(), version, now()) if work.draft.units else None,
            clash=_clash_words(clash),
            title_error=status != 200,
        )


def _clash_words(clash: Any) -> str | None:
    if clash is None:
        return None
    values = {"ref": clash.agreement_ref, "number": clash.number, "day": day(clash.period.first)}
    return str(PROBLEMS["already-covered"]) % values


@bp.post("/<ref:ref>/hearing/send")
@requires(DRAFT)
def send_to_hearing(ref: str) -> Response:
    form = forms.HearingForm()
    with read_only() as session:
        parts.open_work(session, ref)
    if not form.validate():
        return _check_page(ref, form, status=422)
    try:
        with transaction() as session:
            writing.send_to_hearing(session, actor(), ref, form.due_on.data, at=now())
    except DraftHasProblems:
        return _check_page(ref, form, status=422)
    except Refusal as refused:
        parts.attach(form, refused)
        return _check_page(ref, form, refused=refused, status=refused.status)
    flash(_("The agreement is in hearing."), "success")
    return to(url_for("agreements.show", ref=ref))


@bp.post("/<ref:ref>/signature")
@requires(DRAFT)
def send_for_signature(ref: str) -> Response:
    """Freeze the text and ask every party for its signature."""
    try:
        with transaction() as session:
            writing.send_for_signature(session, actor(), ref, at=now(), demo=kit().settings.demo)
    except DraftHasProblems:
        return _check_page(ref, status=422)
    flash(_("Sent for signature. The text is frozen and has a fingerprint."), "success")
    return to(url_for("agreements.show", ref=ref))


# --- hearing


@bp.get("/<ref:ref>/hearing")
@requires(Permission.ANSWER_HEARING)
def hearing(ref: str) -> Response:
    return _hearing_page(ref, forms.StatementForm(formdata=None))


def _hearing_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        work = parts.open_work(session, ref, own=False)
        if not acting.is_heard(actor(), list(work.draft.parties)):
            raise NotAllowed("not-heard-here")
        version = work.version
        return render(
            "agreements/hearing.html",
            status=status,
            work=work,
            form=form,
            bodies=parts.body_names(work.bodies),
            state=hearing_state(version.hearing_requested_on, version.hearing_due_on, version.heard_on, today()),
            open=version.status.value == "hearing" and version.heard_on is None,
        )


@bp.post("/<ref:ref>/hearing")
@requires(Permission.ANSWER_HEARING)
def answer_hearing(ref: str) -> Response:
    form = forms.StatementForm()
    with read_only() as session:
        parts.open_work(session, ref, own=False)
    if not form.validate():
        return _hearing_page(ref, form, 422)
    try:
        with transaction() as session:
            writing.answer_hearing(session, actor(), ref, form.statement.data, at=now())
    except Refusal as refused:
        if refused.code == "not-heard-here":
            raise
        parts.attach(form, refused)
        return _hearing_page(ref, form, refused.status)
    flash(_("The statement was given."), "success")
    return to(url_for("agreements.show", ref=ref))


# --- signing


@bp.get("/<ref:ref>/sign")
@requires(SIGN)
def sign(ref: str) -> Response:
    return _sign_page(ref, None)


def _method(session: Session) -> BuiltIn:
    user = session.get_one(User, actor().user_id)
    return BuiltIn(user, kit().passwords, kit().settings.demo)


def _sign_form(session: Session, version: AgreementVersion, *, bound: bool) -> Any:
    by_name = _method(session).asks_for_name
    kind = forms.SignForm if by_name else forms.SignPasswordForm
    form = kind() if bound else kind(formdata=None)
    form.word(number=version.number, party=actor().organisation_name, by_name=by_name)
    if not bound:
        form.content_hash.data = version.content_hash
    return form


def _sign_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        agreement, version, rows = acting.find(session, actor(), ref, today())
        mine = [
            one for one in rows if one.organisation_id == actor().organisation_id and one.role is PartyRole.SIGNATORY
        ]
        if not mine:
            raise NotFound
        signatures = {one.party_id: one for one in life.signatures_of(session, version.id or 0)}
        frozen = session.get(AgreementFrozen, version.id)
        mandate_id, _mandate = acting.signing_mandate(session, actor(), today())
        mandate = session.get_one(UserMandate, mandate_id)
        return render(
            "agreements/sign.html",
            status=status,
            agreement=agreement,
            version=version,
            frozen=frozen,
            lines=signing_lines(session, version),
            signed=all((one.id or 0) in signatures for one in mine),
            open=version.status.value == "in-signing",
            form=form or _sign_form(session, version, bound=False),
            by_name=_method(session).asks_for_name,
            mandate=mandate,
            ends_soon=mandate.valid_to is not None and mandate.valid_to <= today() + timedelta(days=30),
            party=actor().organisation_name,
        )


def signing_lines(session: Session, version: AgreementVersion) -> list[dict[str, Any]]:
    """Return who has signed for each party of a version, and who has not yet."""
    rows = acting.parties_of(session, version)
    bodies = organisations_by_key(session, [one.organisation_id for one in rows])
    given = {one.party_id: one for one in life.signatures_of(session, version.id or 0)}
    names = {key: session.get_one(User, one.user_id).name for key, one in given.items()}
    return [
        {
            "party": one,
            "body": bodies[one.organisation_id].name(lang()),
            "signature": given.get(one.id or 0),
            "name": names.get(one.id or 0),
        }
        for one in rows
    ]


@bp.post("/<ref:ref>/sign")
@requires(SIGN)
def give_signature(ref: str) -> Response:
    """Sign: both boxes, the text that was shown, a mandate of today, and the proof of who signs."""
    with read_only() as session:
        _agreement, version, _rows = acting.find(session, actor(), ref, today())
        form = _sign_form(session, version, bound=True)
    try:
        with transaction() as session:
            writing.sign(
                session,
                actor(),
                ref,
                version.number,
                content_hash=form.content_hash.data or "",
                has_read=bool(form.has_read.data),
                has_right=bool(form.has_right.data),
                proof=form.proof.data or "",
                method=_method(session),
                at=now(),
            )
    except Refusal as refused:
        if refused.status == 404 or refused.code in ("no-signing-mandate", "not-a-party"):
            raise
        _on_field(form, refused)
        return _sign_page(ref, form, refused.status if refused.code != "proof-wrong" else 422)
    flash(_("You have signed version %(number)s.", number=version.number), "success")
    return to(url_for("agreements.show", ref=ref))


def _on_field(form: Any, refused: Refusal) -> None:
    field = {"proof-wrong": "proof", "boxes-missing": "has_read"}.get(refused.code)
    if field == "has_read" and form.has_read.data:
        field = "has_right"
    if field:
        form[field].errors = [sentence(refused)]
    else:
        form.form_errors.append(sentence(refused))


# --- returning for changes


@bp.get("/<ref:ref>/return")
@requires(SIGN, DRAFT)
def returning(ref: str) -> Response:
    return _return_page(ref, forms.ReasonForm(formdata=None))


def _return_page(ref: str, form: Any, status: int = 200) -> Response:
    with read_only() as session:
        agreement, version, _rows = acting.find(session, actor(), ref, today())
    return render("agreements/return.html", status=status, agreement=agreement, version=version, form=form)


@bp.post("/<ref:ref>/return")
@requires(SIGN, DRAFT)
def give_back(ref: str) -> Response:
    form = forms.ReasonForm()
    with read_only() as session:
        acting.find(session, actor(), ref, today())
    if not form.validate():
        return _return_page(ref, form, 422)
    try:
        with transaction() as session:
            new = writing.give_back(session, actor(), ref, form.reason.data, at=now())
    except Refusal as refused:
        if refused.status in (403, 404):
            raise
        parts.attach(form, refused)
        return _return_page(ref, form, refused.status)
    flash(_("Returned for changes. Version %(number)s is the next draft.", number=new.number), "success")
    return to(url_for("agreements.show", ref=ref))
