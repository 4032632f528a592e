// Copy a text, and say so on the button.
export async function copy(button, text, source) {
  const label = (button.dataset.label ??= button.textContent);
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  } catch {
    getSelection().selectAllChildren(source); // no permission: it is ready for Ctrl+C
  }
}
