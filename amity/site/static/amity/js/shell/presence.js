/* Who else is here. An element with `data-presence="<id>"` says what is open; `data-presence-line="<id>"` shows who else has
   it open. Typing into an element with `data-presence-state="writing"` (or "noting") inside it says so. */
{
  const shell = document.getElementById("shell");
  const EVERY_MS = 20_000;
  const TYPING_MS = 8_000;
  let open = "";
  let typing = "";
  let timer = 0;

  const body = (subject, state) => {
    const fields = new FormData();
    fields.set("csrfmiddlewaretoken", shell.dataset.csrf);
    fields.set("subject", subject);
    fields.set("state", state);
    return fields;
  };

  const show = async (subject, request) => {
    const answer = await request.catch(() => null); // the next round tells again
    const line = document.querySelector(`[data-presence-line="${CSS.escape(subject)}"]`);
    if (!answer?.ok || !line) return;
    const html = await answer.text();
    if (line.dataset.shown === html) return;
    line.dataset.shown = html;
    line.innerHTML = html; // made and escaped by the server
  };

  const fragment = { "HX-Request": "true", "HX-Request-Type": "partial" };

  const tell = () => {
    if (!open || document.visibilityState !== "visible") return;
    show(open, fetch(shell.dataset.presenceUrl, { method: "POST", headers: fragment, body: body(open, typing || "viewing") }));
  };

  const leave = () => {
    if (open) navigator.sendBeacon(shell.dataset.presenceUrl, body(open, "gone"));
    open = "";
  };

  const look = () => {
    const subject = document.querySelector("[data-presence]")?.dataset.presence ?? "";
    if (subject === open) return;
    leave();
    open = subject;
    typing = "";
    tell();
  };

  if (shell?.dataset.presenceUrl) {
    look();
    setInterval(tell, EVERY_MS);
    document.addEventListener("htmx:after:swap", look);
    document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? tell() : undefined));
    addEventListener("pagehide", leave);
    addEventListener("pageshow", look);
    document.addEventListener("amity:live", (event) => {
      const { topic, id } = event.detail;
      if (open && topic === "presence" && id === open) show(open, fetch(`${shell.dataset.presenceUrl}${open}/`, { headers: fragment }));
    });
    document.addEventListener("input", (event) => {
      const state = event.target.closest?.("[data-presence] [data-presence-state]")?.dataset.presenceState ?? "";
      if (!state) return;
      clearTimeout(timer);
      timer = setTimeout(() => { typing = ""; tell(); }, TYPING_MS);
      if (state !== typing) {
        typing = state;
        tell();
      }
    });
  }
}
