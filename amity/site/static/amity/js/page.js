// What every module asks of the page: words in the reader's language, the token for forms, whether somebody types.

let words;

/** A word of the page in the reader's language, with `%(name)s` filled in. */
export function word(key, values = {}) {
  words ??= JSON.parse(document.getElementById("page-words")?.textContent || "{}");
  return (words[key] ?? "").replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

/** The header that lets a request change something. */
export function requestHeaders() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");
}

/** Whether keys belong to a field just now. */
export function isTyping(target) {
  return Boolean(
    target?.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]"),
  );
}

/** Say something to people who listen to the page. */
export function announce(text) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
}

export const isPhone = () => matchMedia("(width < 760px)").matches;
