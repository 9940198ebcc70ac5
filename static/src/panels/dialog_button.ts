// A <button data-dialog="id"> opens the <dialog> with that id; a [data-close] in a dialog closes it.

export function wireDialogs(root: HTMLElement): void {
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset["dialog"] ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
  });
}
