// Find or do: Ctrl K or ⌘K anywhere, arrows and Enter inside.
const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const results = document.getElementById("palette-results");

const options = () => [...(results?.querySelectorAll("[role=option]") ?? [])];

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return input.removeAttribute("aria-activedescendant");
  option.id ||= `palette-option-${options().indexOf(option)}`;
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function open() {
  if (!palette || palette.open) return;
  palette.showModal();
  input.select();
  htmx.trigger(input, "palette:open");
}

function onKey(event) {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") select(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") select(all[(at - 1 + all.length) % all.length]);
  else if (event.key === "Enter" && all[at]) {
    const target = all[at].matches("a, button") ? all[at] : all[at].querySelector("a, button");
    target?.click();
  } else return;
  event.preventDefault();
}

if (palette) {
  input.addEventListener("keydown", onKey);
  results.addEventListener("htmx:after:swap", () => select(options()[0]));
  document.addEventListener("htmx:after:swap", () => palette.open && select(options()[0]));
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    open();
  });
}
