// Imports: what changes while one looks, files that are dropped, several files one after another. All of it works without.
import "../amity/js/refreshing.js";

const REFRESH = "amity:refresh";
document.documentElement.classList.add("has-script");

// ---- a row that is shown in full is hidden again ----
document.addEventListener("click", (event) => {
  const line = event.target.closest?.(".rows__line");
  if (!line || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const shown = line.parentElement.querySelector(".raw-row");
  if (shown) shown.hidden = !shown.hidden;
});

// ---- files ----
const form = document.getElementById("import-drop");

const filled = (words, values) => words.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");

const say = (text, isBad = false) => {
  const state = form.querySelector(".drop__state");
  state.textContent = text;
  state.classList.toggle("bad", isBad);
  state.hidden = !text;
};

/** Send one file; resolves with the answer of the server. */
const send = (file) =>
  new Promise((resolve, reject) => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const share = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(loaded / total);
      say(filled(loaded < total ? form.dataset.sending : form.dataset.looking, { name: file.name, share }));
    });
    request.addEventListener("load", () => {
      try {
        resolve(JSON.parse(request.responseText));
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener("error", reject);
    request.send(body);
  });

const sendAll = async (files) => {
  const problems = [];
  let address = "";
  for (const file of files) {
    if (file.size > Number(form.dataset.mostBytes)) {
      problems.push(filled(form.dataset.tooLarge, { name: file.name }));
      continue;
    }
    const answer = await send(file).catch(() => ({ problems: [filled(form.dataset.failed, { name: file.name })] }));
    problems.push(...(answer.problems ?? (answer.detail ? [answer.detail] : [])));
    if (answer.address && !answer.problems?.length) address = answer.address;
  }
  if (problems.length) say(problems.join(" "), true);
  if (problems.length && address) document.getElementById("import-list")?.dispatchEvent(new CustomEvent(REFRESH));
  if (!problems.length && address) location.assign(files.length > 1 ? form.action : address);
};

if (form) {
  form.classList.add("drop--live");
  form.addEventListener("submit", (event) => {
    const files = [...form.elements.file.files];
    if (!files.length) return;
    event.preventDefault();
    sendAll(files);
  });
  form.elements.file.addEventListener("change", () => form.requestSubmit());
  for (const [name, isOver] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    form.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("is-over", isOver);
      if (name === "drop") sendAll([...event.dataTransfer.files]);
    });
  }
}
