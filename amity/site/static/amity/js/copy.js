// A button beside words copies them: <button data-copies="id of what holds them" data-copied="what it says then">.
const SAYS_SO_MS = 2000;

async function copy(holder) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(holder.textContent);
    return;
  }
  // Without TLS browsers have no clipboard for scripts; what is selected they still copy.
  const selection = getSelection();
  selection.selectAllChildren(holder);
  document.execCommand("copy");
  selection.removeAllRanges();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const label = button.querySelector("span");
  const before = label.textContent;
  await copy(document.getElementById(button.dataset.copies));
  if (before === button.dataset.copied) return;
  label.textContent = button.dataset.copied;
  setTimeout(() => {
    label.textContent = before;
  }, SAYS_SO_MS);
});
