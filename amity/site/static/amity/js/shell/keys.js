/* Every shortcut is a visible control with `data-key`: "e", "g i" (one after the other), "mod+k", "?".
   Pressing it clicks the control, or puts the cursor into it when it is a field. `data-key-label` names it in the list
   of keys where its text does not. Single keys rest while somebody types and when a colleague has switched them off
   (data-single-keys="off" on #shell, WCAG 2.1.4); combinations with Ctrl or ⌘ always work. */
{
  const shell = document.getElementById("shell");
  const dialog = document.getElementById("keys");
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const PATIENCE_MS = 1200;
  const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]:not([contenteditable=false])";
  let started = "";
  let timer = 0;

  const singleKeys = () => shell?.dataset.singleKeys !== "off";

  const pressed = (event) => {
    const parts = [];
    if (event.ctrlKey || event.metaKey) parts.push("mod");
    if (event.altKey) parts.push("alt");
    if (event.shiftKey && (event.key.length > 1 || parts.length || /^\p{L}$/u.test(event.key))) parts.push("shift");
    parts.push(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    return parts.join("+");
  };

  const normal = (keys) =>
    keys.trim().split(/\s+/).map((step) => (step.length === 1 ? step.toLowerCase() : step.replace(/[^+]+$/, (key) => (key.length === 1 ? key.toLowerCase() : key)))).join(" ");

  const usable = (element) =>
    element.isConnected && !element.disabled && element.getAttribute("aria-disabled") !== "true" && element.checkVisibility({ visibilityProperty: true });

  /* With a dialog open only what is inside it can be meant. */
  const scope = () => [...document.querySelectorAll("dialog:modal")].at(-1) ?? document;

  const controls = () => [...scope().querySelectorAll("[data-key]")].filter(usable);

  const use = (element) => {
    if (element.matches(FIELDS)) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  };

  const forget = () => {
    started = "";
    clearTimeout(timer);
  };

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const step = pressed(event);
    const isCombination = step.startsWith("mod+") || step.startsWith("alt+");
    if (!isCombination && (!singleKeys() || event.target.closest?.(FIELDS))) return forget();
    // A focused button or menu answers to these itself.
    if (["Enter", " ", "Tab", "Escape"].includes(event.key)) return forget();
    const all = controls();
    const whole = started ? `${started} ${step}` : step;
    const found = all.find((element) => normal(element.dataset.key) === whole) ?? all.find((element) => normal(element.dataset.key) === step);
    const isBeginning = all.some((element) => normal(element.dataset.key).startsWith(`${whole} `));
    forget();
    if (found) {
      event.preventDefault();
      use(found);
    } else if (isBeginning) {
      started = whole;
      timer = setTimeout(forget, PATIENCE_MS);
    }
  });

  /* ---- the list of keys ---- */
  const caps = (keys) => {
    const shown = { mod: isMac ? "⌘" : "Ctrl", shift: isMac ? "⇧" : "Shift", alt: isMac ? "⌥" : "Alt", ArrowUp: "↑", ArrowDown: "↓" };
    const line = document.createElement("span");
    for (const part of keys.split(/[\s+]+/)) {
      const cap = document.createElement("kbd");
      cap.className = "key";
      cap.textContent = shown[part] ?? (part.length === 1 ? part.toUpperCase() : part);
      line.append(cap, " ");
    }
    return line;
  };

  const nameOf = (element) => {
    if (element.dataset.keyLabel) return element.dataset.keyLabel;
    const label = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.getAttribute("placeholder");
    if (label) return label.trim();
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd, .key, .rail__count, svg").forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  const fill = () => {
    const known = new Set();
    const lists = { go: dialog.querySelector("[data-keys-of=go]"), page: dialog.querySelector("[data-keys-of=page]") };
    Object.values(lists).forEach((list) => list.replaceChildren());
    for (const element of controls()) {
      const keys = normal(element.dataset.key);
      if (known.has(keys)) continue;
      known.add(keys);
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const detail = document.createElement("dd");
      term.textContent = nameOf(element);
      detail.append(caps(keys));
      row.append(term, detail);
      (keys.startsWith("g ") ? lists.go : lists.page).append(row);
    }
    for (const list of Object.values(lists)) list.closest("section").hidden = !list.children.length;
  };

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-opens=keys]") || !dialog) return;
    event.preventDefault();
    fill();
    dialog.showModal();
  });

  /* Assistive technology is told of the keys that stand alone; sequences have no attribute of their own. */
  const tell = () => {
    for (const element of document.querySelectorAll("[data-key]:not([aria-keyshortcuts])")) {
      const keys = element.dataset.key.trim();
      if (/\s/.test(keys) || (!keys.includes("+") && !singleKeys())) continue;
      element.setAttribute("aria-keyshortcuts", keys.replace("mod", isMac ? "Meta" : "Control").replace(/\b([a-z])$/, (key) => key.toUpperCase()));
    }
    if (isMac) document.querySelectorAll("[data-key^='mod+'] kbd").forEach((cap) => { cap.textContent = cap.textContent.replace("Ctrl", "⌘"); });
  };
  tell();
  document.addEventListener("htmx:after:swap", tell);
}
