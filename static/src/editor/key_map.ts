// The keys of Vim or Emacs in a text, for whoever chose them. They are loaded when they are first needed, and have the
// keys before the editor's own; the page's commands (commands/key_listener.ts) have theirs before both.

import { completionStatus } from "@codemirror/autocomplete";
import { Compartment, type Extension, Prec } from "@codemirror/state";
import { EditorView, ViewPlugin } from "@codemirror/view";
import { onPreferencesChange, type Preferences, preferences } from "../preferences";

type KeyMap = Preferences["key_map"];

/** Those that are chosen, now and later. `leave`: Escape, when they have no use for it themselves. */
export function chosenKeys(leave: () => void): Extension {
  const keys = new Compartment();
  const following = ViewPlugin.define((view) => {
    const stop = new AbortController();
    let wanted: KeyMap = "jupyter";
    const follow = (): void => {
      const { key_map } = preferences();
      if (key_map === wanted) return;
      wanted = key_map;
      const show = (extension: Extension): void => {
        if (wanted === key_map && !stop.signal.aborted) view.dispatch({ effects: keys.reconfigure(extension) });
      };
      // Without them, if they cannot be loaded, people can still type.
      load(key_map, leave).then(show, () => show([]));
    };
    // The size of the code is one of the preferences.
    onPreferencesChange(() => (follow(), view.requestMeasure()), stop.signal);
    follow();
    return { destroy: () => stop.abort() };
  });
  return [Prec.highest(keys.of([])), following];
}

async function load(keyMap: KeyMap, leave: () => void): Promise<Extension> {
  switch (keyMap) {
    case "jupyter":
      return [];
    case "vim": {
      const { getCM, vim } = await import("@replit/codemirror-vim");
      const isAtRest = (view: EditorView): boolean => {
        const state = getCM(view)?.state.vim;
        if (!state || state.insertMode || state.visualMode) return false;
        return state.inputState.keyBuffer.length === 0 && !state.inputState.operator;
      };
      // What Vim had begun ends with Escape, and no more than that.
      return [onEscape(isAtRest, leave), vim(), onEscape(() => true, () => {})];
    }
    case "emacs": {
      const { emacs, EmacsHandler } = await import("@replit/codemirror-emacs");
      // Enter takes what is offered and indents, and arrows leave the cell, as they do without Emacs.
      EmacsHandler.bindKey("Return|Up|Down", undefined);
      return [onEscape((view) => completionStatus(view.state) === null, leave), emacs()];
    }
  }
}

function onEscape(isMeant: (view: EditorView) => boolean, run: () => void): Extension {
  return EditorView.domEventHandlers({
    keydown: (event, view) => {
      const isEscape = event.key === "Escape" || (event.ctrlKey && event.key === "[");
      if (!isEscape || !isMeant(view)) return false;
      run();
      return true;
    },
  });
}
