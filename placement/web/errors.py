"""Every error as a page (or a fragment for htmx), in the reader's language; never a stack trace, never a name."""

from __future__ import annotations

import secrets

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from placement.db import DatabaseBusy
from placement.refusals import Refusal
from placement.web.guard import SAFE, Forbidden, ForeignRequest, SignInNeeded, to_sign_in
from placement.web.render import wants_fragment
from placement.web.sentences import sentence

log = structlog.get_logger()


def page(status: int, **context: object) -> Response:
    """Return the error page of a status, or its fragment for htmx."""
    template = "errors/_problem.html" if wants_fragment() else f"errors/{status}.html"
    return make_response(render_template(template, status=status, **context), status)


def install(app: Flask) -> None:
    app.register_error_handler(SignInNeeded, _sign_in_needed)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(ForeignRequest, lambda _: page(403))
    app.register_error_handler(CSRFError, lambda _: page(403, form_expired=True))
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(DatabaseBusy, lambda _: page(503, busy=True))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _sign_in_needed(needed: SignInNeeded) -> Response:
    if wants_fragment():
        return page(401, expired=needed.expired, next=url_for("auth.login"))
    if request.method in SAFE and not needed.expired:
        return to_sign_in()
    back = request.full_path.rstrip("?") if request.method in SAFE else None
    return page(401, expired=needed.expired, next=url_for("auth.login", next=back))


def _forbidden(forbidden: Forbidden) -> Response:
    log.info("forbidden", endpoint=request.endpoint, user=g.actor.user_id if g.get("actor") else None)
    return page(403, needed=sorted(forbidden.needed))


def _refused(refused: Refusal) -> Response:
    log.info("refused", code=refused.code, endpoint=request.endpoint)
    return page(refused.status, message=sentence(refused), facts=refused.facts)


def _http(wrong: HTTPException) -> Response:
    status = wrong.code or 500
    if status in (404, 405):
        answer = page(404)
        answer.status_code = status
        return answer
    if status == 429:
        return page(429)
    if status in (301, 302, 303, 307, 308):
        return wrong.get_response()  # type: ignore[return-value]
    if 400 <= status < 500:
        answer = page(422)
        answer.status_code = status
        return answer
    return _fault(wrong)


def _fault(wrong: Exception) -> Response:
    """Answer a bug: a reference for the reader, the exception's type and place (not its text) for the log."""
    reference = secrets.token_hex(4).upper()
    places = []
    trace = wrong.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("fault", reference=reference, kind=type(wrong).__name__, at=places[-6:], endpoint=request.endpoint)
    if current_app.config["RAISE_FAULTS"]:
        raise wrong
    return page(500, reference=reference)
