// Binary data of a MIME bundle as an address that the page can show: it is base64, or a reference to a file of the notebook.

import type { FileReference } from "../protocol/types";
import type { OutputServices } from "./services";

export function isReference(content: unknown): content is FileReference {
  return typeof content === "object" && content !== null && "sha256" in content && typeof content.sha256 === "string";
}

/** A blob of this page, also where the file itself may not be shown in a frame. The caller revokes it. Rejects if there is none. */
export async function blobUrl(content: unknown, type: string, services: OutputServices): Promise<string> {
  const bytes = isReference(content) ? await fetched(services.fileAddress(content)) : decoded(content, type);
  return URL.createObjectURL(new Blob([bytes], { type }));
}

async function fetched(address: string): Promise<ArrayBuffer> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.arrayBuffer();
}

function decoded(content: unknown, type: string): Uint8Array<ArrayBuffer> {
  if (typeof content !== "string") throw new Error(`${type} must be base64 text.`);
  return Uint8Array.from(atob(content.replace(/\s/g, "")), (character) => character.charCodeAt(0));
}
