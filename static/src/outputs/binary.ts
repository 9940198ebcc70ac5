// The base64 of a MIME bundle as an address that the page can show.

/** The caller revokes it. Throws if it is no base64. */
export function blobUrl(content: unknown, type: string): string {
  if (typeof content !== "string") throw new Error(`${type} must be base64 text.`);
  const bytes = Uint8Array.from(atob(content.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type }));
}
