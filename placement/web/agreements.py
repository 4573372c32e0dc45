"""Agreements: the list and one agreement's page; the pages of their life are in the modules agreement_…"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlmodel import Session
from wtforms import BooleanField, SelectField

from agreements.tables import AgreementKind, PartyRole
from placement.agreed import confirming, page, queries
from placement.agreed.heads import Head
from placement.permissions import Actor, Permission, Role
from placement.reference import authority_names, cite_briefly, code_label
from placement.units.queries import visible_units
from placement.web import agreement_acts
from placement.web import today as today_page
from placement.web.child_forms import KitForm
from placement.web.children import Paging
from placement.web.decision_forms import whole
from placement.web.edge import actor, read_only, today
from placement.web.guard import requires
from placement.web.i18n import day, label, lang
from placement.web.render import render

bp = Blueprint("agreements", __name__, url_prefix="/agreements")
SOON = timedelta(days=60)
PAGE_SIZE = 50
STATUSES = ("draft", "hearing", "in-signing", "signed", "in-force", "ended", "terminated", "returned")
TONES = {
    "draft": "neutral",
    "hearing": "info",
    "in-signing": "info",
    "signed": "info",
    "in-force": "good",
    "replaced": "quiet",
    "ended": "quiet",
    "terminated": "quiet",
    "returned": "warning",
}


class FilterForm(KitForm):
    """The filters beside the list; a GET form, so nothing is validated: what no list knows finds nothing."""

    status = SelectField(_l("Status"))
    kind = SelectField(_l("Kind of agreement"))
    ending = BooleanField(_l("Only those that end within 60 days"))


@bp.get("")
@requires(Permission.SEE_AGREEMENTS)
def index() -> Response:
    with read_only() as session:
        every = queries.seen_heads(session, actor(), today())
        form = FilterForm(formdata=request.args)
        form.status.choices = [("", _("All")), *((code, label(code)) for code in STATUSES)]
        form.kind.choices = [("", _("All")), *((kind.value, label(kind)) for kind in AgreementKind)]
        kept = list(_kept(every, form))
        paging = _paging(len(kept), form)
        first = (paging.number - 1) * PAGE_SIZE
        lines = queries.lines_of(session, kept[first : first + PAGE_SIZE])
    return render(
        "agreements/index.html",
        fragment="agreements/_filters_result.html",
        lines=lines,
        count=len(kept),
        nothing=not every,
        form=form,
        chips=_chips(form),
        tones=TONES,
        paging=paging,
    )


def _kept(every: Iterable[Head], form: Any) -> Iterable[Head]:
    for head in every:
        fits = form.status.data in ("", None, head.status) and form.kind.data in ("", None, head.kind)
        if fits and (not form.ending.data or ends_soon(head)):
            yield head


def _paging(count: int, form: Any) -> Paging:
    """Return which page of the list is asked for; a number that is none is the first, one too high the last."""
    pages = max(1, -(-count // PAGE_SIZE))
    number = min(max(1, whole(request.args.get("page"))), pages)
    return Paging(number, pages, url_for("agreements.index"), _given(form))


def _given(form: Any) -> dict[str, str]:
    given = {field.name: field.data for field in (form.status, form.kind) if field.data}
    return given | ({"ending": "y"} if form.ending.data else {})


def ends_soon(line: Head) -> bool:
    """Whether the agreement is in force and its last day is within 60 days."""
    return line.days_left is not None and line.days_left <= SOON.days


def _chips(form: Any) -> list[dict[str, str]]:
    given, found = _given(form), []
    for field in form:
        if field.name not in given:
            continue
        rest: dict[str, Any] = {name: value for name, value in given.items() if name != field.name}
        words = dict(field.choices).get(field.data, field.data) if hasattr(field, "choices") else None
        text = f"{field.label.text}: {words}" if words else str(field.label.text)
        found.append({"text": text, "href": url_for("agreements.index", **rest)})
    return found


@bp.get("/<ref:ref>")
@requires(Permission.SEE_AGREEMENTS)
def show(ref: str) -> Response:
    with read_only() as session:
        agreement = queries.find(session, actor(), ref, today())
        found = page.show(session, actor(), agreement, today())
        acts = agreement_acts.acts(session, actor(), ref)
        returned = agreement_acts.returned_because(session, actor(), ref)
        seen = {unit.id for unit in visible_units(session, actor(), today())}
        said = confirming.confirmed_by(session, found.line.version.id or 0)
    signers = [one.body for one in found.parties if one.party.role is PartyRole.SIGNATORY]
    return render(
        "agreements/show.html",
        found=found,
        line=found.line,
        acts=acts,
        returned=returned,
        tones=TONES,
        may_open=lambda unit: unit.id in seen,
        word=_word,
        authority=_authority,
        provisions=lambda sources: cite_briefly("; ".join(sources), lang()),
        asked=len(signers) > 1,
        confirmed=[one.name(lang()) for one in signers if one.id in said],
        today=today(),
    )


def _word(list_name: str, key: str) -> str:
    """Return the word of a code of the dated table: a chapter, a side, a role."""
    return str(_(code_label(list_name, key, today())))


def _authority(key: str) -> str:
    """Return the newest name of a state authority in the reader's language."""
    newest = max(authority_names(key), key=lambda one: one.valid.first)
    return {"fi": newest.fi, "sv": newest.sv}.get(lang(), newest.en)


@today_page.source
def to_sign(session: Session, who: Actor, at: datetime) -> list[today_page.Group]:  # noqa: ARG001 - a source's shape
    """Tell a signatory which agreements wait for the signature, and everyone else concerned which end soon."""
    if not who.can(Permission.SEE_AGREEMENTS):
        return []
    groups = []
    asked = confirming.to_confirm(session, who, today())
    if asked:
        groups.append(
            today_page.Group(
                key="agreements-to-confirm",
                title=_("Agreements to comment on"),
                count=len(asked),
                url=_comments_url(asked),
                action=_("Comment or confirm by %(day)s", day=day(asked[0][1].hearing_due_on)),
            )
        )
    if who.role is Role.SIGNATORY:
        waiting = queries.to_sign(session, who, today())
        groups.append(
            today_page.Group(
                key="agreements-to-sign",
                title=_("Agreements to sign"),
                count=len(waiting),
                url=_sign_url(waiting),
                action=ngettext("%(num)s agreement waits for you", "%(num)s agreements wait for you", len(waiting)),
                main=True,
            )
        )
    return [*groups, *_ending(queries.seen_heads(session, who, today()), today())]


def _comments_url(asked: list[Any]) -> str:
    """Return the page to comment on when one text waits, else the list of those in hearing."""
    if len(asked) == 1:
        return url_for("agreement_draft.comments", ref=asked[0][0].ref, number=asked[0][1].number)
    return url_for("agreements.index", status="hearing")


def _sign_url(waiting: list[Any]) -> str:
    """Return the page to sign on when one agreement waits, else the list of them."""
    if len(waiting) == 1:
        return url_for("agreement_draft.sign", ref=waiting[0][0].ref)
    return url_for("agreements.index", status="in-signing")


def _ending(lines: Iterable[Head], on: date) -> list[today_page.Group]:
    soon = [line for line in lines if ends_soon(line)]
    if not soon:
        return []
    days = min((line.ends_on - on).days for line in soon if line.ends_on is not None)
    return [
        today_page.Group(
            key="agreements-ending",
            title=_("Agreements that end soon"),
            count=len(soon),
            url=url_for("agreements.index", ending="y"),
            action=ngettext("The first ends in %(num)s day", "The first ends in %(num)s days", days),
        )
    ]
