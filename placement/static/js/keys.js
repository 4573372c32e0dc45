/* Single keys as shortcuts, for those who have not switched them off: only then does the server name the addresses.
   They never work in a field, with Ctrl, Alt or Meta, or over a dialog (WCAG 2.1.4). */
const { keySearch, keyToday, keyHelp } = document.body.dataset;
const ROWS = "main tbody tr, main .today-group, main .govuk-task-list__item";
const SECOND_KEY_MS = 1500;
let afterG = 0; // until when a key counts as the second one of g t

const isField = (element) => element.isContentEditable || element.matches("input, select, textarea");
const linkOf = (row) => [...row.querySelectorAll("a[href]")].find((link) => link.getClientRects().length > 0);

/* The next or previous row that has a link; its link gets the focus. From elsewhere j begins with the first row. */
function step(by) {
  const rows = [...document.querySelectorAll(ROWS)].filter(linkOf);
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[here < 0 && by < 0 ? -1 : here + by];
  if (next) linkOf(next).focus();
  return Boolean(next);
}

function search() {
  const field = document.getElementById("q");
  if (field) field.focus();
  else window.location.assign(keySearch);
  return true;
}

function go(address) {
  window.location.assign(address);
  return true;
}

document.addEventListener("keydown", (event) => {
  if (!keyHelp || event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (isField(event.target) || document.querySelector("dialog[open]")) return;
  const second = event.timeStamp < afterG;
  afterG = 0;
  let done = false;
  if (event.key === "t" && second) done = go(keyToday);
  else if (event.key === "g") afterG = event.timeStamp + SECOND_KEY_MS;
  else if (event.key === "j") done = step(1);
  else if (event.key === "k") done = step(-1);
  else if (event.key === "/") done = search();
  else if (event.key === "?") done = go(keyHelp);
  if (done) event.preventDefault();
});
