// Copy an address: the button shows itself only where copying works.
import { announce } from "../amity/js/page.js";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.tip = button.dataset.copied;
  announce(button.dataset.copied);
});
