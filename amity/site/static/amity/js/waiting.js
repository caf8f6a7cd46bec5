// <amity-waiting topic="inbox" hx-get=… hx-trigger="amity:show">: new things are counted here and shown when asked for.
import { announce, word } from "./page.js";

class AmityWaiting extends HTMLElement {
  connectedCallback() {
    this.seen ??= new Set();
    document.addEventListener("amity:live", this.hear);
    this.addEventListener("click", this.show);
    this.#draw();
  }

  disconnectedCallback() {
    document.removeEventListener("amity:live", this.hear);
  }

  hear = ({ detail }) => {
    if (!this.getAttribute("topic").split(" ").includes(detail.topic)) return;
    this.seen.add(detail.id || `${detail.topic} ${this.seen.size}`);
    this.#draw();
  };

  show = () => {
    this.seen.clear();
    this.#draw();
    this.dispatchEvent(new CustomEvent("amity:show", { bubbles: false }));
  };

  #draw() {
    this.hidden = this.seen.size === 0;
    const text = word("new", { count: this.seen.size });
    const place = this.querySelector("[data-waiting-words]");
    if (place) place.textContent = text;
    if (this.seen.size) announce(text);
  }
}

customElements.define("amity-waiting", AmityWaiting);
