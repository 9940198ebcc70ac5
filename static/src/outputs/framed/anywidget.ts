// anywidget's own classes. It comes as an AMD module, which asks a global `define` for ipywidgets' base.

import * as base from "@jupyter-widgets/base";

type Classes = Record<string, unknown>;
type Define = (needs: readonly string[], make: (...found: unknown[]) => Classes) => void;

let loading: Promise<Classes> | null = null;

export function loadAnywidget(): Promise<Classes> {
  return (loading ??= load());
}

async function load(): Promise<Classes> {
  const scope = globalThis as { define?: Define };
  const before = scope.define;
  const classes = new Promise<Classes>((resolve) => {
    scope.define = (_needs, make) => resolve(make(base));
  });
  await import("anywidget");
  if (before) scope.define = before;
  else delete scope.define;
  return await classes;
}
