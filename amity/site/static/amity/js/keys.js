// Hands on the keyboard: j and k through lists, x to tick, and data-key="r" or data-key="g i" on anything that acts.
import { isTyping } from "./page.js";

const PAUSE_MS = 900;
let sequence = "";
let sequenceAt = 0;

const isShown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const rowsOf = (list) => [...list.querySelectorAll("[data-row]")].filter(isShown);
const frameOf = (row) => row.closest("li, tr, [data-row-frame]") ?? row;

function listInUse() {
  const within = document.activeElement?.closest?.("[data-keylist]");
  return within ?? [...document.querySelectorAll("[data-keylist]")].find(isShown);
}

/** Make one row of a list the one that Tab reaches, so that a list of fifty is one stop. */
function rove(list, chosen) {
  for (const row of list.querySelectorAll("[data-row]")) row.tabIndex = row === chosen ? 0 : -1;
}

function currentRow(list) {
  const focused = document.activeElement?.closest?.("[data-row]");
  if (focused && list.contains(focused)) return focused;
  const frame = document.activeElement?.closest?.("li, tr, [data-row-frame]");
  const inFrame = frame && list.contains(frame) ? frame.querySelector("[data-row]") : null;
  return inFrame ?? list.querySelector('.is-open [data-row], [data-row][aria-current="true"]');
}

function move(list, step) {
  const rows = rowsOf(list);
  if (!rows.length) return;
  const at = rows.indexOf(currentRow(list));
  const isFocused = at >= 0 && frameOf(rows[at]).contains(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : isFocused ? at + step : at + step;
  focusRow(list, rows[Math.max(0, Math.min(rows.length - 1, next))]);
}

function focusRow(list, row) {
  rove(list, row);
  row.focus({ preventScroll: true });
  frameOf(row).scrollIntoView({ block: "nearest" });
}

function onListKey(event, list) {
  const key = event.key;
  const isInList = list.contains(document.activeElement);
  if (key === "j" || (key === "ArrowDown" && isInList)) move(list, 1);
  else if (key === "k" || (key === "ArrowUp" && isInList)) move(list, -1);
  else if (key === "Home" && isInList) focusRow(list, rowsOf(list)[0]);
  else if (key === "End" && isInList) focusRow(list, rowsOf(list).at(-1));
  else if (key === "x") {
    const row = currentRow(list);
    const tick = row && frameOf(row).querySelector(".tick");
    if (!tick) return false;
    tick.click();
  } else return false;
  return true;
}

function pressed(event) {
  if (Date.now() - sequenceAt > PAUSE_MS) sequence = "";
  sequenceAt = Date.now();
  sequence = `${sequence} ${event.key}`.trim().split(" ").slice(-2).join(" ");
  const targets = [...document.querySelectorAll("[data-key]")].filter(
    (element) => isShown(element) || element.closest(".rail"),
  );
  const named = (wanted) => targets.find((element) => element.dataset.key.toLowerCase() === wanted.toLowerCase());
  const found = (sequence.includes(" ") && named(sequence)) || named(event.key);
  if (!found || found.matches(":disabled, [aria-disabled=true]")) return false;
  sequence = "";
  if (found.matches("input:not([type=checkbox]), textarea, select")) found.focus();
  else found.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog:modal, [popover]:popover-open.menu")) return;
  const list = listInUse();
  if ((list && onListKey(event, list)) || pressed(event)) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  const list = row?.closest("[data-keylist]");
  if (list) rove(list, row);
});

function prepare(root = document) {
  for (const list of root.querySelectorAll("[data-keylist]")) {
    const rows = list.querySelectorAll("[data-row]");
    if (rows.length && ![...rows].some((row) => row.tabIndex === 0 && row.hasAttribute("tabindex"))) {
      rove(list, currentRow(list) ?? rows[0]);
    }
  }
}

// Ticked rows look ticked, and the list says so, so that all ticks show.
document.addEventListener("change", (event) => {
  if (!event.target.matches?.(".tick")) return;
  const list = event.target.closest("[data-keylist]");
  if (!list) return;
  event.target.closest(".row, .queue-row, tr")?.classList.toggle("is-ticked", event.target.checked);
  const count = list.querySelectorAll(".tick:checked").length;
  list.classList.toggle("is-ticking", count > 0);
  list.dispatchEvent(new CustomEvent("amity:ticked", { bubbles: true, detail: { count } }));
});

document.addEventListener("htmx:after:swap", () => prepare());
prepare();
