// Where in the text of an SQL cell its database found an error, as the traceback says it (kernels/kernel_sql_text.py). Pure.

/** A line as it was when the cell ran; line and column count from 1, the column in characters. */
export interface SqlPlace {
  readonly executionCount: number;
  readonly line: number;
  readonly column: number;
  readonly lineText: string;
}

const PLACE = /^Cell In\[(\d+)\], line (\d+), column (\d+)\n----> \2 (.*)$/m;

export function sqlPlaceOf(traceback: readonly string[]): SqlPlace | null {
  const found = PLACE.exec(traceback.join("\n"));
  if (!found) return null;
  const [, executionCount, line, column, lineText = ""] = found;
  return { executionCount: Number(executionCount), line: Number(line), column: Number(column), lineText };
}

/** The word there, or the last letter, in UTF-16 units; null if the line is another by now. */
export function rangeIn(text: string, { line, column, lineText }: SqlPlace): { from: number; to: number } | null {
  const lines = text.split("\n");
  if (lines[line - 1] !== lineText || lineText === "") return null;
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const before = [...lineText].slice(0, column - 1).join("").length;
  const word = /^(?:[\p{L}\p{N}_]+|.)/u.exec(lineText.slice(before));
  const from = start + (word ? before : lineText.length - 1);
  return { from, to: from + (word?.[0].length ?? 1) };
}
