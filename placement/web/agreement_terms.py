"""Writing an agreement: services, costs, validity and clauses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from agreements import drafting, terms
from agreements.clauses import library, offered
from agreements.life_tables import AgreementClause
from placement.agreed import words as agreed
from placement.refusals import Conflict, NotFound, Refusal
from placement.web import agreement_forms as forms
from placement.web import agreement_parts as parts
from placement.web.agreement_draft import DRAFT, LANGUAGES, bp, opened, save_section, section_page
from placement.web.agreement_parts import Working
from placement.web.child_forms import tidy
from placement.web.edge import now, read_only
from placement.web.guard import requires
from placement.web.i18n import LANGUAGES as LANGUAGE_NAMES
from placement.web.i18n import lang
from placement.web.render import render, to, wants_fragment


def _saved(ref: str, section: str, form: Any, theirs: Any, change: Any, following: str) -> Response:
    """Save a whole section: by itself while typing (htmx), or with its button; nothing typed is ever lost."""
    save_url = url_for(f"agreement_draft.save_{section}", ref=ref)
    try:
        save_section(ref, change)
    except Conflict as refused:
        if refused.code != "changed-meanwhile":
            raise
        with read_only() as session:
            return parts.conflict(
                session,
                refused,
                parts.open_work(session, ref),
                section=section,
                mine=form,
                theirs=theirs(),
                url=save_url,
                page_url=url_for(f"agreement_draft.{section}", ref=ref),
            )
    except Refusal as refused:
        parts.attach(form, refused)
        return _bad(ref, section, form, refused.status)
    if wants_fragment():
        return render("agreements/_saved.html", seen=opened(ref).seen(section), saved_at=now())
    flash(_("Draft saved."), "success")
    return to(url_for(f"agreement_draft.{following}", ref=ref))


def _bad(ref: str, section: str, form: Any, status: int = 422) -> Response:
    """Return the section as it was typed with what is wrong; where it saved itself, only what is wrong."""
    if wants_fragment():
        return parts.unsaved(form, request.form.get("seen", "0"))
    if section == "services":
        return _services_page(ref, form, status)
    return section_page(ref, section, form, status=status)


@bp.get("/<ref:ref>/services")
@requires(DRAFT)
def services(ref: str) -> Response:
    return _services_page(ref, _services_form(opened(ref), bound=False))


def _services_form(work: Working, *, bound: bool) -> Any:
    form = forms.ServicesForm() if bound else forms.ServicesForm(formdata=None)
    form.offer()
    if not bound:
        form.fill(work.terms)
    return form


def _services_page(ref: str, form: Any, status: int = 200) -> Response:
    rows = [
        {
            "code": code,
            "label": forms.say(agreed.SERVICES, code),
            "side": form[f"side-{code}"].data,
            "what": form[f"what-{code}"].data or "",
        }
        for code in terms.CHILD_SERVICES
    ]
    sides = [("", _("Nobody")), *forms.said(agreed.GIVERS)]
    return section_page(ref, "services", form, status=status, rows=rows, sides=sides)


@bp.post("/<ref:ref>/services")
@requires(DRAFT)
def save_services(ref: str) -> Response:
    form = _services_form(opened(ref), bound=True)
    if not form.whole():
        return _bad(ref, "services", form)

    def change(session: Session, work: Working, edit: drafting.Edit) -> object:
        duties = replace(work.terms, duties=form.duties())
        return drafting.save_terms(session, work.version.id or 0, "services", duties, edit)

    return _saved(ref, "services", form, lambda: _services_form(opened(ref), bound=False), change, "costs")


@bp.get("/<ref:ref>/costs")
@requires(DRAFT)
def costs(ref: str) -> Response:
    return section_page(ref, "costs", _costs_form(opened(ref), bound=False))


def _costs_form(work: Working, *, bound: bool) -> Any:
    form = forms.CostsForm() if bound else forms.CostsForm(formdata=None)
    form.offer()
    if bound:
        return form
    for name in work.terms.__dataclass_fields__:
        if name in form:
            form[name].data = getattr(work.terms, name)
    form.budget_year.data = work.version.valid_from.year
    for one in work.terms.budget:
        if one.year == form.budget_year.data:
            form[f"budget_{one.category}"].data = one.cents
    return form


@bp.post("/<ref:ref>/costs")
@requires(DRAFT)
def save_costs(ref: str) -> Response:
    form = _costs_form(opened(ref), bound=True)
    if not form.validate():
        return _bad(ref, "costs", form)

    def change(session: Session, work: Working, edit: drafting.Edit) -> object:
        return drafting.save_terms(session, work.version.id or 0, "costs", form.to_terms(work.terms), edit)

    return _saved(ref, "costs", form, lambda: _costs_form(opened(ref), bound=False), change, "validity")


@bp.get("/<ref:ref>/validity")
@requires(DRAFT)
def validity(ref: str) -> Response:
    return section_page(ref, "validity", _validity_form(opened(ref), bound=False))


def _validity_form(work: Working, *, bound: bool) -> Any:
    form = forms.ValidityForm() if bound else forms.ValidityForm(formdata=None)
    form.language.choices = [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]
    if not bound:
        form.valid_from.data, form.valid_to.data = work.version.valid_from, work.version.valid_to
        form.language.data = work.version.language
    return form


@bp.post("/<ref:ref>/validity")
@requires(DRAFT)
def save_validity(ref: str) -> Response:
    form = _validity_form(opened(ref), bound=True)
    if not form.validate():
        return _bad(ref, "validity", form)

    def change(session: Session, work: Working, edit: drafting.Edit) -> object:
        return drafting.save_term(
            session, work.version.id or 0, form.valid_from.data, form.valid_to.data, form.language.data, edit
        )

    return _saved(ref, "validity", form, lambda: _validity_form(opened(ref), bound=False), change, "clauses")


@bp.get("/<ref:ref>/clauses")
@requires(DRAFT)
def clauses(ref: str) -> Response:
    return _clauses_page(ref)


def _clauses_page(ref: str, bad: tuple[str, Any] | None = None, status: int = 200) -> Response:
    work = opened(ref)
    with read_only() as session:
        rows = session.exec(
            select(AgreementClause)
            .where(AgreementClause.version_id == work.version.id)
            .order_by(col(AgreementClause.id))
        ).all()
    stored = {row.code: row for row in rows}
    lines = []
    for one in offered(work.agreement.kind.value, work.version.valid_from):
        form = bad[1] if bad and bad[0] == one.code else _clause_form(one.code, stored.get(one.code))
        used = stored[one.code].library_no if one.code in stored else None
        shown = library()[one.code, used] if used else one
        lines.append(
            {"code": one.code, "title": one.title[lang()], "text": shown.text[lang()], "no": shown.no,
             "newest": one.no, "form": form, "seen": work.seen(f"clause-{one.code}")}
        )  # fmt: skip
    return section_page(ref, "clauses", bad[1] if bad else None, status=status, lines=lines)


def _clause_form(code: str, row: AgreementClause | None, *, bound: bool = False) -> Any:
    form = forms.ClauseForm(prefix="") if bound else forms.ClauseForm(formdata=None)
    for field in form:
        field.id = f"{field.name}-{code}"
        field.label.field_id = field.id
    form.choice.choices = [
        ("library", _("Text of the clause library")),
        ("own", _("Own text")),
        ("none", _("Without this clause")),
    ]
    if not bound:
        form.choice.data = "none" if row is None else "library" if row.library_no else "own"
        form.text.data = row.text if row else None
    return form


@bp.post("/<ref:ref>/clauses/<code>")
@requires(DRAFT)
def save_clause(ref: str, code: str) -> Response:
    """Save one clause; two people in different clauses never meet."""
    work = opened(ref)
    newest = next(
        (one for one in offered(work.agreement.kind.value, work.version.valid_from) if one.code == code), None
    )
    if newest is None:
        raise NotFound
    form = _clause_form(code, None, bound=True)
    form.validate()
    own = tidy(form.text.data)
    if form.choice.data == "own" and not own:
        form.text.errors = [_("Write the text.")]
    elif form.choice.data != "own" and own:
        form.text.errors = [_("You wrote an own text. Choose Own text, or empty the field.")]
    if form.errors or form.text.errors:
        if wants_fragment():
            return parts.unsaved(form, request.form.get("seen", "0"), saved_id=f"saved-{code}")
        return _clauses_page(ref, (code, form), 422)

    def change(session: Session, found: Working, edit: drafting.Edit) -> object:
        return drafting.save_clause(
            session,
            found.version.id or 0,
            code,
            library_no=newest.no if form.choice.data == "library" else None,
            text=own if form.choice.data == "own" else None,
            edit=edit,
        )

    try:
        save_section(ref, change)
    except Conflict as refused:
        if refused.code != "changed-meanwhile":
            raise
        with read_only() as session:
            found = parts.open_work(session, ref)
            stored = session.exec(
                select(AgreementClause).where(
                    AgreementClause.version_id == found.version.id, AgreementClause.code == code
                )
            ).first()
            theirs = _clause_form(code, stored)
            url = url_for("agreement_draft.save_clause", ref=ref, code=code)
            return parts.conflict(
                session,
                refused,
                found,
                section=f"clause-{code}",
                mine=form,
                theirs=theirs,
                url=url,
                page_url=url_for("agreement_draft.clauses", ref=ref),
                form_id=f"form-{code}",
            )
    if wants_fragment():
        seen = opened(ref).seen(f"clause-{code}")
        return render("agreements/_saved.html", seen=seen, saved_at=now(), saved_id=f"saved-{code}")
    flash(_("Draft saved."), "success")
    return to(url_for("agreement_draft.clauses", ref=ref) + f"#clause-{code}")
