// Light, dark, or as the system: changed at once, kept on the account.
import { requestHeaders } from "./page.js";

function mark() {
  const theme = document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-choice]");
  if (!button) return;
  const theme = button.dataset.themeChoice;
  document.documentElement.dataset.theme = theme;
  mark();
  document.dispatchEvent(new CustomEvent("amity:theme", { detail: { theme } }));
  const address = button.closest("[data-theme-url]")?.dataset.themeUrl;
  if (address) fetch(address.replace("THEME", theme), { method: "POST", headers: requestHeaders() });
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  document.dispatchEvent(new CustomEvent("amity:theme", { detail: {} })),
);

mark();
