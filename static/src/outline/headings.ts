// The headings of a notebook's texts. Pure.

export interface Heading {
  readonly cellId: string;
  /** From 1. */
  readonly level: number;
  readonly text: string;
}

interface Text {
  readonly id: string;
  readonly kind: string;
  readonly source: string;
}

export function headingsOf(cells: readonly Text[]): Heading[] {
  return cells.flatMap(({ id, kind, source }) => (kind === "markdown" ? headingsIn(id, source) : []));
}

/** `# Words`, and words that are underlined; not in code. */
function headingsIn(cellId: string, source: string): Heading[] {
  const headings: Heading[] = [];
  let fence = "";
  let before = "";
  for (const line of source.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (mark && (!fence || (line.trim() === mark && mark.startsWith(fence)))) fence = fence ? "" : mark;
    else if (!fence) headings.push(...headingAt(cellId, line, before));
    before = fence || mark ? "" : line.trim();
  }
  return headings;
}

function headingAt(cellId: string, line: string, before: string): Heading[] {
  const hashes = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$/.exec(line);
  const text = plain(hashes?.[2] ?? "");
  if (hashes?.[1] && text) return [{ cellId, level: hashes[1].length, text }];
  const isUnderline = /^ {0,3}(=+|-+)[ \t]*$/.exec(line)?.[1];
  if (!isUnderline || !before || /^([#>*+-]|\d+[.)])/.test(before)) return [];
  return [{ cellId, level: isUnderline.startsWith("=") ? 1 : 2, text: plain(before) }];
}

/** Without the signs of emphasis, code and links. */
function plain(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|\*|`|~~)(.+?)\1/g, "$2")
    .trim();
}
