// IPython's traceback by lines: which of them lead to a line of a cell. Pure.

/** A run of lines that lead nowhere, or one that leads to a line of the cell with this execution count. */
export interface TracebackPart {
  readonly text: string;
  readonly target: { readonly executionCount: number; readonly line: number } | null;
  /** The line that names the frame, rather than one of its code. */
  readonly isHead: boolean;
}

const STYLES = /\x1b\[[0-9;:]*m/g;
const HEAD = /^\s*Cell In\[(\d+)\], line (\d+)/;
const FAILING = /^-+> (\d+)/;

export function partsOf(traceback: string): TracebackPart[] {
  const parts: TracebackPart[] = [];
  let plain: string[] = [];
  let executionCount: number | null = null;
  const flush = (): void => {
    if (plain.length > 0) parts.push({ text: plain.join("\n"), target: null, isHead: false });
    plain = [];
  };
  for (const text of traceback.split("\n")) {
    const bare = text.replace(STYLES, "");
    const head = HEAD.exec(bare);
    const failing = FAILING.exec(bare);
    if (head) executionCount = Number(head[1]);
    else if (bare.trim() === "") executionCount = null;
    const line = Number(head?.[2] ?? failing?.[1]);
    if (executionCount !== null && (head || failing)) {
      flush();
      parts.push({ text, target: { executionCount, line }, isHead: head !== null });
    } else {
      plain.push(text);
    }
  }
  flush();
  return parts;
}

/** The line that names a frame, with the cell's name instead of its execution count; the rest of the line as it was. */
export function headWith(name: string, { text, target }: TracebackPart): string {
  const bare = text.replace(STYLES, "").trim();
  const rest = bare.replace(HEAD, "");
  return `${name}, line ${target?.line}${rest}`;
}
