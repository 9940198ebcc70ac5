// How the pages look and feel to whoever is logged in. The server keeps it, and renders it as attributes of <html>, so a
// page has it before its first paint; what is chosen shows there at once, and in the other pages of this browser when it
// is stored. Other browsers hear of it with the next heartbeat.

import { callRest } from "./rest";

export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  readonly code_size: "small" | "medium" | "large" | "huge";
  readonly key_map: "jupyter" | "vim" | "emacs";
  readonly has_line_numbers: boolean;
}

const CHANGED = "tandem-preferences-changed";
/** The other pages of this browser. */
let pages: BroadcastChannel | null = null;
/** Changes on their way to the server: what it says meanwhile may be from before. */
let unstored = 0;

// Not where tests of other modules run: it would keep them from ending.
if (typeof document !== "undefined") {
  pages = new BroadcastChannel("tandem-preferences");
  pages.addEventListener("message", ({ data }: MessageEvent<Preferences>) => show(data));
}

/** As they are shown. */
export function preferences(): Preferences {
  const { theme, codeSize, keyMap, lineNumbers } = document.documentElement.dataset;
  return {
    theme: (theme ?? "system") as Preferences["theme"],
    code_size: (codeSize ?? "medium") as Preferences["code_size"],
    key_map: (keyMap ?? "jupyter") as Preferences["key_map"],
    has_line_numbers: lineNumbers === "true",
  };
}

/** Show the changes, and have them kept. Rejects with why that did not work; then they are not shown either. */
export async function choosePreferences(changes: Partial<Preferences>): Promise<void> {
  const before = preferences();
  show({ ...before, ...changes });
  unstored += 1;
  try {
    const stored = await callRest("PATCH", "/api/v1/preferences/", changes);
    pages?.postMessage(stored);
  } catch (error) {
    show(before);
    throw error;
  } finally {
    unstored -= 1;
  }
}

/** What the server has. */
export function heardPreferences(stored: Preferences): void {
  if (unstored === 0) show(stored);
}

/** `listener` gets what they were before. */
export function onPreferencesChange(listener: (before: Preferences) => void, signal?: AbortSignal): void {
  const heard = (event: Event): void => listener((event as CustomEvent<Preferences>).detail);
  window.addEventListener(CHANGED, heard, signal ? { signal } : {});
}

/** The colours that are shown now. */
export function currentScheme(): "light" | "dark" {
  const { theme } = preferences();
  if (theme !== "system") return theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function onSchemeChange(listener: () => void, signal: AbortSignal): void {
  onPreferencesChange((before) => before.theme !== preferences().theme && listener(), signal);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener, { signal });
}

function show({ theme, code_size, key_map, has_line_numbers }: Preferences): void {
  const before = preferences();
  const shown = { theme, codeSize: code_size, keyMap: key_map, lineNumbers: String(has_line_numbers) };
  Object.assign(document.documentElement.dataset, shown);
  if (JSON.stringify(before) === JSON.stringify(preferences())) return;
  window.dispatchEvent(new CustomEvent<Preferences>(CHANGED, { detail: before }));
}
