// <amity-draft key="reply-17">: what is written inside survives a reload and a lost connection, on this device.
import { word } from "./page.js";

const PREFIX = "amity:draft:";
const PAUSE_MS = 400;
const KEPT_DAYS = 30;

class AmityDraft extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => this.#later());
    this.addEventListener("submit", () => (this.submitted = true));
    this.addEventListener("htmx:after:request", (event) => {
      const status = event.detail?.ctx?.response?.status ?? 0;
      if (this.submitted && status >= 200 && status < 400) this.forget();
      this.submitted = false;
    });
    addEventListener("pagehide", this.leave);
    this.#restore();
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.leave);
    clearTimeout(this.timer);
    if (!this.submitted) this.#save();
  }

  leave = () => {
    if (this.submitted && !this.querySelector("[hx-post]")) this.forget();
    else this.#save();
  };

  get #key() {
    return PREFIX + this.getAttribute("key");
  }

  get #fields() {
    return [...this.querySelectorAll("textarea[name], [data-draft][name]")];
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#save(), PAUSE_MS);
  }

  #save() {
    const values = Object.fromEntries(this.#fields.map((field) => [field.name, field.value]));
    if (!Object.values(values).some((value) => value.trim())) return this.forget();
    if (this.#fields.every((field) => field.value === field.defaultValue)) return;
    try {
      localStorage.setItem(this.#key, JSON.stringify({ at: Date.now(), values }));
      this.#say(Date.now());
    } catch (error) {
      // The device's store is full or closed: the text is still on the page, so only the promise is taken back.
      if (error.name !== "QuotaExceededError" && error.name !== "SecurityError") throw error;
      this.#say(null);
    }
  }

  #restore() {
    const kept = JSON.parse(localStorage.getItem(this.#key) || "null");
    if (!kept) return;
    for (const field of this.#fields) {
      if (!field.value.trim() || field.value === field.defaultValue) field.value = kept.values[field.name] ?? field.value;
    }
    this.#say(kept.at);
  }

  #say(at) {
    const state = this.querySelector("[data-draft-state]");
    if (!state) return;
    state.textContent = at ? word("draft_saved", { time: this.#clock(at) }) : "";
  }

  /** The time as the rest of the page says it: in the zone of the account, which need not be this device's. */
  #clock(at) {
    const timeZone = this.closest("[data-time-zone]")?.dataset.timeZone || undefined;
    const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone };
    return new Intl.DateTimeFormat(document.documentElement.lang, parts).format(at);
  }

  /** Drop what is kept, because it was sent or thrown away. */
  forget() {
    clearTimeout(this.timer);
    localStorage.removeItem(this.#key);
    this.#say(null);
  }
}

function tidy() {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const { at } = JSON.parse(localStorage.getItem(key) || "{}");
    if (!at || Date.now() - at > KEPT_DAYS * 86_400_000) localStorage.removeItem(key);
  }
}

customElements.define("amity-draft", AmityDraft);
tidy();
