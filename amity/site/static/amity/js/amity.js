// What every page runs. Parts that few pages need are fetched when they are on the page.
import "./theme.js";
import "./keys.js";
import "./overlays.js";
import "./palette.js";
import "./toasts.js";
import "./draft.js";
import "./waiting.js";
import "./times.js";

const LATER = [
  ["amity-chart", () => import("./chart.js")],
  ["[data-copies]", () => import("./copy.js")],
  [".timeline [data-answers], .around__frame", () => import("./ties.js")],
];

function fetchWhatIsNeeded() {
  for (const part of [...LATER]) {
    if (!document.querySelector(part[0])) continue;
    LATER.splice(LATER.indexOf(part), 1);
    part[1]();
  }
}

// A row of links that is wider than a phone begins where one is.
for (const here of document.querySelectorAll(".settings-parts__list [aria-current], .tabs [aria-current]")) {
  const list = here.closest(".settings-parts__list, .tabs");
  const [inner, outer] = [here.getBoundingClientRect(), list.getBoundingClientRect()];
  list.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
}

document.addEventListener("htmx:after:swap", fetchWhatIsNeeded);
fetchWhatIsNeeded();
