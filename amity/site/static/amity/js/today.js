// Today: <amity-changes> counts what changed since the page was drawn and offers to look again; Enter takes the first thing.
import { announce, isTyping } from "./page.js";

class AmityChanges extends HTMLElement {
  connectedCallback() {
    this.seen ??= new Set();
    document.addEventListener("amity:live", this.hear);
  }

  disconnectedCallback() {
    document.removeEventListener("amity:live", this.hear);
  }

  // Many announcements belong to one change: things are counted by their id, those without one together.
  hear = ({ detail }) => {
    if (detail.topic !== "resync" && !this.getAttribute("topics").split(" ").includes(detail.topic)) return;
    if (detail.topic === "inbox" && !detail.id && this.seen.size) return;
    this.seen.delete("");
    this.seen.add(detail.id);
    const link = this.querySelector("a");
    const count = this.seen.size;
    const words = count === 1 ? link.dataset.one : link.dataset.many.replace("%(count)s", count);
    link.querySelector("[data-words]").textContent = words;
    if (!link.hasAttribute("data-shown")) announce(words);
    link.setAttribute("data-shown", "");
  };
}

customElements.define("amity-changes", AmityChanges);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const focused = document.activeElement;
  const isElsewhere = focused && focused !== document.body && !focused.matches("main, .pane__body");
  if (isElsewhere || isTyping(event.target) || document.querySelector("dialog:modal")) return;
  document.querySelector("[data-first]")?.click();
});
