// The uploads of the panel: one after the other, each with a row that shows how far it is and can cancel it.

import { find, fromTemplate } from "../dom";
import { formatSize } from "../variables/arrangement";
import { joined } from "./paths";
import { RequestError } from "../rest";
import type { FileRequests } from "./requests";

export class Uploads {
  #list: HTMLElement;
  #requests: FileRequests;
  #maxBytes: number;
  #stored: () => void;
  #last: Promise<void> = Promise.resolve();

  /** `stored` is called after each file that is there. */
  constructor(list: HTMLElement, requests: FileRequests, maxBytes: number, stored: () => void) {
    this.#list = list;
    this.#requests = requests;
    this.#maxBytes = maxBytes;
    this.#stored = stored;
  }

  add(folder: string, files: Iterable<File>): void {
    for (const file of files) this.#add(joined(folder, file.name), file);
  }

  #add(path: string, file: File): void {
    const row = fromTemplate("template-upload");
    find(row, "[data-part=name]").textContent = file.name;
    this.#list.append(row);
    if (file.size > this.#maxBytes) {
      this.#told(row, `It is too large: a file may have at most ${formatSize(this.#maxBytes)}.`);
      return;
    }
    this.#queue(row, path, file, false);
  }

  #queue(row: HTMLElement, path: string, file: File, overwrite: boolean): void {
    const stop = new AbortController();
    row.dataset["state"] = "waiting";
    find(row, "[data-part=state]").textContent = "Waits";
    find(row, "[data-do=replace]").hidden = true;
    find(row, "[data-do=dismiss]").onclick = () => {
      stop.abort();
      row.remove();
    };
    find(row, "[data-do=replace]").onclick = () => this.#queue(row, path, file, true);
    this.#last = this.#last.then(() => this.#send(row, path, file, overwrite, stop.signal));
  }

  async #send(row: HTMLElement, path: string, file: File, overwrite: boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const bar = find<HTMLProgressElement>(row, "progress");
    const progress = (share: number): void => {
      bar.value = share;
      find(row, "[data-part=state]").textContent = `${Math.floor(share * 100)} % of ${formatSize(file.size)}`;
    };
    row.dataset["state"] = "sending";
    progress(0);
    try {
      await this.#requests.upload(path, file, { overwrite, signal, progress });
      row.remove();
      this.#stored();
    } catch (error) {
      const { code, message } = error instanceof RequestError ? error : { code: "", message: String(error) };
      find(row, "[data-do=replace]").hidden = code !== "conflict" || overwrite;
      this.#told(row, message);
    }
  }

  #told(row: HTMLElement, message: string): void {
    row.dataset["state"] = "failed";
    find(row, "[data-part=state]").textContent = message;
    const dismiss = find(row, "[data-do=dismiss]");
    dismiss.title = dismiss.ariaLabel = "Dismiss";
    dismiss.onclick = () => row.remove();
  }
}
