// The files over REST: they are too large for the socket.

import { BROKEN_OFF, callRest, csrfToken, errorOf, RequestError } from "../rest";

export interface FileEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly size_bytes: number;
  readonly modified_at: string;
}

export interface FileList {
  readonly files: readonly FileEntry[];
  readonly is_complete: boolean;
}

export interface FilePreview {
  readonly kind: "text" | "table" | "image" | "binary";
  readonly size_bytes: number;
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly row_count: number | null;
  readonly is_whole: boolean;
}

export class FileRequests {
  readonly #base: string;

  constructor(notebookId: string) {
    this.#base = `/api/v1/notebooks/${notebookId}/files/`;
  }

  list(path: string): Promise<FileList> {
    return callRest("GET", this.#url("", path)) as Promise<FileList>;
  }

  preview(path: string): Promise<FilePreview> {
    return callRest("GET", this.#url("preview/", path)) as Promise<FilePreview>;
  }

  async makeFolder(path: string): Promise<void> {
    await callRest("POST", `${this.#base}folders/`, { path });
  }

  async move(path: string, newPath: string): Promise<void> {
    await callRest("POST", `${this.#base}move/`, { path, new_path: newPath });
  }

  async remove(path: string): Promise<void> {
    await callRest("DELETE", this.#url("", path));
  }

  downloadUrl(path: string): string {
    return this.#url("content/", path);
  }

  zipUrl(path: string): string {
    return this.#url("zip/", path);
  }

  imageUrl(path: string): string {
    return this.#url("image/", path);
  }

  /** `progress` gets the share that was sent. Aborting `signal` rejects with the code `cancelled`. */
  upload(
    path: string,
    file: Blob,
    { overwrite, signal, progress }: { overwrite: boolean; signal: AbortSignal; progress(share: number): void },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      // Unlike fetch it says how much was sent.
      const request = new XMLHttpRequest();
      signal.addEventListener("abort", () => request.abort());
      request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
      request.onload = () => {
        if (request.status < 300) resolve();
        else reject(errorOf(request.responseText));
      };
      request.onerror = () => reject(new RequestError("broken_off", BROKEN_OFF));
      request.onabort = () => reject(new RequestError("cancelled", "Cancelled."));
      request.open("PUT", `${this.#url("content/", path)}${overwrite ? "&overwrite=true" : ""}`);
      request.setRequestHeader("X-CSRFToken", csrfToken());
      request.send(file);
    });
  }

  #url(what: string, path: string): string {
    return `${this.#base}${what}${path ? `?path=${encodeURIComponent(path)}` : ""}`;
  }
}
