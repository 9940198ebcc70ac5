// What people ask the assistant from a cell, in words. Pure.

import { nameOf, type Numbers } from "../cells/numbers";
import type { Cell } from "../protocol/types";
import type { Request } from "./services";

export type About = "fix" | "explain";

export function requestAbout(about: About, cell: Cell, numbers: Numbers): Request {
  const name = `@${nameOf(cell.id, numbers)}`;
  const failed = cell.status === "error";
  if (about === "fix") return { message: `${name} fails. Find out why, mend it and run it again.`, cells: [cell] };
  const message = failed ? `Explain why ${name} fails, and how it can be mended.` : `Explain what ${name} does and what it shows.`;
  return { message, cells: [cell] };
}

export function requestToChange(cell: Cell, instruction: string, numbers: Numbers): Request {
  return { message: `In @${nameOf(cell.id, numbers)}: ${instruction}`, cells: [cell] };
}
