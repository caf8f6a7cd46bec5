// The frame of a mail is as high as the mail. It holds nothing that acts, so its height is read from here.
const MOST_PX = 4000;

function fit(frame) {
  const page = frame.contentDocument?.documentElement;
  if (page) frame.style.height = `${Math.min(page.scrollHeight + 2, MOST_PX)}px`;
}

function watch(frame) {
  fit(frame);
  const page = frame.contentDocument;
  page?.addEventListener("toggle", () => fit(frame), true);
  page?.addEventListener("load", () => fit(frame), true);
}

document.addEventListener(
  "load",
  (event) => {
    if (event.target.matches?.("iframe[data-frame-fits]")) watch(event.target);
  },
  true,
);
for (const frame of document.querySelectorAll("iframe[data-frame-fits]")) {
  if (frame.contentDocument?.readyState === "complete") watch(frame);
}
