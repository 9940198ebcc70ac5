/** Pasted text as the server can store it: line feeds only, no NUL, no half characters. */
export function storable(text: string): string {
  return text.replace(/\r\n?/g, "\n").replaceAll("\0", "").replace(/\p{Surrogate}/gu, "\ufffd");
}
