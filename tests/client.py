"""The judging client: every web test goes through it, so every answer is judged, not only the one looked at.

It checks of each page: valid HTML5, one <html lang>, one title and one h1, unique ids, every field labelled,
every form with an action and a CSRF token, the headers, nothing inline, no untranslated message in fi and sv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import html5lib

FIELDS = ("input", "select", "textarea")
UNLABELLED = ("hidden", "submit", "button")
ID_REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
TOKEN = re.compile(r'<input type="hidden" name="csrf_token" value="([^"]+)">')


class Judgement(AssertionError):
    """An answer that breaks a rule every answer must keep."""


class JudgingClient:
    def __init__(self, app: Any, lang: str = "en") -> None:
        self.app = app
        self.lang = lang
        self._client = app.test_client()
        self._client.set_cookie("placement_lang", lang)
        self.last_token = ""
        self.extra_headers: dict[str, str] = {}

    def sign_in(self, account: str) -> None:
        self.get("/login")
        answer = self._send("POST", "/login/demo", data={"account": account}, token=True)
        assert answer.status_code == 303, f"{account} could not sign in: {answer.status_code}"
        self.get("/today")

    def get(self, url: str, *, status: int = 200, htmx: bool = False, follow: bool = False) -> Any:
        return self._judged(self._send("GET", url, htmx=htmx), url, status, follow=follow, fragment=htmx)

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        *,
        status: int = 303,
        htmx: bool = False,
        follow: bool = False,
        token: bool = True,
        files: Mapping[str, Any] | None = None,
    ) -> Any:
        answer = self._send("POST", url, data={**(data or {}), **(files or {})}, htmx=htmx, token=token)
        return self._judged(answer, url, status, follow=follow, fragment=htmx)

    def _send(
        self, method: str, url: str, *, data: Mapping[str, Any] | None = None, htmx: bool = False, token: bool = False
    ) -> Any:
        headers = {**self.extra_headers, **({"HX-Request": "true"} if htmx else {})}
        body = dict(data or {})
        if token:
            body.setdefault("csrf_token", self.token())
        return self._client.open(url, method=method, data=body if method != "GET" else None, headers=headers)

    def cookie(self) -> str | None:
        """Return the session cookie of this browser."""
        found = self._client.get_cookie("placement")
        return found.value if found else None

    def token(self) -> str:
        """Return a CSRF token of this browser, fetched once from the sign-in page's form."""
        if not self.last_token:
            self.last_token = "fetched"
            page = self._client.get("/settings").get_data(as_text=True)
            found = TOKEN.search(page) or TOKEN.search(self._client.get("/login").get_data(as_text=True))
            self.last_token = found.group(1) if found else ""
        return self.last_token

    def _judged(self, answer: Any, url: str, status: int, *, follow: bool, fragment: bool) -> Any:
        if answer.status_code != status:
            raise Judgement(f"{url}: {answer.status_code} instead of {status}\n{_problem(answer)}")
        self._judge_headers(answer, url)
        if follow and answer.status_code in (302, 303):
            return self.get(answer.headers["Location"])
        if answer.mimetype == "text/html" and answer.data and answer.status_code not in (302, 303):
            self._judge_html(answer.get_data(as_text=True), url, fragment=fragment)
        return answer

    def _judge_headers(self, answer: Any, url: str) -> None:
        for name, value in HEADERS.items():
            if value not in answer.headers.get(name, ""):
                raise Judgement(f"{url}: header {name} is {answer.headers.get(name)!r}")
        policy = answer.headers.get("Content-Security-Policy", "")
        if "unsafe" in policy or "default-src 'none'" not in policy:
            raise Judgement(f"{url}: content policy {policy!r}")
        if "HX-Request" not in answer.headers.get("Vary", ""):
            raise Judgement(f"{url}: no Vary: HX-Request")

    def _judge_html(self, text: str, url: str, *, fragment: bool) -> None:
        found = TOKEN.search(text)
        if found:
            self.last_token = found.group(1)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=False)
        tree = parser.parseFragment(text) if fragment else parser.parse(text)
        faults = [f"{place} {code} {facts}" for place, code, facts in parser.errors]
        faults += _inline(tree)
        faults += _ids(tree) + _labels(tree) + _forms(tree)
        if not fragment:
            faults += _page(tree, self.lang)
        if faults:
            raise Judgement(f"{url}:\n  " + "\n  ".join(faults))


def _problem(answer: Any) -> str:
    text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))[:600]


def _elements(tree: ET.Element) -> list[ET.Element]:
    return [node for node in tree.iter() if isinstance(node.tag, str)]


def _inline(tree: ET.Element) -> list[str]:
    faults = []
    for node in _elements(tree):
        if "style" in node.attrib or any(name.startswith("on") for name in node.attrib):
            faults.append(f"inline style or handler on <{node.tag}>")
        if node.tag == "style" or (node.tag == "script" and "src" not in node.attrib):
            faults.append(f"inline <{node.tag}>")
    return faults


def _ids(tree: ET.Element) -> list[str]:
    ids = [node.attrib["id"] for node in _elements(tree) if "id" in node.attrib]
    return [f"id {one!r} stands {ids.count(one)} times" for one in sorted(set(ids)) if ids.count(one) > 1]


def _labels(tree: ET.Element) -> list[str]:
    labelled = {node.attrib.get("for") for node in _elements(tree) if node.tag == "label"}
    wrapped = {id(child) for node in _elements(tree) if node.tag == "label" for child in node.iter()}
    faults = []
    for node in _elements(tree):
        if node.tag not in FIELDS or node.attrib.get("type") in UNLABELLED:
            continue
        named = node.attrib.get("id") in labelled or "aria-label" in node.attrib or "aria-labelledby" in node.attrib
        if not named and id(node) not in wrapped:
            faults.append(f"field {node.attrib.get('name')!r} has no label")
    return faults


def _forms(tree: ET.Element) -> list[str]:
    faults = []
    for form in (node for node in _elements(tree) if node.tag == "form"):
        method = form.attrib.get("method", "get").lower()
        if method == "dialog":
            continue
        if not form.attrib.get("action"):
            faults.append("form without action")
        tokens = [node for node in form.iter("input") if node.attrib.get("name") == "csrf_token"]
        if method == "post" and len(tokens) != 1:
            faults.append(f"form {form.attrib.get('action')} has {len(tokens)} CSRF tokens")
    return faults


def _page(tree: ET.Element, lang: str) -> list[str]:
    faults = []
    if tree.attrib.get("lang") != lang:
        faults.append(f"<html lang> is {tree.attrib.get('lang')!r}, not {lang!r}")
    for tag in ("title", "h1", "main"):
        found = [node for node in _elements(tree) if node.tag == tag]
        if len(found) != 1 or not "".join(found[0].itertext()).strip():
            faults.append(f"{len(found)} <{tag}>")
    levels = [int(node.tag[1]) for node in _elements(tree) if re.fullmatch("h[1-6]", node.tag)]
    faults += [f"heading jumps from h{a} to h{b}" for a, b in pairwise(levels) if b > a + 1]
    return faults
