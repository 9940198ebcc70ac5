// anywidget's own classes. It comes as an AMD module, which asks a global `define` for ipywidgets' base.

import * as base from "@jupyter-widgets/base";

type View = new (...given: never[]) => base.DOMWidgetView;
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
  const { AnyView, ...others } = await classes;
  return { ...others, AnyView: explaining(AnyView as View) };
}

/** A view whose code cannot be loaded, or fails, says so in its place: anywidget tells the console alone. */
function explaining(AnyView: View): View {
  return class extends AnyView {
    override render(): unknown {
      const stop = new AbortController();
      window.addEventListener("unhandledrejection", ({ reason }) => explain(this.el, reason), stop);
      window.addEventListener("error", ({ error }) => explain(this.el, error), stop);
      this.once("remove", () => stop.abort());
      return super.render();
    }
  };
}

/** Of several widgets nobody knows which has failed; the one that shows nothing is not ready, at least. */
function explain(element: HTMLElement, error: unknown): void {
  if (element.childElementCount > 0 || element.textContent.trim()) return;
  const note = document.createElement("p");
  note.className = "output-note";
  note.textContent = `This widget cannot be shown. If its code comes from the network: outputs reach nothing there. (${String(error)})`;
  element.append(note);
}
