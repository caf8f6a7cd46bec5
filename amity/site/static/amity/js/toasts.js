// Messages at the foot of the page: ten seconds, longer while touched; Z takes the last thing back.
import { isTyping, requestHeaders, word } from "./page.js";

const STAYS_MS = 10_000;
const region = document.getElementById("toasts");

function arm(toast) {
  let timer;
  const go = () => (timer = setTimeout(() => toast.remove(), STAYS_MS));
  const stay = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("focusout", go);
  go();
}

function element(tag, className, ...inside) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...inside);
  return made;
}

function icon(name) {
  const sample = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ class: "icon", width: 16, height: 16, "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sample}#${name}`);
  svg.append(use);
  return svg;
}

function undoForm({ url, fields = {} }) {
  const form = element("form", "");
  form.method = "post";
  form.action = url;
  const token = requestHeaders()["X-CSRFToken"];
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, ...fields })) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  const cap = element("kbd", "key", "Z");
  cap.setAttribute("aria-hidden", "true");
  const button = element("button", "toast__undo", icon("undo-2"), word("undo"), cap);
  button.dataset.undo = "";
  button.setAttribute("aria-keyshortcuts", "Z");
  form.append(button);
  return form;
}

/** Show a message; `undo` is `{url, fields}` of the form that takes it back, `tone` may be "bad". */
export function toast({ text, undo, tone }) {
  const close = element("button", "toast__close", icon("x"));
  close.type = "button";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", word("close"));
  const shown = element("div", `toast${tone === "bad" ? " toast--bad" : ""}`, icon(tone === "bad" ? "circle-alert" : "check"));
  shown.setAttribute("role", tone === "bad" ? "alert" : "status");
  shown.dataset.toast = "";
  shown.append(element("span", "toast__text", text));
  if (undo?.url) shown.append(undoForm(undo));
  shown.append(close);
  region?.append(shown);
  while (region && region.children.length > 3) region.firstElementChild.remove();
}

if (region) {
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) arm(node);
    }
  }).observe(region, { childList: true });
  for (const shown of region.querySelectorAll("[data-toast]")) arm(shown);
}

document.addEventListener("amity:toast", (event) => toast(event.detail.value ? { text: event.detail.value } : event.detail));
document.addEventListener("click", (event) => event.target.closest?.("[data-toast-close]")?.closest("[data-toast]")?.remove());
document.addEventListener("keydown", (event) => {
  if (event.key !== "z" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const buttons = region?.querySelectorAll("[data-undo]");
  if (buttons?.length) {
    event.preventDefault();
    buttons[buttons.length - 1].click();
  }
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail?.error?.name !== "AbortError") toast({ text: word(navigator.onLine ? "failed" : "offline"), tone: "bad" });
});
