// Files of a reply: chosen, dropped or pasted, sent up one after another, and drawn by the server as they arrive.
import { announce, requestHeaders, word } from "../amity/js/page.js";

const field = () => document.getElementById("reply-attach");
const list = () => document.getElementById("reply-files");
const waiting = []; // {file, url, conversation, row, asked}
let under = null; // what is being sent up
let send = null; // the button that was pressed while files were still coming

const clean = (name) => name.split(/[\\/]/).pop() || "file";

function take(files) {
  const input = field();
  if (!input || !list()) return;
  for (const file of files) {
    const problem = whyNot(file, Number(input.dataset.most));
    if (problem) say(problem);
    else waiting.push({ file, url: input.dataset.attach, conversation: list().dataset.conversation, row: rowFor(file) });
  }
  next();
}

function whyNot(file, most) {
  const values = { name: clean(file.name), most: Math.floor(most / 1_000_000) };
  if (!file.size) return word("file_empty", values);
  return file.size > most ? word("file_too_large", values) : "";
}

/** A line for a file on its way, made of the template so that it looks as those do that have arrived. */
function rowFor(file) {
  const row = document.getElementById("coming-file").content.firstElementChild.cloneNode(true);
  row.querySelector("[data-name]").textContent = clean(file.name);
  row.querySelector("button").setAttribute("aria-label", word("file_stop", { name: clean(file.name) }));
  keepingEnd(() => place().append(row));
  return row;
}

/** What one reads last stays in sight when the composer takes more room. */
function keepingEnd(change) {
  const talk = document.getElementById("talk-scroll");
  const isAtEnd = talk && talk.scrollHeight - talk.scrollTop - talk.clientHeight < 96;
  change();
  if (isAtEnd) talk.scrollTop = talk.scrollHeight;
}

/** Where such lines stand: they stay when the list of those that arrived is drawn anew. */
const place = () => document.getElementById("coming-files");

function say(problem) {
  const line = document.getElementById("file-problem").content.firstElementChild.cloneNode(true);
  line.querySelector("[data-words]").textContent = problem;
  keepingEnd(() => list().append(line));
}

function next() {
  if (under) return;
  under = waiting.shift() ?? null;
  if (under) sendUp(under);
  else if (send) {
    const button = send;
    send = null;
    if (!button.isConnected) return;
    if (list()?.querySelector("[role=alert]")) return announce(list().querySelector("[role=alert]").textContent);
    button.form.requestSubmit(button);
  }
}

function sendUp(one) {
  const asked = new XMLHttpRequest(); // fetch tells nothing of what has left already
  const body = new FormData();
  body.append("file", one.file, clean(one.file.name));
  asked.open("POST", one.url);
  for (const [name, value] of Object.entries(requestHeaders())) asked.setRequestHeader(name, value);
  asked.setRequestHeader("HX-Request", "true");
  asked.setRequestHeader("Accept", "text/html");
  asked.upload.addEventListener("progress", ({ loaded, total }) => showShare(one, loaded / (total || 1)));
  asked.addEventListener("load", () => arrived(one, asked));
  asked.addEventListener("error", () => done(one, word("file_failed", { name: clean(one.file.name) })));
  asked.addEventListener("abort", () => done(one, ""));
  one.asked = asked;
  asked.send(body);
}

function showShare(one, share) {
  const bar = one.row.querySelector("progress");
  bar.value = share;
  bar.textContent = `${Math.round(share * 100)} %`;
}

function arrived(one, asked) {
  const drawn = new DOMParser().parseFromString(asked.responseText, "text/html").getElementById("reply-files");
  if (!drawn) return done(one, word("file_failed", { name: clean(one.file.name) }));
  if (isHere(one)) {
    const before = [...list().querySelectorAll("[role=alert]")]; // of other files: still true
    keepingEnd(() => {
      list().replaceWith(drawn);
      drawn.append(...before.filter((line) => !drawn.textContent.includes(line.textContent.trim())));
    });
    htmx.process(drawn);
    if (asked.status < 300) announce(word("file_attached", { name: clean(one.file.name) }));
  }
  done(one, "");
}

const isHere = (one) => list()?.dataset.conversation === one.conversation;

function done(one, problem) {
  one.row.remove();
  if (problem && isHere(one)) say(problem);
  under = null;
  next();
}

// ---- in by a button, by hand, by the clipboard ------------------------------------------------------------------
document.addEventListener("change", (event) => {
  const input = event.target.closest?.("[data-attach]");
  if (!input) return;
  clearProblems();
  take([...input.files]);
  input.value = "";
});

function clearProblems() {
  for (const line of list()?.querySelectorAll("[role=alert]") ?? []) line.remove();
}

const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const target = () => field()?.closest("#composer");

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    if (!target() || !holdsFiles(event) || !event.target.closest?.("#thread")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    target().classList.add("is-dropping");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget || !event.relatedTarget.closest?.("#thread")) target()?.classList.remove("is-dropping");
});
document.addEventListener("drop", (event) => {
  target()?.classList.remove("is-dropping");
  if (!target() || !holdsFiles(event) || !event.target.closest?.("#thread")) return;
  event.preventDefault();
  const reply = document.getElementById("compose-reply");
  if (reply) reply.checked = true;
  clearProblems();
  take([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || !event.target.closest?.("#reply-form") || !field()) return;
  event.preventDefault();
  clearProblems();
  take(files);
});

// ---- out again, before they have arrived ------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-stop-file]")?.closest("li");
  if (!row) return;
  const at = waiting.findIndex((one) => one.row === row);
  if (at >= 0) waiting.splice(at, 1);
  if (under?.row === row) under.asked.abort();
  row.remove();
});

// ---- a reply waits for its files --------------------------------------------------------------------------------
document.addEventListener(
  "submit",
  (event) => {
    if (event.target.id !== "reply-form" || (!under && !waiting.length) || event.submitter?.matches("[formaction]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send = event.submitter ?? event.target.querySelector("[data-send-now]");
    announce(word("files_wait"));
    const state = event.target.querySelector("[data-draft-state]");
    if (state) state.textContent = word("files_wait");
  },
  true,
);
