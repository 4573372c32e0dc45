"""Signing in: password and one-time code; in demo a card for each invented person."""

from __future__ import annotations

import segno
from flask import Blueprint, Response, abort, g, request, session, url_for
from sqlmodel import col, select

from placement.people import passwords as codes
from placement.people import service
from placement.people.tables import User
from placement.permissions import Permission
from placement.refusals import Refusal
from placement.web import guard
from placement.web.demo_cards import CARDS, PLACED
from placement.web.edge import actor, kit, now, read_only, transaction
from placement.web.guard import public, requires, safe_next
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("auth", __name__)
ISSUER = "Placement coordinator"


@bp.get("/")
@public
def index() -> Response:
    return to(url_for("today.show") if g.actor else url_for("auth.login"))


@bp.get("/login")
@public
def login() -> Response:
    return _login_page()


@bp.post("/login")
@public
def password() -> Response:
    """Check the password; with a one-time code set up, the code is asked for next."""
    name, at = request.form.get("login", ""), now()
    settings = kit().settings
    address = request.remote_addr or ""
    with transaction() as db:
        locked = service.locked_out(
            db, name, address, at, limit=settings.login_limit, minutes=settings.login_limit_minutes
        )
        user = None if locked else service.check_password(db, kit().passwords, name, request.form.get("password", ""))
        if user is None and not locked:
            service.note_failure(db, name, address, at)
    if user is None:
        return _login_page(refused=Refusal("locked-out" if locked else "sign-in-wrong"), status=429 if locked else 422)
    if user.totp_secret:
        session["pending_user"] = user.id
        session["pending_since"] = at.timestamp()
        return to(url_for("auth.code", next=request.args.get("next")))
    return _enter(user)


@bp.get("/login/code")
@public
def code() -> Response:
    return _code_page() if session.get("pending_user") else to(url_for("auth.login"))


@bp.post("/login/code")
@public
def check_code() -> Response:
    pending, at, settings = session.get("pending_user"), now(), kit().settings
    if not pending or at.timestamp() - session.get("pending_since", 0) > 600:
        return to(url_for("auth.login"))
    address = request.remote_addr or ""
    with transaction() as db:
        user = db.get(User, pending)
        locked = user is None or service.locked_out(
            db, user.login, address, at, limit=settings.login_limit, minutes=settings.login_limit_minutes
        )
        right = user is not None and not locked and service.check_totp(user, request.form.get("code", ""), at)
        if user is not None and not right and not locked:
            service.note_failure(db, user.login, address, at)
    if not right or user is None:
        wrong = Refusal("locked-out" if locked else "code-wrong")
        return _code_page(refused=wrong)
    return _enter(user)


@bp.post("/login/demo")
@public
def demo() -> Response:
    """Become one of the invented people; outside demo and test there is no such page."""
    if not kit().settings.demo:
        abort(404)
    with read_only() as db:
        user = service.demo_user(db, request.form.get("account", ""))
    placed = bool(session.get(PLACED))
    answer = _enter(user)
    if placed:
        session[PLACED] = True
    return answer


@bp.post("/logout")
@requires(Permission.OWN_SETTINGS)
def logout() -> Response:
    with transaction() as db:
        if actor().session_id is not None:
            service.end_session(db, actor(), actor().session_id or 0, at=now())
    session.sign_out()  # type: ignore[attr-defined]
    answer = to(url_for("auth.login"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.get("/settings/code")
@requires(Permission.OWN_SETTINGS)
def code_setup() -> Response:
    """Show a new one-time-code secret as a picture and as text; it counts once a code from it was typed."""
    secret = session.setdefault("new_totp", codes.new_totp_secret())
    session.modified = True
    with read_only() as db:
        user = db.get(User, actor().user_id)
        assert user is not None
        uri = codes.totp_uri(secret, user.login, ISSUER)
    return _setup_page(secret, uri)


@bp.post("/settings/code")
@requires(Permission.OWN_SETTINGS)
def confirm_code_setup() -> Response:
    secret = session.get("new_totp")
    if not secret:
        return to(url_for("auth.code_setup"))
    step = codes.totp_step(secret, request.form.get("code", ""), now())
    if step is None:
        return _setup_page(secret, codes.totp_uri(secret, "", ISSUER), refused=Refusal("code-wrong"))
    with transaction() as db:
        user = db.get(User, actor().user_id)
        assert user is not None
        user.totp_secret, user.totp_last_step = secret, step
        service.end_all_sessions(db, actor().user_id, at=now(), keep=actor().session_id)
    session.pop("new_totp")
    return to(url_for("account.show"))


def _setup_page(secret: str, uri: str, *, refused: Refusal | None = None) -> Response:
    return render(
        "auth/code_setup.html",
        status=422 if refused else 200,
        picture=segno.make(uri).svg_data_uri(scale=4),
        secret=secret,
        problem=sentence(refused) if refused else None,
        title_error=refused is not None,
    )


def _enter(user: User) -> Response:
    """Bind the browser to the person under a new session; a person without a mandate is told so."""
    with transaction() as db:
        stored = db.get(User, user.id)
        assert stored is not None
        try:
            _, mandate = service.sign_in(db, stored, at=now())
        except Refusal as refused:
            return _login_page(refused=refused, status=422)
        mandate_id = mandate.id
    session.sign_in(user.id, mandate_id)  # type: ignore[attr-defined]
    session["device"] = (request.user_agent.string or "")[:120]
    return to(guard.safe_next(request.args.get("next") or request.form.get("next")))


def _code_page(*, refused: Refusal | None = None) -> Response:
    return render(
        "auth/code.html",
        status=422 if refused else 200,
        next=_next(),
        problem=sentence(refused) if refused else None,
        title_error=refused is not None,
    )


def _next() -> str | None:
    asked = request.args.get("next")
    return safe_next(asked) if asked else None


def _login_page(*, refused: Refusal | None = None, status: int = 200) -> Response:
    people = []
    if kit().settings.demo:
        with read_only() as db:
            known = {user.demo_key: user for user in db.exec(select(User).where(col(User.demo_key).is_not(None)))}
        people = [(known[key], card) for key, card in CARDS.items() if key in known]
    return render(
        "auth/login.html",
        status=status,
        people=people,
        login=request.form.get("login", ""),
        next=_next(),
        problem=sentence(refused) if refused else None,
        title_error=refused is not None,
    )
