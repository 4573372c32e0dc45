"""The books: balances as of a day, entries that fit a filter, one entry with its links, months that close, exports."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from wtforms import SelectField, StringField

from agreements import export as books_out
from agreements import ledger
from placement.audit.service import record
from placement.imports.files_out import csv_bytes
from placement.people.queries import counties as all_counties
from placement.permissions import Permission
from placement.refusals import NotFound
from placement.reimbursed.acting import told
from placement.reviewing import books, scope
from placement.reviewing.books import Filters
from placement.web import review_words as words
from placement.web.child_forms import KitForm
from placement.web.decision_forms import whole
from placement.web.edge import actor, now, read_only, today, transaction
from placement.web.fields import DayField
from placement.web.guard import requires
from placement.web.i18n import lang
from placement.web.render import render, to

bp = Blueprint("ledger", __name__, url_prefix="/ledger")
NAMES = ("account", "county", "year", "kind", "subject", "first", "last", "month")


class FilterForm(KitForm):
    """The filters beside the entries; a GET form: what no list knows finds nothing."""

    account = SelectField(_l("Account"), validate_choice=False)
    county = SelectField(_l("County"), validate_choice=False)
    year = SelectField(_l("Year of care"), validate_choice=False)
    kind = SelectField(_l("Event"), validate_choice=False)
    subject = StringField(_l("Reference of claim or payment"))
    first = DayField(_l("From"))
    last = DayField(_l("Until"))
    month = SelectField(_l("Month of the books"), validate_choice=False)

    def offer(self, session: Session, seen: set[int] | None) -> None:
        every = [("", _("All"))]
        self.account.choices = [*every, *words.choices(words.ACCOUNTS)]
        bodies = [one for one in all_counties(session, today()) if seen is None or one.id in seen]
        self.county.choices = [*every, *((one.county_code or "", one.name(lang())) for one in bodies)]
        self.year.choices = [*every, *((str(one), str(one)) for one in books.years(session))]
        self.month.choices = [*every, *((row.code, row.code) for row, _count, _cents in books.months(session))]
        self.kind.choices = [*every, *((one, words.say(words.EVENTS, one)) for one in books.kinds(session))]

    def filters(self) -> Filters:
        return Filters(
            account=self.account.data or "",
            county=self.county.data or "",
            year=whole(self.year.data) or None,
            kind=self.kind.data or "",
            subject=(self.subject.data or "").strip().upper(),
            first=self.first.data,
            last=self.last.data,
            month=self.month.data or "",
        )


class AsOfForm(KitForm):
    as_of = DayField(_l("Balances as of"))


@bp.get("")
@requires(Permission.SEE_LEDGER)
def index() -> Response:
    """Show the chain, balances as of a day and the entries; every sum leads to the entries it is made of."""
    form, dated = FilterForm(formdata=request.args), AsOfForm(formdata=request.args)
    readable = form.validate() and dated.validate()
    as_of = dated.as_of.data or today()
    dated.as_of.data = as_of
    with read_only() as session:
        seen = scope.counties_seen(session, actor(), today())
        form.offer(session, seen)
        filters = form.filters()
        found = books.entries(session, filters, seen, whole(request.args.get("page")) or 1)
        rows = books.balances(session, as_of, seen)
        names = books.names(session, {one.party_id for one in rows} | _parties(found))
        opens = scope.refs_readable(session, actor(), {row.subject for row in found.rows}, today())
        check = request.args.get("check") == "1" or books.size(session) <= books.QUICK
        chain = books.chain(session) if check else None
    return render(
        "ledger/index.html",
        fragment="ledger/_entries.html",
        status=200 if readable else 422,
        form=form,
        dated=dated,
        as_of=as_of,
        filters=filters,
        found=found,
        opens=opens,
        balances=rows,
        sums=books.by_account(rows),
        names=names,
        chain=chain,
        chips=_chips(form),
        address=_address,
        words=words,
        paging=_Paging(found.page, found.pages),
        title_error=bool(form.errors or dated.errors),
        sees_all=seen is None,
    )


def _parties(found: books.Found) -> set[int]:
    return {leg.party_id for row in found.rows for leg in row.legs}


class _Paging:
    """Page numbers of the entries, each at an address of its own."""

    def __init__(self, number: int, pages: int) -> None:
        self.number, self.pages = number, pages

    def url(self, number: int) -> str:
        return _address(page=str(number))


def _address(**changed: Any) -> str:
    """Return the address of the books with the present filters and some changed; None takes one away."""
    given = {name: request.args[name] for name in (*NAMES, "as_of") if request.args.get(name)}
    wanted = {**given, **changed}
    plain: dict[str, Any] = {
        key: value.isoformat() if isinstance(value, date) else value for key, value in wanted.items()
    }
    return url_for("ledger.index", **{key: value for key, value in plain.items() if value not in (None, "")})


def _chips(form: FilterForm) -> list[dict[str, str]]:
    found = []
    for name in NAMES:
        field = form[name]
        if not request.args.get(name):
            continue
        word = dict(field.choices).get(field.data, field.data) if hasattr(field, "choices") else request.args[name]
        found.append({"text": f"{field.label.text}: {word}", "href": _address(**{name: None, "page": None})})
    return found


@bp.get("/<int:number>")
@requires(Permission.SEE_LEDGER)
def entry(number: int) -> Response:
    """Show an entry: its legs, what it books, what it takes back or what took it back."""
    with read_only() as session:
        seen = scope.counties_seen(session, actor(), today())
        found = books.entry(session, number, seen)
        names = books.names(session, {leg.party_id for leg in found.legs})
        readable = found.claim is not None and _opens(session, found.claim.ref)
        opens = scope.refs_readable(session, actor(), {leg.subject for leg in found.legs}, today())
    return render(
        "ledger/entry.html",
        found=found,
        names=names,
        readable=readable,
        opens=opens,
        words=words,
        debit_cents=sum(leg.cents for leg in found.legs if leg.side.value == "debit"),
        credit_cents=sum(leg.cents for leg in found.legs if leg.side.value == "credit"),
        may_correct=actor().can(Permission.PROPOSE_CORRECTIONS),
    )


def _opens(session: Session, ref: str) -> bool:
    try:
        scope.find(session, actor(), ref, today())
    except NotFound:
        return False
    return True


@bp.get("/periods")
@requires(Permission.SEE_LEDGER)
def periods() -> Response:
    with read_only() as session:
        rows = books.months(session) if scope.counties_seen(session, actor(), today()) is None else []
    if not rows:
        raise NotFound
    open_codes = [row.code for row, _count, _cents in rows if row.closed_at is None]
    this = f"{today():%Y-%m}"
    return render(
        "ledger/periods.html",
        rows=rows,
        next_to_close=min((code for code in open_codes if code < this), default=None),
        may_close=actor().can(Permission.CLOSE_PERIODS),
    )


@bp.post("/periods/<code>/close")
@requires(Permission.CLOSE_PERIODS)
def close(code: str) -> Response:
    """Close a month of the books for good; later effects are posted in the first open month."""
    with transaction() as session:
        if not any(row.code == code for row, _count, _cents in books.months(session)):
            raise NotFound
        with told():
            ledger.close_month(session, code, by=actor().user_id, at=now())
        record(session, actor=actor(), action="month-closed", object_kind="ledger", object_ref=code, at=now())
    flash(
        _("%(month)s is closed. What takes effect in it later is posted in the first open month.", month=code),
        "success",
    )
    return to(url_for("ledger.periods"))


@bp.get("/export.csv")
@requires(Permission.SEE_LEDGER)
def export_csv() -> Response:
    """Return every leg that fits the filters as CSV; the export is recorded."""
    form = FilterForm(formdata=request.args)
    form.validate()
    with read_only() as session:
        seen = scope.counties_seen(session, actor(), today())
        form.offer(session, seen)
        filters = form.filters()
        rows = books.export_rows(session, filters, seen)
        names = books.names(session, {row[10] for row in rows})
    head = ["entry", "effective_on", "period", "event", "event_id", "reverses", "line", "account", "side", "amount_eur",
            "organisation", "subject", "care_year", "hash"]  # fmt: skip
    table = [
        [
            str(row[0]), row[1].isoformat(), row[2], row[3], row[4], str(row[5] or ""), str(row[6]), str(row[7]),
            str(row[8]), f"{row[9] // 100}.{row[9] % 100:02d}", names[row[10]].name_fi, row[11], str(row[12]), row[13],
        ]
        for row in rows
    ]  # fmt: skip
    _exported("csv", len(rows), {key: str(value) for key, value in asdict(filters).items() if value})
    return _file(csv_bytes([head, *table]), "text/csv", "csv")


@bp.get("/export.beancount")
@requires(Permission.SEE_LEDGER)
def export_beancount() -> Response:
    """Return the whole books in the form that bean-check reads: for those who may see all of them."""
    with read_only() as session:
        if scope.counties_seen(session, actor(), today()) is not None:
            raise NotFound
        text = "\n".join(books_out.beancount(session)) + "\n"
    _exported("beancount", text.count(" * "), {})
    return _file(text.encode(), "text/plain", "beancount")


def _exported(form: str, rows: int, filters: dict[str, str]) -> None:
    """Record that the books were taken out, in a transaction of its own."""
    with transaction() as session:
        record(
            session, actor=actor(), action="ledger-exported", object_kind="ledger", object_ref="ledger", at=now(),
            after={"format": form, "rows": rows, **filters},
        )  # fmt: skip


def _file(content: bytes, kind: str, ending: str) -> Response:
    answer = make_response(content)
    answer.mimetype = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="ledger-{now():%Y%m%d-%H%M}.{ending}"'
    return answer
