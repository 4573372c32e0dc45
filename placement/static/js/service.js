/* What the browser adds to pages that work without it. Event names of htmx 2 appear in this file only. */
import { createAll, CharacterCount, ErrorSummary, PasswordInput, ServiceNavigation, SkipLink }
  from "../vendor/govuk-frontend/govuk-frontend-6.6.0.min.js";

const body = document.body;
const dialog = document.getElementById("dialog");
const alertRegion = document.getElementById("alert");
const words = body.dataset;
let lastFocus = null; // id of what had the focus before the latest request
let opener = null; // id of what opened the dialog
let slow = 0;

function enhance(scope) {
  [CharacterCount, ErrorSummary, PasswordInput, ServiceNavigation, SkipLink]
    .forEach((component) => createAll(component, undefined, { scope }));
  scope.querySelectorAll("[data-pause-updates]").forEach((button) => {
    button.hidden = false;
    if (body.hasAttribute("data-paused")) button.textContent = words.resumeText;
  });
}

function focusOn(element) {
  if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
  element.focus();
}

/* The server names the next stop in data-focus; else the same id; else the heading of what was swapped in. */
function placeFocus(swapped) {
  const marked = document.querySelector("[data-focus]");
  const wanted = marked && document.getElementById(marked.dataset.focus);
  if (marked) delete marked.dataset.focus;
  if (wanted) return focusOn(wanted);
  if (document.activeElement !== body || !lastFocus) return undefined;
  const next = document.getElementById(lastFocus) || (swapped && swapped.querySelector("h1, h2, h3")) ||
    document.getElementById("page-title");
  return next && focusOn(next);
}

function tell(text) {
  const line = document.createElement("p");
  line.className = "note note--danger note--line";
  line.textContent = text;
  alertRegion.replaceChildren(line);
}

function openDialog() {
  if (dialog.open) return;
  opener = lastFocus;
  const title = document.getElementById("dialog-title");
  if (title) dialog.setAttribute("aria-labelledby", title.id);
  dialog.showModal();
  if (title) focusOn(title);
}

dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-dialog]")) dialog.close();
});

dialog.addEventListener("close", () => {
  const back = opener && document.getElementById(opener);
  dialog.replaceChildren();
  if (back) focusOn(back);
});

/* Sent once: a second press while the first is under way does nothing. aria-disabled keeps the focus, disabled loses it. */
function release(form) {
  delete form.dataset.sending;
  form.querySelectorAll("[aria-disabled=true]").forEach((button) => button.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sending = "true";
  if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  setTimeout(release, 8000, form); // a download leaves the page in place
}, true);
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

/* Pause updates: polled parts carry data-poll and an hx-trigger that also knows "resume". */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause-updates]");
  if (!button) return;
  const paused = !body.hasAttribute("data-paused"); // the words say what a press does, so there is no pressed state
  button.textContent = paused ? words.resumeText : words.pauseText;
  body.toggleAttribute("data-paused", paused);
  if (!paused) document.querySelectorAll("[data-poll]").forEach((part) => window.htmx.trigger(part, "resume"));
});

/* htmx 2 */
const on = (name, does) => body.addEventListener(`htmx:${name}`, (event) => does(event.detail, event));

on("beforeRequest", ({ elt, target }, event) => {
  const polled = elt.hasAttribute("data-poll");
  if (polled && body.hasAttribute("data-paused")) return event.preventDefault();
  if (document.activeElement !== body) lastFocus = document.activeElement.id || null;
  if (target) target.setAttribute("aria-busy", "true");
  clearTimeout(slow);
  if (!polled) slow = setTimeout(() => { document.getElementById("live").textContent = words.slowText; }, 10000);
  return undefined;
});
on("afterRequest", ({ requestConfig: { elt }, target, successful }) => { // detail.elt is body when elt was swapped away
  clearTimeout(slow);
  if (target) target.removeAttribute("aria-busy");
  const form = elt.closest("form");
  if (form) release(form);
  if (!successful || elt.hasAttribute("data-poll")) return;
  alertRegion.replaceChildren();
  armSessionWarning();
});
on("beforeSwap", (detail) => {
  // an answer that is not ours (a proxy's own error page) is told in our words
  if (detail.xhr.status >= 500 && !detail.serverResponse.includes('id="problem"')) {
    detail.shouldSwap = false;
    tell(words.errorText);
  }
});
on("sendError", () => tell(words.offlineText));
on("timeout", () => tell(words.offlineText));
on("afterSettle", ({ elt, target }) => {
  enhance(elt);
  if ((target || elt) === dialog) openDialog();
  else placeFocus(elt);
});

/* Before an idle session ends: a dialog that can prolong it. What was typed stays in the page. */
let warning = 0;
function armSessionWarning() {
  clearTimeout(warning);
  const seconds = Number(words.sessionSeconds) - Number(words.sessionWarn);
  if (seconds > 0) warning = setTimeout(warnOfSessionEnd, seconds * 1000);
}

function warnOfSessionEnd() {
  if (dialog.open) return;
  lastFocus = document.activeElement.id || null;
  dialog.replaceChildren(document.getElementById("session-warning").content.cloneNode(true));
  openDialog();
  dialog.addEventListener("close", async () => {
    try {
      const answer = await fetch(words.sessionKeep, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (answer.ok) armSessionWarning();
      else tell(words.errorText);
    } catch {
      tell(words.offlineText);
    }
  }, { once: true });
}

/* The user menu closes when it is left, so that it never covers what has the focus, and with Escape. */
const menu = document.getElementById("user");
if (menu) {
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    document.getElementById("user-summary").focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
}

/* Filters lie open beside the list where there is room; the server folds them away only on narrow screens. */
if (window.matchMedia("(min-width: 62rem)").matches) {
  document.querySelectorAll("details[data-open-when-wide]").forEach((panel) => { panel.open = true; });
}

body.classList.add("js-enabled", "govuk-frontend-supported");
enhance(document);
placeFocus(null);
armSessionWarning();
