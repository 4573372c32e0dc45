"""Server-side sessions: listed, ended, timed. The cookie holds a secret; the table holds its hash and the data."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlmodel import Session, select
from werkzeug.datastructures import CallbackDict

from placement.people.tables import UserSession
from placement.web.edge import Kit

SEEN_EVERY = timedelta(minutes=1)


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """The session of one browser; `row_id` None = nothing stored yet. `expired` = it was one, and time ended it."""

    def __init__(self, initial: dict[str, Any] | None = None, *, token: str | None = None) -> None:
        def changed(_: CallbackDict[str, Any]) -> None:
            self.modified = True

        super().__init__(initial or {}, changed)
        self.modified = False
        self.token = token
        self.row_id: int | None = None
        self.user_id: int | None = None
        self.mandate_id: int | None = None
        self.seen_at: datetime | None = None
        self.expired = False
        self.renewed = False

    def sign_in(self, user_id: int, mandate_id: int) -> None:
        """Bind the session to a person under a new secret: a cookie planted before sign-in opens nothing after."""
        self.clear()
        self.user_id, self.mandate_id = user_id, mandate_id
        self.renewed = self.modified = True

    def sign_out(self) -> None:
        self.clear()
        self.user_id = self.mandate_id = None
        self.renewed = self.modified = True


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class DatabaseSessions(SessionInterface):
    def get_cookie_name(self, app: Flask) -> str:
        kit: Kit = app.extensions["placement"]
        return "__Host-placement" if kit.settings.secure_cookies else "placement"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        kit: Kit = app.extensions["placement"]
        token = request.cookies.get(self.get_cookie_name(app))
        if not token or request.path.startswith(("/static/", "/healthz")):
            return ServerSession()
        with kit.database.read_only() as session:
            row = session.exec(select(UserSession).where(UserSession.token_hash == token_hash(token))).first()
        if row is None or row.ended_at is not None:
            return ServerSession()
        if _over(row, kit):
            gone = ServerSession()
            gone.expired = row.user_id is not None
            return gone
        opened = ServerSession(json.loads(row.data), token=token)
        opened.row_id, opened.user_id, opened.mandate_id = row.id, row.user_id, row.mandate_id
        opened.seen_at = row.seen_at
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        kit: Kit = app.extensions["placement"]
        assert isinstance(session, ServerSession)
        at = kit.clock()
        if not session.modified and not _seen_is_due(session, at):
            return
        if session.row_id is None and not session.modified:
            return
        kit.database.write(lambda db: _store(db, session, at))
        if session.renewed or session.row_id is None:
            response.set_cookie(
                self.get_cookie_name(app),
                session.token or "",
                httponly=True,
                samesite="Lax",
                secure=kit.settings.secure_cookies,
                path="/",
            )
            response.headers.add("Vary", "Cookie")


def _over(row: UserSession, kit: Kit) -> bool:
    at = kit.clock()
    idle = at - row.seen_at > timedelta(minutes=kit.settings.session_idle_minutes)
    return idle or at - row.created_at > timedelta(hours=kit.settings.session_hours)


def _seen_is_due(session: ServerSession, at: datetime) -> bool:
    return session.row_id is not None and session.seen_at is not None and at - session.seen_at >= SEEN_EVERY


def _store(db: Session, session: ServerSession, at: datetime) -> None:
    row = db.get(UserSession, session.row_id) if session.row_id is not None else None
    if row is not None and session.renewed:
        row.ended_at = at
        row = None
    if row is None:
        session.token = secrets.token_urlsafe(32)
        session.renewed = True
        row = UserSession(
            token_hash=token_hash(session.token),
            user_id=session.user_id,
            mandate_id=session.mandate_id,
            device=session.get("device", ""),
            created_at=at,
            seen_at=at,
        )
        db.add(row)
    row.data = json.dumps(dict(session), sort_keys=True)
    row.seen_at = max(row.seen_at, at)
