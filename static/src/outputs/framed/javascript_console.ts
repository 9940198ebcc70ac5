// What a JavaScript cell says: the lines of its console, and its errors, one below the other.

// A loop can say any number of things.
const MAX_LINES = 1000;
const MAX_CHARS = 20_000;
// What has more than one line's room is laid out on several.
const MAX_INLINE_CHARS = 80;

type Tone = "said" | "warned" | "failed" | "note";

export class JavascriptConsole {
  readonly element = document.createElement("div");
  /** What the code gets for its own; the browser's hears it too. */
  readonly console: Console;
  #lines = 0;

  constructor() {
    const said = (tone: Tone, native: (...values: unknown[]) => void) => (...values: unknown[]): void => {
      native(...values);
      this.#add(tone, values.map(told).join(" "));
    };
    this.console = {
      ...console,
      ...{ log: said("said", console.log), info: said("said", console.info), debug: said("said", console.debug) },
      ...{ warn: said("warned", console.warn), error: said("warned", console.error) },
    };
  }

  /** What is to be known of the cell's values. */
  note(text: string): void {
    this.#add("note", text);
  }

  /** `line`: where it went wrong, as far as that is known. */
  fail(error: unknown, line: number | null): void {
    console.error(error);
    const text = error instanceof Error ? `${error.name}: ${error.message}` : `Error: ${told(error)}`;
    this.#add("failed", line === null ? text : `Line ${line}: ${text}`);
  }

  // Private

  #add(tone: Tone, text: string): void {
    if (++this.#lines > MAX_LINES + 1) return;
    const line = document.createElement("pre");
    line.className = "javascript-line";
    line.dataset["tone"] = tone;
    line.textContent = this.#lines > MAX_LINES ? "[There is more, which is left out here.]" : text;
    this.element.append(line);
  }
}

/** A value as text, of which a long one is cut. */
export function told(value: unknown): string {
  const text = textOf(value);
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
}

function textOf(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Element) return value.outerHTML;
  if (typeof value !== "object" || value === null) return String(value);
  try {
    const inline = JSON.stringify(value, plain);
    return inline.length > MAX_INLINE_CHARS ? JSON.stringify(value, plain, 2) : inline;
  } catch {
    return String(value); // it refers to itself
  }
}

/** What JSON has no form for. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value as Map<PropertyKey, unknown>);
  if (value instanceof Set) return [...value];
  return typeof value === "bigint" ? `${value}n` : value;
}
