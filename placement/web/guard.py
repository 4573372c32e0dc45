"""The guard in front of every route: signed in, permitted, or declared public. What declares nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session, url_for

from placement.people import queries
from placement.people.tables import User, UserMandate
from placement.permissions import Actor, Permission
from placement.web.edge import kit, today
from placement.web.i18n import lang
from placement.web.sessions import ServerSession

VIEW = TypeVar("VIEW", bound=Callable[..., Any])
SAFE = ("GET", "HEAD", "OPTIONS")


class SignInNeeded(Exception):
    """Nobody is signed in, or time ended the session (`expired`)."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__("sign-in-needed")
        self.expired = expired


class Forbidden(Exception):
    """The signed-in role may not use this route; `needed` names what it lacks."""

    def __init__(self, needed: frozenset[Permission]) -> None:
        super().__init__("forbidden")
        self.needed = needed


class ForeignRequest(Exception):
    """A write that another site's page sent (Sec-Fetch-Site)."""


def requires(*permissions: Permission) -> Callable[[VIEW], VIEW]:
    """Declare that a view needs any one of `permissions`."""

    def declare(view: VIEW) -> VIEW:
        view.__permissions__ = frozenset(permissions)  # type: ignore[attr-defined]
        return view

    return declare


def public(view: VIEW) -> VIEW:
    """Declare that a view needs no sign-in."""
    view.__public__ = True  # type: ignore[attr-defined]
    return view


def declared(app: Flask, endpoint: str) -> frozenset[Permission] | None:
    """Return the permissions an endpoint declares; an empty set = public; None = undeclared (refused)."""
    if endpoint == "static":
        return frozenset()
    view = app.view_functions[endpoint]
    if getattr(view, "__public__", False):
        return frozenset()
    found: frozenset[Permission] | None = getattr(view, "__permissions__", None)
    return found


def install(app: Flask) -> None:
    app.before_request(_guard)


def _guard() -> None:
    g.actor = load_actor()
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site", "same-origin") == "cross-site":
        raise ForeignRequest
    endpoint = request.endpoint
    if endpoint is None:
        return
    needed = declared(current_app, endpoint)
    if needed is not None and not needed:
        return
    if g.actor is None:
        raise SignInNeeded(expired=isinstance(session, ServerSession) and session.expired)
    if needed is None or not needed & g.actor.permissions:
        raise Forbidden(needed or frozenset())


def load_actor() -> Actor | None:
    """Return who is signed in under a mandate that holds today, or None."""
    if not isinstance(session._get_current_object(), ServerSession) or session.user_id is None:  # type: ignore[attr-defined]
        return None
    with kit().database.read_only() as db:
        user = db.get(User, session.user_id)  # type: ignore[attr-defined]
        mandate = db.get(UserMandate, session.mandate_id) if session.mandate_id else None  # type: ignore[attr-defined]
        if user is None or not user.active or mandate is None or mandate.user_id != user.id:
            return None
        if not queries.mandate_value(mandate).holds_on(today()):
            return None
        g.user_language, g.shortcuts = user.language, user.shortcuts
        return queries.actor_of(db, user, mandate, lang=lang(), session_id=session.row_id)  # type: ignore[attr-defined]


def safe_next(target: str | None) -> str:
    """Return `target` when it is a path of ours that resolves to a page; else Today. Never another site."""
    fallback = url_for("today.show")
    if not target or "\\" in target or any(ord(sign) < 33 for sign in target):
        return fallback
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return fallback
    adapter = current_app.url_map.bind("")
    if not adapter.test(parts.path, "GET"):
        return fallback
    return target


def to_sign_in() -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.login", next=back), 303)  # type: ignore[return-value]
