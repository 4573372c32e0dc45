"""One sentence for each refusal code, in the reader's language: what is wrong and what to do about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from placement.refusals import Refusal

SENTENCES = {
    "not-found": _l("Page not found. It may belong to another organisation."),
    "no-mandate": _l("Your account has no mandate that is valid today. Ask your administrator."),
    "password-short": _l("The password must have at least %(least)s characters."),
    "sign-in-wrong": _l("The user name or the password is wrong."),
    "code-wrong": _l("The code is wrong or was already used. Wait for the next one."),
    "locked-out": _l("Too many attempts. Wait 15 minutes and try again."),
    "changed-meanwhile": _l("Someone else saved this while you were editing."),
    "busy": _l("Many people are saving right now. Nothing was lost. Try again."),
}


def sentence(refused: Refusal) -> str:
    """Return the refusal as a sentence; a code without one is a fault (KeyError)."""
    return str(SENTENCES[refused.code]) % refused.facts if refused.facts else str(SENTENCES[refused.code])
