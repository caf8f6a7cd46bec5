// What carries `data-live-topic` (and `data-live-id`, if it is about one) asks again with `hx-trigger="amity:refresh"`
// when the stream says that it changed.
document.addEventListener("amity:live", ({ detail }) => {
  for (const place of document.querySelectorAll("[data-live-topic]")) {
    const isMeant = detail.topic === "resync" || detail.topic === place.dataset.liveTopic;
    const isThis = !place.dataset.liveId || !detail.id || place.dataset.liveId === detail.id;
    if (isMeant && isThis) place.dispatchEvent(new CustomEvent("amity:refresh", { bubbles: false }));
  }
});
