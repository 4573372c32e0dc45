"""My settings: language, shortcuts, sessions, password, one-time code."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from placement.people import service
from placement.people.tables import User
from placement.permissions import Permission
from placement.refusals import Refusal
from placement.web.edge import actor, kit, now, read_only, transaction
from placement.web.guard import requires
from placement.web.i18n import COOKIE, LANGUAGES
from placement.web.render import render, to
from placement.web.sentences import sentence

bp = Blueprint("account", __name__, url_prefix="/settings")


def _page(*, refused: Refusal | None = None, status: int = 200) -> Response:
    with read_only() as db:
        user = db.get(User, actor().user_id)
        assert user is not None
        return render(
            "account/show.html",
            status=status,
            user=user,
            sessions=service.sessions_of(db, actor().user_id),
            current_session=actor().session_id,
            problem=sentence(refused) if refused else None,
            title_error=refused is not None,
        )


@bp.get("")
@requires(Permission.OWN_SETTINGS)
def show() -> Response:
    return _page()


@bp.get("/stay")
@requires(Permission.OWN_SETTINGS)
def stay() -> Response:
    """Keep the session: being asked for is enough, the guard notes when it was last seen."""
    return Response(status=204)


@bp.post("/language")
@requires(Permission.OWN_SETTINGS)
def language() -> Response:
    chosen = request.form.get("language", "")
    answer = to(url_for("account.show"))
    if chosen in LANGUAGES:
        with transaction() as db:
            service.set_language(db, actor().user_id, chosen)
        answer.set_cookie(
            COOKIE,
            chosen,
            max_age=365 * 86_400,
            httponly=True,
            samesite="Lax",
            path="/",
            secure=kit().settings.secure_cookies,
        )
    return answer


@bp.post("/shortcuts")
@requires(Permission.OWN_SETTINGS)
def shortcuts() -> Response:
    """Switch single-key shortcuts on or off (WCAG 2.1.4)."""
    with transaction() as db:
        service.set_shortcuts(db, actor().user_id, on="on" in request.form)
    return to(url_for("account.show"))


@bp.post("/sessions/<int:session_id>/end")
@requires(Permission.OWN_SETTINGS)
def end_session(session_id: int) -> Response:
    with transaction() as db:
        service.end_session(db, actor(), session_id, at=now())
    return to(url_for("account.show"))


@bp.post("/sessions/end-others")
@requires(Permission.OWN_SETTINGS)
def end_others() -> Response:
    with transaction() as db:
        service.end_all_sessions(db, actor().user_id, at=now(), keep=actor().session_id)
    return to(url_for("account.show"))


@bp.post("/password")
@requires(Permission.OWN_SETTINGS)
def password() -> Response:
    try:
        with transaction() as db:
            user = db.get(User, actor().user_id)
            assert user is not None
            if not kit().passwords.matches(user.password_hash, request.form.get("current", "")):
                raise Refusal("sign-in-wrong", field="current")
            service.set_password(db, user, request.form.get("password", ""), kit().passwords, at=now())
    except Refusal as refused:
        return _page(refused=refused, status=422)
    return to(url_for("auth.login"))
