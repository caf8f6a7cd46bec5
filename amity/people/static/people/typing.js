// What is typed in its place: Escape, or "Leave it", gives back what stood there, and the focus to where it came from.
const before = new WeakMap();

document.addEventListener("htmx:before:swap", (event) => {
  const place = event.detail?.ctx?.target;
  if (place instanceof Element && place.matches("dd") && !before.has(place)) before.set(place, [...place.childNodes].map((one) => one.cloneNode(true)));
});

function leave(form) {
  const place = form.closest("dd");
  const kept = place && before.get(place);
  if (!kept) return false;
  before.delete(place);
  place.replaceChildren(...kept);
  window.htmx?.process(place);
  place.querySelector(".fact-edit")?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  const form = event.target instanceof Element ? event.target.closest(".typing") : null;
  if (event.key === "Escape" && form && leave(form)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-typing-leave]") : null;
  if (link && leave(link.closest(".typing"))) event.preventDefault();
});

document.addEventListener("htmx:after:swap", () => {
  document.querySelector(".typing [autofocus]")?.focus();
});
