// The order of trust: rows are dragged, and their buttons move them at once. Without this the buttons ask the server.
import { announce } from "./page.js";

const list = document.querySelector("[data-trusted]");
let held;

function rows() {
  return [...list.querySelectorAll("[data-teller]")];
}

function settle(row) {
  const all = rows();
  all.forEach((one, place) => {
    one.querySelector("[value$=':up']").disabled = place === 0;
    one.querySelector("[value$=':down']").disabled = place === all.length - 1;
  });
  announce(`${row.querySelector(".survivorship__name").textContent}: ${all.indexOf(row) + 1} / ${all.length}`);
}

function press(event) {
  const button = event.target.closest("button[name=move]");
  const way = button?.value.match(/:(up|down)$/)?.[1];
  if (!way) return;
  event.preventDefault();
  const row = button.closest("[data-teller]");
  if (way === "up") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  settle(row);
  (button.disabled ? row.querySelector("button:not(:disabled)") : button)?.focus();
}

function over(event) {
  const row = event.target.closest("[data-teller]");
  if (!held || !row) return;
  event.preventDefault();
  if (row === held) return;
  const box = row.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) row.before(held);
  else row.after(held);
}

if (list && !list.closest("fieldset").disabled) {
  for (const row of rows()) row.draggable = true;
  list.addEventListener("click", press);
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("[data-teller]");
    event.dataTransfer.effectAllowed = "move";
    held.classList.add("is-held");
  });
  list.addEventListener("dragover", over);
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    held.classList.remove("is-held");
    settle(held);
    held = undefined;
  });
}
