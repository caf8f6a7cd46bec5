// Waiting times stay true while a page is open: <time data-since="…"> up to half a day old.
import { word } from "./page.js";

const HALF_A_DAY_MINUTES = 720;

function inWords(minutes) {
  if (minutes < 60) return word("minutes", { minutes: Math.max(1, minutes) });
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest
    ? word("hours_minutes", { hours, minutes: String(rest).padStart(2, "0") })
    : word("hours", { hours });
}

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-since]")) {
    const minutes = Math.floor((Date.now() - Date.parse(time.dataset.since)) / 60_000);
    if (minutes < 0 || minutes >= HALF_A_DAY_MINUTES) continue;
    const text = inWords(minutes);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, 30_000);
document.addEventListener("visibilitychange", refresh);
