// What is attached to a message: images go to the model, other files into the notebook's folder.

import type { Attachment } from "../protocol/chat";
import { sizeOf } from "./wording";

export interface Attached {
  readonly file: File;
  readonly kind: "image" | "file";
}

export const MAX_ATTACHMENTS = 10;
const MAX_IMAGE_BYTES = 5 * 2 ** 20;
const MAX_FILE_BYTES = 10 * 2 ** 20;
// The server takes no longer message over the socket.
const MAX_ALL_BYTES = 11 * 2 ** 20;
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Throws with what to do if it cannot be attached to these. */
export function attachable(file: File, others: readonly Attached[], canEdit: boolean): Attached {
  const kind = IMAGE_TYPES.includes(file.type) ? "image" : "file";
  const limit = kind === "image" ? MAX_IMAGE_BYTES : MAX_FILE_BYTES;
  if (kind === "file" && !canEdit) throw new Error("Files go into the notebook's folder, and you may only view this notebook. Attach an image instead.");
  if (others.length >= MAX_ATTACHMENTS) throw new Error(`A message takes at most ${MAX_ATTACHMENTS} images and files. Send the rest with the next one.`);
  if (file.size > limit) throw new Error(`“${file.name}” has ${sizeOf(file.size)}. ${kind === "image" ? "An image" : "A file"} has at most ${sizeOf(limit)} here.`);
  const all = others.reduce((sum, each) => sum + each.file.size, file.size);
  if (all > MAX_ALL_BYTES) throw new Error(`Together they have more than ${sizeOf(MAX_ALL_BYTES)}. Send some with the next message.`);
  return { file, kind };
}

export async function encoded({ file, kind }: Attached): Promise<Attachment> {
  const data = await base64Of(file);
  return kind === "image" ? { kind, media_type: file.type, data } : { kind, name: plainName(file.name), data };
}

/** The server takes names without slashes that begin with no dot. */
function plainName(name: string): string {
  const plain = name.replace(/[/\\]/g, "_").replace(/^\.+/, "").slice(-200);
  return plain || "file";
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new Error(`“${file.name}” could not be read. Attach it again.`));
    reader.readAsDataURL(file);
  });
}
