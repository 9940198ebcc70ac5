// The files of the notebook's folder that a message can mention, as far as somebody types: one folder within the other.

import type { FileEntry } from "../protocol/types";
import type { Meant } from "./mentions";
import type { AssistantServices } from "./services";
import { sizeOf } from "./wording";

export class MeantFiles {
  #services: AssistantServices;
  #changed: () => void;
  /** What is in each folder that was asked for; a path ends with its slash. */
  #folders = new Map<string, readonly Meant[]>();

  constructor(services: AssistantServices, changed: () => void) {
    [this.#services, this.#changed] = [services, changed];
  }

  get all(): readonly Meant[] {
    return [...this.#folders.values()].flat();
  }

  /** Somebody begins to write: what other folders have is asked for again once it is wanted. */
  async renew(): Promise<void> {
    this.#folders = new Map([["", this.#folders.get("") ?? []]]);
    await this.#ask("");
  }

  /** This is what somebody types after an @. */
  want(typed: string): void {
    const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
    if (this.#folders.has(folder)) return;
    this.#folders.set(folder, []);
    void this.#ask(folder);
  }

  // Private

  async #ask(folder: string): Promise<void> {
    if (!this.#services.canEdit) return;
    try {
      const { files } = await this.#services.send("files", { path: folder.slice(0, -1) });
      this.#folders.set(folder, files.map((entry) => meantFile(folder, entry)));
      this.#changed();
    } catch {
      // There is no such folder; or no connection, then nothing can be sent either. What was known is still offered.
    }
  }
}

function meantFile(folder: string, { name, kind, size_bytes }: FileEntry): Meant {
  const path = folder + name;
  const about = kind === "file" ? `file, ${sizeOf(size_bytes)}` : kind;
  return { name: kind === "folder" ? `${path}/` : path, about, mention: { kind: "file", path } };
}
