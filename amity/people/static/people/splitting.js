// How many accounts leave and how many stay, while one ticks them.
const form = document.querySelector("[data-splitting]");

function count() {
  const ticks = [...form.querySelectorAll(".tick")];
  const leaving = ticks.filter((tick) => tick.checked).length;
  form.querySelector("[data-leaving]").textContent = leaving;
  form.querySelector("[data-staying]").textContent = ticks.length - leaving;
}

form?.addEventListener("change", count);
if (form) count();
