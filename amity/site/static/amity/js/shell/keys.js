// Keys, beyond what the layout does with `data-key`: the list of keys of this page, the switch that turns single keys
// off (WCAG 2.1.4), and what assistive technology is told of them.
{
  const shell = document.getElementById("shell");
  const dialog = document.getElementById("keys");
  const FIELDS =
    "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
  const isOff = shell?.dataset.singleKeys === "off";

  // Switched off, one letter alone must do nothing; combinations with Ctrl or ⌘ keep working.
  if (isOff) {
    addEventListener(
      "keydown",
      (event) => {
        const isAlone = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
        if (isAlone && !event.target.closest?.(FIELDS)) event.stopImmediatePropagation();
      },
      true,
    );
  }

  const cap = (text) => {
    const drawn = document.createElement("kbd");
    drawn.className = "key";
    drawn.textContent = text.length === 1 ? text.toUpperCase() : text;
    return drawn;
  };

  const nameOf = (element) => {
    const label =
      element.dataset.keyLabel ??
      element.getAttribute("aria-label") ??
      element.labels?.[0]?.textContent ??
      element.getAttribute("placeholder");
    if (label) return label.trim();
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd, .rail__count, svg").forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  const row = (element) => {
    const drawn = document.createElement("div");
    const name = document.createElement("span");
    name.textContent = nameOf(element);
    const caps = document.createElement("span");
    caps.append(...element.dataset.key.trim().split(/\s+/).flatMap((key) => [cap(key), " "]));
    drawn.append(name, caps);
    return drawn;
  };

  const isUsable = (element) =>
    !element.closest("dialog") && !element.disabled && (element.checkVisibility() || element.closest(".rail"));

  const fill = (place) => {
    const known = new Map();
    for (const element of document.querySelectorAll("[data-key]")) {
      const keys = element.dataset.key.trim().toLowerCase();
      if (isUsable(element) && !known.has(keys)) known.set(keys, element);
    }
    place.replaceChildren(...[...known.values()].map(row));
    if (isOff && !dialog.querySelector("[data-keys-off]")) {
      const words = document.createElement("p");
      words.dataset.keysOff = "";
      words.textContent = shell.dataset.keysOff;
      place.before(words);
    }
  };

  const place = dialog?.querySelector("[data-keys-here]");
  if (place) {
    new MutationObserver(() => dialog.open && fill(place)).observe(dialog, { attributeFilter: ["open"] });
  }

  // Sequences ("g i") have no attribute of their own.
  const tell = () => {
    for (const element of document.querySelectorAll("[data-key]:not([aria-keyshortcuts])")) {
      const keys = element.dataset.key.trim();
      if (isOff || /\s/.test(keys)) continue;
      element.setAttribute("aria-keyshortcuts", keys.length === 1 ? keys.toUpperCase() : keys);
    }
  };
  tell();
  document.addEventListener("htmx:after:swap", tell);
}
