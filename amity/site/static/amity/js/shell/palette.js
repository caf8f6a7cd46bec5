/* Find or do. A combobox with a listbox (WAI-ARIA 1.2): the cursor stays in the field, arrows walk the options.
   The server finds and escapes; without this script the same address is a page of its own. */
{
  const dialog = document.getElementById("palette");
  const DEBOUNCE_MS = 90;
  const MOST_RECENT = 5;

  const start = () => {
    const input = dialog.querySelector("[role=combobox]");
    const results = dialog.querySelector("[role=listbox]");
    const state = dialog.querySelector("[role=status]");
    const form = dialog.querySelector("form[data-do]");
    const memory = `amity-recent-${dialog.dataset.staff}`;
    const known = new Map();
    let asked = null;
    let timer = 0;

    const options = () => [...results.querySelectorAll("[role=option]")];
    const chosen = () => results.querySelector("[aria-selected=true]");

    const choose = (option) => {
      for (const other of options()) other.setAttribute("aria-selected", String(other === option));
      if (option) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };

    const show = (html) => {
      results.innerHTML = html; // made and escaped by the server
      const found = results.querySelector("[data-found]");
      state.textContent = found?.dataset.found ?? "";
      if (!input.value.trim()) results.prepend(...recentGroup());
      options().forEach((option, index) => { option.id = `palette-option-${index}`; });
      choose(options()[0]);
    };

    const ask = async (typed) => {
      asked?.abort();
      if (known.has(typed)) return show(known.get(typed));
      asked = new AbortController();
      const address = `${dialog.dataset.url}?q=${encodeURIComponent(typed)}`;
      try {
        const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Request-Type": "partial" }, signal: asked.signal });
        const login = answer.headers.get("HX-Redirect");
        if (login) return location.assign(login);
        if (!answer.ok) throw new Error(String(answer.status));
        const html = await answer.text();
        if (typed === "") known.set(typed, html);
        if (input.value.trim() === typed) show(html);
      } catch (error) {
        if (error.name !== "AbortError") state.textContent = dialog.dataset.failed;
      }
    };

    /* ---- recently used: on this device, per colleague, forgotten on the sign-in page ---- */
    const recent = () => {
      try {
        return JSON.parse(localStorage.getItem(memory)) ?? [];
      } catch {
        return [];
      }
    };

    const remember = (option) => {
      if (option.dataset.method === "post") return;
      const entry = { url: option.getAttribute("href"), label: option.dataset.label, icon: option.dataset.icon };
      const kept = [entry, ...recent().filter((other) => other.url !== entry.url)].slice(0, MOST_RECENT);
      localStorage.setItem(memory, JSON.stringify(kept));
    };

    const recentGroup = () => {
      const template = dialog.querySelector("template[data-recent]");
      const entries = recent().filter((entry) => entry.url?.startsWith("/") && !entry.url.startsWith("//"));
      if (!entries.length) return [];
      const group = template.content.firstElementChild.cloneNode(true);
      const model = group.querySelector("[role=option]");
      model.remove();
      for (const entry of entries) {
        const option = model.cloneNode(true);
        option.setAttribute("href", entry.url);
        Object.assign(option.dataset, { label: entry.label, icon: entry.icon });
        option.querySelector("bdi").textContent = entry.label;
        const drawing = option.querySelector("use");
        drawing.setAttribute("href", drawing.getAttribute("href").replace(/#.*/, `#${String(entry.icon).replace(/[^a-z0-9-]/g, "")}`));
        group.append(option);
      }
      return [group];
    };

    const go = (option, inNewTab) => {
      remember(option);
      if (option.dataset.method === "post") {
        form.action = option.getAttribute("href");
        form.submit();
      } else if (inNewTab) {
        window.open(option.href, "_blank", "noopener");
      } else {
        dialog.close();
        location.assign(option.href);
      }
    };

    const open = () => {
      if (dialog.open) return input.select();
      input.value = "";
      dialog.showModal();
      input.focus();
      input.setAttribute("aria-expanded", "true");
      ask("");
    };

    dialog.addEventListener("close", () => {
      asked?.abort();
      input.setAttribute("aria-expanded", "false");
    });

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => ask(input.value.trim()), input.value.trim() ? DEBOUNCE_MS : 0);
    });

    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const all = options();
      const at = all.indexOf(chosen());
      const moves = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
      if (event.key in moves && all.length) {
        event.preventDefault();
        const to = moves[event.key];
        const isStep = event.key.startsWith("Arrow");
        choose(all.at(isStep ? to % all.length : Math.max(0, Math.min(all.length - 1, to))));
      } else if (event.key === "Enter" && chosen()) {
        event.preventDefault();
        go(chosen(), event.ctrlKey || event.metaKey);
      }
    });

    results.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option || (event.ctrlKey || event.metaKey || event.shiftKey) && option.dataset.method !== "post") return;
      event.preventDefault();
      go(option, false);
    });

    results.addEventListener("mousemove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && option !== chosen()) choose(option);
    });

    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });

    document.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || !event.target.closest?.("[data-opens=palette]")) return;
      event.preventDefault();
      open();
    });
  };

  if (dialog) start();
}
