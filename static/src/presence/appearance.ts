// How people look: a colour and initials that follow from their name, so that they are the same in every browser. Pure.

const COLOURS = 8; // as many as tokens.css has

/** The number of the colour in tokens.css. */
export function colourOf(label: string): number {
  // FNV-1a, 32 bits.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(label)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % COLOURS;
}

/** "Ada Lovelace" is AL, "ada.lovelace@example.org" too, "ada" is AD. */
export function initialsOf(label: string): string {
  const [name = ""] = label.split("@");
  const [first = [], second] = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean).map((word) => [...word]);
  const letters = second ? [first[0], second[0]] : first.slice(0, 2);
  return letters.join("").toLocaleUpperCase() || "?";
}
