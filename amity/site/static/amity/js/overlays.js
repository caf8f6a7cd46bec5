// Dialogs, menus, drawers, panes of the phone, and tips. Everything here also works as a plain link or form.
import { isPhone, isTyping } from "./page.js";

const GAP = 6;

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog], [data-close], [data-drawer], [data-show-pane]");
  if (event.target.matches?.("dialog.dialog, dialog.palette")) event.target.close(); // the ground around it
  if (!opener) return closeDrawersAround(event.target);
  if (opener.dataset.dialog) document.getElementById(opener.dataset.dialog)?.showModal();
  else if (opener.hasAttribute("data-close")) opener.closest("dialog")?.close();
  else if (opener.dataset.drawer) {
    event.preventDefault();
    toggleDrawer(document.getElementById(opener.dataset.drawer), opener);
  } else if (opener.dataset.showPane) {
    showPane(document.getElementById(opener.dataset.showPane), event, opener);
  }
});

function showPane(pane, event, opener) {
  if (!pane || !isPhone()) return;
  if (opener.matches("a[href^='#'], button")) event.preventDefault();
  for (const other of pane.parentElement.querySelectorAll(":scope > [data-pane]")) {
    other.classList.toggle("is-shown", other === pane);
  }
  for (const tab of document.querySelectorAll("[data-show-pane]")) {
    if (tab.getAttribute("role") !== "tab" && !tab.classList.contains("tab")) continue;
    if (tab === opener) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  scrollTo({ top: 0 });
}

// Drawers -------------------------------------------------------------------------------------------------------
let drawer = null;
let drawerOpener = null;

function toggleDrawer(target, opener) {
  if (!target) return;
  if (drawer === target) return closeDrawer();
  closeDrawer();
  drawer = target;
  drawerOpener = opener;
  drawer.dataset.open = "";
  opener?.setAttribute("aria-expanded", "true");
  const first = drawer.querySelector("a, button, input, [tabindex]");
  if (drawer.checkVisibility?.()) first?.focus({ preventScroll: true });
}

export function closeDrawer() {
  if (!drawer) return false;
  delete drawer.dataset.open;
  drawerOpener?.setAttribute("aria-expanded", "false");
  drawerOpener?.focus({ preventScroll: true });
  drawer = drawerOpener = null;
  return true;
}

function closeDrawersAround(target) {
  if (drawer && !drawer.contains(target)) closeDrawer();
}

// Menus ---------------------------------------------------------------------------------------------------------
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu")) return;
    if (event.newState !== "open") return menu.removeAttribute("style"); // or a redraw copies it, against the policy
    const opener = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
    if (opener) place(menu, opener.getBoundingClientRect(), opener.dataset.menuPlace);
    menu.querySelector(".menu__item")?.focus();
  },
  true,
);

function place(box, by, preference) {
  const { width, height } = box.getBoundingClientRect();
  const isBelow = preference !== "above" && by.bottom + GAP + height < innerHeight;
  const top = isBelow ? by.bottom + GAP : Math.max(GAP, by.top - height - GAP);
  const isRtl = document.documentElement.dir === "rtl";
  const left = isRtl ? by.right - width : by.left;
  box.style.top = `${top}px`;
  box.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && closeDrawer()) return event.preventDefault();
  if (event.key === "?" && !isTyping(event.target)) {
    const keys = document.getElementById("keys");
    if (keys && !document.querySelector("dialog:modal")) keys.showModal();
    return;
  }
  const menu = event.target.closest?.(".menu");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  const items = [...menu.querySelectorAll(".menu__item:not(:disabled)")];
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  items[(next + items.length) % items.length]?.focus();
  event.preventDefault();
});

// Tips: what an icon means, and the rest of a name that was cut ----------------------------------------------------
const CUT = ".cut, .row__name, .queue-row__name, .message__name, .identity__address, .line__text, .pane__title, .rail__label, .record-header h1, .composer__to, .promise__what, .chip > *, td, .cell > *";
const tip = document.createElement("div");
tip.className = "tip";
tip.setAttribute("role", "tooltip");
tip.popover = "manual";
let tipTimer;

const isCut = (element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;

function tipFor(target) {
  const named = target.closest?.("[data-tip]");
  if (named && !(named.closest(".rail") && !matchMedia("(760px <= width < 1280px)").matches)) {
    return [named, named.dataset.tip];
  }
  const cut = target.closest?.(CUT) ?? null;
  if (cut && isCut(cut)) return [cut, cut.textContent.trim()];
  return null;
}

function showTip(found) {
  clearTimeout(tipTimer);
  if (!found || !found[1]) return hideTip();
  tipTimer = setTimeout(() => {
    const [element, text] = found;
    if (!element.isConnected) return;
    tip.textContent = text.slice(0, 600);
    if (!tip.isConnected) document.body.append(tip);
    tip.showPopover();
    place(tip, element.getBoundingClientRect());
  }, 350);
}

function hideTip() {
  clearTimeout(tipTimer);
  if (tip.isConnected && tip.matches(":popover-open")) tip.hidePopover();
}

document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && showTip(tipFor(event.target)));
document.addEventListener("focusin", (event) => {
  if (!event.target.matches?.(":focus-visible")) return;
  const inside = [...event.target.querySelectorAll(CUT)].find(isCut);
  showTip(tipFor(event.target) ?? (inside ? [inside, inside.textContent.trim()] : null));
});
for (const gone of ["focusout", "pointerdown", "keydown", "scroll"]) document.addEventListener(gone, hideTip, true);
