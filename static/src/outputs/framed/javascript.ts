// A JavaScript cell: its code runs here, each time in a new frame, with the notebook's values as constants. What it
// displays stands above what it says and what goes wrong in it, which may be long after it began.

import type { ShowMessage } from "../frame_messages";
import { JavascriptConsole, told } from "./javascript_console";
import { lineOfError, lineOfSyntaxError, SOURCE_NAME } from "./javascript_lines";
import type { Show } from "./show";

/** docs/protocol.md has what each is. */
interface Content {
  readonly source: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly cut: Readonly<Record<string, readonly [here: number, all: number]>>;
  readonly left_out: Readonly<Record<string, string>>;
}

type Code = (...given: unknown[]) => Promise<void>;

const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => Code;

export const showJavascript: Show = (root, message) => {
  const content = contentOf(message);
  const shown = document.createElement("div");
  const said = new JavascriptConsole();
  root.replaceChildren(shown, said.element);
  for (const [name, [here, all]] of Object.entries(content.cut)) {
    said.note(`Of ${name}, these are the first ${here.toLocaleString("en")} of ${all.toLocaleString("en")} rows.`);
  }
  const display = (...values: unknown[]): void => shown.append(...values.map(displayed));
  // The page is told of the height before code that waits has come to its end.
  run(content, display, said).catch((error: unknown) => said.fail(error, lineOfError(error)));
};

/** Any notebook may hold anything as such an output. */
function contentOf({ content }: ShowMessage): Content {
  const { source, inputs, cut, left_out } = (content ?? {}) as Partial<Content>;
  if (typeof source !== "string" || typeof inputs !== "object") throw new Error("This is no JavaScript cell.");
  return { source, inputs: inputs ?? {}, cut: cut ?? {}, left_out: left_out ?? {} };
}

async function run({ source, inputs, left_out }: Content, display: unknown, said: JavascriptConsole): Promise<void> {
  for (const [name, type] of Object.entries(left_out)) {
    if (!(name in globalThis)) throw new TypeError(`${name} is a ${type} of Python, which JavaScript cannot use.`);
  }
  const constants = { display, console: said.console, ...inputs };
  const code = compiled(source, Object.keys(constants), said);
  listenForErrors(said);
  await code?.(...Object.values(constants));
}

function compiled(source: string, names: readonly string[], said: JavascriptConsole): Code | null {
  try {
    return new AsyncFunction(...names, `"use strict"; ${source}\n//# sourceURL=${SOURCE_NAME}`);
  } catch (error) {
    said.fail(error, lineOfSyntaxError(source));
    return null;
  }
}

/** Of what the code has left behind: handlers, timers, promises that nobody waits for. */
function listenForErrors(said: JavascriptConsole): void {
  window.addEventListener("error", (event) => {
    event.preventDefault();
    said.fail(event.error ?? event.message, lineOfError(event.error));
  });
  window.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    said.fail(event.reason, lineOfError(event.reason));
  });
}

function displayed(value: unknown): Node {
  if (value instanceof Node) return value;
  const text = document.createElement("pre");
  text.className = "javascript-line";
  text.textContent = told(value);
  return text;
}
