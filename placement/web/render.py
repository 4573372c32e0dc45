"""The only ways to answer: `render` a page (or its fragment), tell what `changed`, or go `to` another page."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template
from flask_htmx import HTMX

htmx = HTMX()


def wants_fragment() -> bool:
    """Whether htmx asked for a part: boosted links and history restores need the whole page."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(page: str, *, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Return the page, or `fragment` of it when htmx asked for a part: the same URL, the same context."""
    template = fragment if fragment is not None and wants_fragment() else page
    return make_response(render_template(template, **context), status)


def changed(*, fragment: str, page_url: str, **context: Any) -> Response:
    """Answer a change: htmx gets the new fragment, a plain form goes to the page (303)."""
    if wants_fragment():
        return make_response(render_template(fragment, **context))
    return to(page_url)


def to(url: str) -> Response:
    """Go to another page after a POST; an htmx request is told to load it whole."""
    if wants_fragment():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = url
        return answer
    return make_response(redirect(url, 303))
