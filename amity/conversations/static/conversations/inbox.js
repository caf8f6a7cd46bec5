// The inbox beyond links and forms: what is open looks open, what is new waits behind a bar, hands stay on the keyboard.
const SOON_MS = 900;
const AT_END_PX = 96;

const thread = () => document.getElementById("talk-of");
const scroller = () => document.getElementById("talk-scroll");
const queueForm = () => document.getElementById("queue-form");
const isPhone = () => matchMedia("(width < 760px)").matches;
const isTyping = (target) =>
  Boolean(target?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));

// ---- where one reads: at the end of the talk, and it stays there only if one was there --------------------------
const box = () => (isPhone() ? document.scrollingElement : scroller());
const isAtEnd = () => {
  const area = box();
  return !area || area.scrollHeight - area.scrollTop - area.clientHeight < AT_END_PX;
};

function toEnd() {
  const area = box();
  if (area && scroller()) area.scrollTop = area.scrollHeight;
  const button = document.querySelector("[data-go-down]");
  if (button) button.hidden = true;
}

let wasAtEnd = true;
let shownId = "";
let entriesBefore = 0;
const countEntries = () => document.getElementById("talk")?.childElementCount ?? 0;

function settle() {
  const open = thread()?.dataset.conversation ?? "";
  markOpen(open);
  if (open !== shownId) {
    shownId = open;
    if (open) for (const after of [0, 60, 250]) setTimeout(toEnd, after); // heights settle as styles and fonts do
    showPane(open ? "thread" : "queue");
  } else if (countEntries() > entriesBefore && !lastWasEarlier) {
    if (wasAtEnd) toEnd();
    else document.querySelector("[data-go-down]")?.removeAttribute("hidden");
  }
  lastWasEarlier = false;
  entriesBefore = countEntries();
}

let lastWasEarlier = false;
document.addEventListener("htmx:before:swap", (event) => {
  wasAtEnd = isAtEnd();
  if (isOvertaken(event.detail?.ctx)) {
    event.preventDefault();
    if (!doing.size) htmx.trigger("#talk-news", "amity:news");
  } else rememberFocus(event.detail?.ctx);
});
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.closest?.(".earlier")) lastWasEarlier = true;
});
document.addEventListener("htmx:after:swap", (event) => {
  tidyTalk();
  keepFocus(event.detail?.ctx);
  requestAnimationFrame(settle);
});
document.addEventListener("click", (event) => event.target.closest?.("[data-go-down]") && toEnd());

// ---- each entry once: an answer to what one did and the news about it may both bring it -------------------------
const doing = new Set(); // what is under way; news that drew its entry afresh would break it off
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail ?? {};
  if (ctx && ctx.request?.method !== "GET" && ctx.sourceElement?.closest?.("#thread, #toasts")) doing.add(ctx);
});
document.addEventListener("htmx:finally:request", (event) => {
  if (doing.delete(event.detail?.ctx) && !doing.size && thread()) htmx.trigger("#talk-news", "amity:news");
});

/** Whether these news were asked for before an answer drew what they tell; what they miss is asked for again. */
function isOvertaken(ctx) {
  if (ctx?.sourceElement?.id !== "talk-news") return false;
  if (doing.size) return true;
  const known = document.querySelector("#talk-state [name=known]")?.value;
  const asked = new URL(ctx.request.action, location.href).searchParams.get("known");
  return asked !== null && known !== undefined && asked !== known;
}

function tidyTalk() {
  const talk = document.getElementById("talk");
  const ids = new Set();
  for (const line of [...(talk?.children ?? [])]) {
    const isOrphan = line.id.startsWith("moved-") && !talk.querySelector(`#${CSS.escape(line.id.replace("moved-", "entry-"))}`);
    if (line.id && (ids.has(line.id) || isOrphan)) line.remove();
    else ids.add(line.id);
  }
  // A day of which everything was taken back waits for what is said next on it.
  for (const rule of talk?.querySelectorAll(":scope > .day-rule") ?? []) {
    rule.hidden = !rule.nextElementSibling || rule.nextElementSibling.matches(".day-rule");
  }
}

// ---- where the hands are after something was done: at the head of the thread, so that single keys work -----------
const toHeading = () => document.querySelector("#talk-head h2")?.focus({ preventScroll: true });
const inThread = new WeakSet(); // answers after which they belong there; several may be under way

function rememberFocus(ctx) {
  const from = ctx?.sourceElement;
  const isSent = from?.matches?.("#reply-form, #note-form") && ctx.response?.status < 300;
  if (isSent) document.activeElement?.blur(); // or htmx gives it to the next customer's composer
  const isDone = from?.matches?.("[data-row], .toast form, .menu form, .thread form");
  if (ctx && (isSent || isDone || document.activeElement?.closest?.("#thread"))) inThread.add(ctx);
}

function keepFocus(ctx) {
  const filter = document.querySelector("#filters:popover-open #filter-q");
  if (filter && !filter.closest("#filters").contains(document.activeElement)) filter.focus();
  const hand = document.activeElement;
  const asked = ctx?.sourceElement; // a row that the list has drawn anew since is not connected any more
  const isOnRow = hand?.matches("#queue-rows *") && (asked === hand || !asked?.isConnected);
  const isLost = !hand || hand === document.body || isOnRow;
  if (ctx && inThread.delete(ctx) && isLost) toHeading();
}

function showPane(id) {
  for (const pane of document.querySelectorAll(".screen--inbox > [data-pane]")) {
    pane.classList.toggle("is-shown", pane.id === id);
  }
}

function markOpen(id) {
  for (const row of document.querySelectorAll("#queue-rows .queue-row")) {
    const link = row.querySelector("[data-row]");
    const isOpen = Boolean(id) && link?.dataset.id === id;
    row.classList.toggle("is-open", isOpen);
    if (isOpen) {
      link.setAttribute("aria-current", "true");
      row.classList.remove("is-unread");
    } else link?.removeAttribute("aria-current");
  }
}

// A click looks answered at once, before the answer is here.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#queue-rows [data-row][data-id]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) markOpen(link.dataset.id);
});

// ---- back to the list on a phone, without losing the place in it ------------------------------------------------
function back(event) {
  const link = event.target.closest?.("[data-back]");
  if (!link || event.ctrlKey || event.metaKey) return;
  const row = document.querySelector("#queue-rows .is-open [data-row]") ?? document.querySelector("#queue-rows [data-row]");
  if (!row) return;
  event.preventDefault();
  if (isPhone()) {
    history.pushState({ htmx: true }, "", link.href);
    showPane("queue");
  }
  row.focus({ preventScroll: !isPhone() });
  row.closest("li")?.scrollIntoView({ block: "nearest" });
}
document.addEventListener("click", back);

// ---- what is new ------------------------------------------------------------------------------------------------
let timer = 0;
function askForNew() {
  timer = 0;
  const form = queueForm();
  const strip = document.getElementById("queue-strip");
  if (!form || !strip || document.visibilityState !== "visible") return;
  const url = `${form.dataset.new}&since=${encodeURIComponent(strip.dataset.since)}`;
  htmx.ajax("GET", url, { target: "#queue-new", swap: "innerHTML", source: "#queue-strip" });
}

document.addEventListener("amity:live", ({ detail }) => {
  const open = thread()?.dataset.conversation;
  const isHere = open && (detail.id === open || detail.topic === "resync");
  const isSending = detail.topic === "outbox" && document.querySelector(".delivery .link, .unsettled");
  const mayBeHere = open && detail.topic === "inbox" && !detail.id;
  if (isHere || isSending || mayBeHere) htmx.trigger("#talk-news", "amity:news");
  if (["inbox", "resync", "promise"].includes(detail.topic) && !timer) timer = setTimeout(askForNew, SOON_MS);
});

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && askForNew());

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-show-new]")) htmx.trigger("#queue-new", "amity:show");
});

// ---- ticks ------------------------------------------------------------------------------------------------------
const ticks = () => [...document.querySelectorAll("#queue-rows .tick")];

function sayTicked() {
  const count = ticks().filter((tick) => tick.checked).length;
  const place = document.querySelector("[data-ticked]");
  if (place) place.textContent = String(count);
  const all = document.querySelector("[data-tick-all]");
  if (all) {
    all.checked = count > 0 && count === ticks().length;
    all.indeterminate = count > 0 && count < ticks().length;
  }
  document.getElementById("queue-rows")?.classList.toggle("is-ticking", count > 0);
}

function tickAll(isTicked) {
  for (const tick of ticks()) {
    if (tick.checked === isTicked) continue;
    tick.checked = isTicked;
    tick.dispatchEvent(new Event("change", { bubbles: true }));
  }
  sayTicked();
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-tick-all]")) tickAll(event.target.checked);
  else if (event.target.matches?.("#queue-rows .tick")) sayTicked();
});
document.addEventListener("click", (event) => event.target.closest?.("[data-untick]") && tickAll(false));

// ---- keys that are not one button -------------------------------------------------------------------------------
const row = () => document.activeElement?.closest?.("#queue-rows li")?.querySelector("[data-row]");

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return sendKeys(event);
    if (document.getElementById("shell")?.dataset.singleKeys === "off") return;
    if (document.querySelector("dialog:modal, .menu:popover-open")) return;
    if (event.key === "X") tickAll(!ticks().every((tick) => tick.checked));
    else if (event.key === "o" && row()) row().click();
    else if (event.key === "Escape" && ticks().some((tick) => tick.checked)) tickAll(false);
    else if ("eah".includes(event.key) && row() && !thread() && !ticks().some((tick) => tick.checked)) {
      row().closest("li").querySelector(".tick")?.click(); // nothing is open: the row under the hand is meant
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

function sendKeys(event) {
  const field = event.target.closest?.("[data-send]");
  if (field && event.key === "Escape" && !event.isComposing) {
    event.preventDefault();
    toHeading();
  }
  if (!field || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const closing = event.shiftKey && field.form.querySelector("[data-send-close]");
  field.form.requestSubmit(closing || field.form.querySelector("[data-send-now]"));
}

// ---- writing ----------------------------------------------------------------------------------------------------
document.addEventListener("change", (event) => {
  if (event.target.name !== "compose-kind") return;
  document.getElementById(event.target.value === "note" ? "note-text" : "reply-text")?.focus();
});
document.addEventListener("click", (event) => {
  const label = event.target.closest?.("[data-key=r], [data-key=n]");
  const input = label?.querySelector("input");
  if (!input) return;
  input.checked = true;
  requestAnimationFrame(() => document.getElementById(input.value === "note" ? "note-text" : "reply-text")?.focus());
});

// What was sent is no draft any more: emptied before the composer is drawn afresh.
document.addEventListener("htmx:after:request", (event) => {
  const asked = event.detail?.ctx?.sourceElement; // the form itself: a file that is taken off it sends nothing
  const form = asked?.matches?.("#reply-form, #note-form") ? asked : null;
  const status = event.detail?.ctx?.response?.status ?? 0;
  if (form && status >= 200 && status < 300) form.querySelector("textarea").value = "";
});

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-see-it]")) return;
  event.preventDefault();
  htmx.trigger("#talk-news", "amity:news");
  event.target.closest(".compose__conflict")?.remove();
});

// ---- menus ------------------------------------------------------------------------------------------------------
document.addEventListener(
  "toggle",
  (event) => {
    if (event.newState !== "open") return;
    if (event.target.id === "filters") htmx.trigger("#filter-fields", "amity:open");
    const first = event.target.querySelector?.("[data-menu-search], [name=what]");
    if (first) requestAnimationFrame(() => first.focus());
  },
  true,
);
document.addEventListener("input", (event) => {
  const search = event.target.closest?.("[data-menu-search]");
  if (!search) return;
  const typed = search.value.trim().toLocaleLowerCase();
  for (const item of search.form.querySelectorAll(".menu__item")) {
    item.hidden = !item.textContent.toLocaleLowerCase().includes(typed);
  }
});
document.addEventListener("keydown", (event) => {
  const search = event.target.closest?.("[data-menu-search]");
  if (!search || event.key !== "Enter") return;
  event.preventDefault();
  search.form.querySelector(".menu__item:not([hidden])")?.click();
});
// Enter in a tick would send the whole list; it opens the row as it does beside it.
document.addEventListener("keydown", (event) => {
  const tick = event.target.closest?.("#queue-form .tick");
  if (!tick || event.key !== "Enter") return;
  event.preventDefault();
  tick.closest(".queue-row")?.querySelector("[data-row]")?.click();
});
// What was taken back offers no Undo any more, wherever it was taken back.
document.addEventListener("htmx:after:request", (event) => {
  const form = event.target.closest?.("[data-toast-undo], .delivery form");
  const status = event.detail?.ctx?.response?.status ?? 0;
  if (!form || status < 200 || status >= 300) return;
  for (const undo of document.querySelectorAll("#toasts [data-toast-undo]")) {
    if (undo !== form && !(form.matches(".delivery form") && undo.action === form.action)) continue;
    undo.closest("[data-toast]").hidden = true; // removed with its form, the answer would not be drawn
    undo.querySelector("[data-undo]")?.removeAttribute("data-undo");
  }
});
document.addEventListener("submit", (event) => {
  event.target.closest?.("[data-closes-menu]")?.closest("[popover]")?.hidePopover();
  event.target.closest?.("[data-toast-undo]")?.closest("[data-toast]")?.setAttribute("hidden", "");
});

// ---- the seconds in which a message can be taken back -----------------------------------------------------------
setInterval(() => {
  for (const place of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((Date.parse(place.dataset.until) - Date.now()) / 1_000);
    if (left > 0) place.textContent = `${left} s`;
    else if (left > -60 && left % 5 === 0) htmx.trigger("#talk-news", "amity:news");
  }
}, 1_000);

settle();
sayTicked();
