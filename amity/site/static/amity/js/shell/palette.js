// Find or do, beyond what the layout does: how much was found and how fast, and what was used before.
// Recently used stays on this device, per colleague, and is forgotten on the sign-in page.
{
  const shell = document.getElementById("shell");
  const dialog = document.getElementById("palette");
  const MOST_RECENT = 5;

  const start = () => {
    const input = dialog.querySelector("[role=combobox]");
    const results = document.getElementById("palette-results");
    const memory = `amity-recent-${shell.dataset.staff}`;
    const state = document.createElement("span");
    state.className = "palette__state";
    state.setAttribute("role", "status");
    input.after(state);

    const recent = () => {
      try {
        const kept = JSON.parse(localStorage.getItem(memory)) ?? [];
        return kept.filter((entry) => entry.url?.startsWith("/") && !entry.url.startsWith("//"));
      } catch {
        return []; // not ours, or from another version: nothing worth keeping
      }
    };

    const remember = (option) => {
      if (!option.matches("a[data-label]")) return;
      const entry = { url: option.getAttribute("href"), label: option.dataset.label, icon: option.dataset.icon };
      const kept = [entry, ...recent().filter((other) => other.url !== entry.url)].slice(0, MOST_RECENT);
      localStorage.setItem(memory, JSON.stringify(kept));
    };

    const recentGroup = (entries) => {
      const group = results.querySelector("template[data-recent]").content.firstElementChild.cloneNode(true);
      const model = group.querySelector("[role=option]");
      model.remove();
      for (const entry of entries) {
        const option = model.cloneNode(true);
        option.setAttribute("href", entry.url);
        Object.assign(option.dataset, { label: entry.label, icon: entry.icon });
        option.querySelector("bdi").textContent = entry.label;
        const drawing = option.querySelector("use");
        const name = String(entry.icon).replace(/[^a-z0-9-]/g, "");
        drawing.setAttribute("href", drawing.getAttribute("href").replace(/#.*/, `#${name}`));
        group.append(option);
      }
      return group;
    };

    const select = (chosen) => {
      const all = [...results.querySelectorAll("[role=option]")];
      all.forEach((option, index) => {
        option.id = `palette-option-${index}`;
        option.setAttribute("aria-selected", String(option === chosen));
      });
      if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
      else input.removeAttribute("aria-activedescendant");
    };

    const arrived = () => {
      const found = results.querySelector("[data-found]:not([data-seen])");
      if (!found) return;
      found.dataset.seen = "";
      state.textContent = found.dataset.found;
      const entries = input.value.trim() ? [] : recent();
      if (entries.length) results.prepend(recentGroup(entries));
      select(results.querySelector("[role=option]"));
    };

    // What was found before fits other words: it goes when no answer comes.
    const failed = (event) => {
      if (event.target !== input || event.detail?.error?.name === "AbortError") return;
      const said = document.createElement("p");
      said.className = "palette__group";
      said.textContent = dialog.dataset.failed;
      results.replaceChildren(said);
      state.textContent = "";
      select();
    };

    document.addEventListener("htmx:error", failed);
    document.addEventListener("htmx:response:error", failed);
    new MutationObserver(arrived).observe(results, { childList: true });
    results.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) remember(option);
    });
    results.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && option.getAttribute("aria-selected") !== "true") select(option);
    });
    // A search field takes the first Esc to empty itself; here one press closes.
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      input.value = "";
    });
  };

  if (dialog && shell) start();
}
