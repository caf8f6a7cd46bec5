// The curve in a timeline from a deed to what it answers: <li class="moment" data-answers="id of the other moment">.
const SVG = "http://www.w3.org/2000/svg";
const TRACKS = { said: 20, bought: 38, did: 56 };
const MARK_TOP = 14;
const ROUND = 12;

const laneOf = (moment) => Object.keys(TRACKS).find((lane) => moment.querySelector(`:scope > .shape--${lane}`));

function path(from, to, top) {
  const y1 = from.getBoundingClientRect().top - top + MARK_TOP;
  const y2 = to.getBoundingClientRect().top - top + MARK_TOP - 7;
  const x1 = TRACKS[laneOf(from) ?? "did"] - 6;
  const x2 = TRACKS[laneOf(to) ?? "said"];
  const down = Math.sign(y2 - y1) || 1;
  return `M${x1} ${y1} L${x2 + ROUND + 6} ${y1 + 3 * down} Q${x2} ${y1 + 5 * down} ${x2} ${y1 + (ROUND + 6) * down} L${x2} ${y2}`;
}

function draw(timeline) {
  let drawing = timeline.querySelector(":scope > .timeline__ties");
  const answers = [...timeline.querySelectorAll(".moment[data-answers]")];
  if (!answers.length) return;
  if (!drawing) {
    drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("class", "timeline__ties");
    drawing.setAttribute("aria-hidden", "true");
    timeline.prepend(drawing);
  }
  const top = timeline.getBoundingClientRect().top;
  drawing.replaceChildren();
  for (const moment of answers) {
    const other = document.getElementById(moment.dataset.answers);
    if (!other || !timeline.contains(other)) continue;
    const curve = document.createElementNS(SVG, "path");
    curve.setAttribute("d", path(moment, other, top));
    drawing.append(curve);
  }
}

const sizes = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));
const watched = new WeakSet();

function watch() {
  for (const timeline of document.querySelectorAll(".timeline")) {
    if (!watched.has(timeline)) {
      watched.add(timeline);
      sizes.observe(timeline);
    }
    draw(timeline);
  }
  showThePresent();
}

// A strip wider than its frame starts where its present is, not where its past was.
function showThePresent() {
  for (const frame of document.querySelectorAll(".around__frame:not([data-placed])")) {
    const now = frame.querySelector(".around__now");
    frame.dataset.placed = "";
    if (!now || frame.scrollWidth <= frame.clientWidth) continue;
    frame.scrollLeft += now.getBoundingClientRect().left - frame.getBoundingClientRect().left - frame.clientWidth * 0.66;
  }
}

document.addEventListener("htmx:after:swap", watch);
document.fonts?.ready.then(watch);
watch();
