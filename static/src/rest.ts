// Calls of the REST API by the pages themselves.

import { find } from "./dom";

/** What the server answered, or that it did not; `message` is for people. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const BROKEN_OFF = "The connection broke off. Nothing was changed; try again.";

/** What was answered, as JSON. Rejects with a `RequestError`. */
export async function callRest(method: string, url: string, body?: object): Promise<unknown> {
  const headers = { "X-CSRFToken": csrfToken(), ...(body ? { "Content-Type": "application/json" } : {}) };
  const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }).catch(() => {
    throw new RequestError("broken_off", BROKEN_OFF);
  });
  const text = await response.text();
  if (!response.ok) throw errorOf(text);
  return text ? JSON.parse(text) : null;
}

export function errorOf(text: string): RequestError {
  try {
    const { code, message } = JSON.parse(text) as { code: string; message: string };
    return new RequestError(code, message);
  } catch {
    return new RequestError("internal", "The server could not answer. Try again in a moment.");
  }
}

/** Every page has it, in the form to log out. */
export function csrfToken(): string {
  return find<HTMLInputElement>(document, "input[name=csrfmiddlewaretoken]").value;
}
