// Light, dark, or as the system has it: the choice is the browser's (localStorage) and shows as `data-theme` on
// <html>. `theme.ts` sets it before the first paint.

export type Theme = "light" | "dark" | "system";

const KEY = "tandem-theme";
const CHANGED = "tandem-theme-changed";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function storedTheme(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system";
  } catch {
    // Storage can be forbidden; then the system decides.
    return "system";
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then holds for this page only.
  }
  applyTheme(theme);
  window.dispatchEvent(new Event(CHANGED));
}

export function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(storedTheme()) + 1) % THEMES.length] ?? "system";
}

export function currentScheme(): "light" | "dark" {
  const theme = storedTheme();
  if (theme !== "system") return theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function onSchemeChange(listener: () => void, signal: AbortSignal): void {
  window.addEventListener(CHANGED, listener, { signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener, { signal });
}
