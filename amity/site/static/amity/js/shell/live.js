/* Live updates. Tells the page with `amity:live` events on the document: {topic, id}; topic "resync" means that something
   may have been missed, so ask again. One tab of the browser listens and passes on to the others, where it may. */
{
  const shell = document.getElementById("shell");
  const chip = document.getElementById("live-chip");
  const CALM_MS = 20_000;
  const FIRST_MS = 1_000;
  const LONGEST_MS = 30_000;

  const listen = (url) => {
    const others = "BroadcastChannel" in window ? new BroadcastChannel(`amity-live-${shell.dataset.staff}`) : null;
    let pause = FIRST_MS;
    let calm = 0;
    let wasOpen = false;

    const tell = (change) => document.dispatchEvent(new CustomEvent("amity:live", { detail: change }));
    const share = (message) => others?.postMessage(message);

    const show = (state) => {
      if (!chip) return;
      for (const words of chip.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== state;
      chip.hidden = state === "open";
    };
    const say = (state) => {
      show(state);
      share({ state });
    };

    const interrupted = () => {
      calm ||= setTimeout(() => say("paused"), CALM_MS);
    };

    const opened = () => {
      clearTimeout(calm);
      calm = 0;
      pause = FIRST_MS;
      say("open");
      // The browser repeats its last event id by itself only when it reconnects by itself.
      if (wasOpen) pass({ topic: "resync", id: "" });
      wasOpen = true;
    };

    const pass = (change) => {
      tell(change);
      share({ change });
    };

    const connect = () => {
      const source = new EventSource(url, { withCredentials: true });
      source.addEventListener("open", opened);
      source.addEventListener("change", (event) => pass(JSON.parse(event.data)));
      source.addEventListener("resync", () => pass({ topic: "resync", id: "" }));
      source.addEventListener("bye", () => {
        source.close();
        clearTimeout(calm);
        say("ended");
      });
      source.addEventListener("error", () => {
        interrupted();
        if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
        setTimeout(connect, pause * (0.8 + Math.random() * 0.4));
        pause = Math.min(pause * 2, LONGEST_MS);
      });
      addEventListener("pagehide", () => source.close(), { once: true });
    };

    others?.addEventListener("message", (event) => {
      if (event.data.change) tell(event.data.change);
      if (event.data.state) show(event.data.state);
    });

    if (others && navigator.locks) {
      navigator.locks.request(`amity-live-${shell.dataset.staff}`, () => {
        connect();
        return new Promise(() => {}); // held until this tab is closed; then another one listens
      });
    } else {
      connect();
    }
  };

  if (shell?.dataset.liveUrl) listen(shell.dataset.liveUrl);

  /* ---- the counts in the rail follow ---- */
  const TOPICS = new Set(["inbox", "conversation", "promise", "import", "resync"]);
  let timer = 0;

  const refresh = async () => {
    const answer = await fetch(shell.dataset.countsUrl, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const counts = await answer.json();
    for (const [key, count] of Object.entries(counts)) {
      for (const place of document.querySelectorAll(`[data-count="${CSS.escape(key)}"]`)) {
        const words = count > 10_000 ? shell.dataset.many : count ? count.toLocaleString(document.documentElement.lang) : "";
        const alarm = place.querySelector("svg");
        place.replaceChildren(...(alarm && count ? [alarm] : []), words);
      }
    }
  };

  document.addEventListener("amity:live", (event) => {
    if (!shell?.dataset.countsUrl || !TOPICS.has(event.detail.topic) || timer) return;
    timer = setTimeout(() => {
      timer = 0;
      if (document.visibilityState === "visible") refresh();
    }, 1_000);
  });
}
