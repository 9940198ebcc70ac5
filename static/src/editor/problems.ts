// What is wrong in a text, in words: under the mouse, or by keys from one mark to the next. By keys it is also read to
// whoever uses a screen reader.

import { EditorSelection, type EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { EditorView, hoverTooltip, showTooltip, type Tooltip } from "@codemirror/view";
import { type Problem, problemsIn } from "./marks";

const shownSet = StateEffect.define<Problem>();

/** The one that keys led to, until the cursor or the text is elsewhere. */
const shown = StateField.define<Problem | null>({
  create: () => null,
  update(problem, { effects, docChanged, selection }) {
    const told = effects.find((each) => each.is(shownSet));
    if (told) return told.value as Problem;
    return docChanged || selection ? null : problem;
  },
  provide: (field) => showTooltip.from(field, (problem) => problem && tooltipOf([problem])),
});

export function problemTooltips(): Extension {
  return [shown, hoverTooltip((view, position) => tooltipAt(view.state, position))];
}

/** Go to the next problem after the cursor or the one before it, round the ends of the text; false if there is none. */
export function goToProblem(view: EditorView, direction: 1 | -1): boolean {
  const problems = problemsIn(view.state);
  const { head } = view.state.selection.main;
  const problem =
    direction === 1
      ? (problems.find(({ from }) => from > head) ?? problems[0])
      : (problems.findLast(({ from }) => from < head) ?? problems.at(-1));
  if (!problem) return false;
  view.dispatch({
    selection: EditorSelection.cursor(problem.from),
    effects: [shownSet.of(problem), EditorView.announce.of(problem.message)],
    scrollIntoView: true,
  });
  return true;
}

function tooltipAt(state: EditorState, position: number): Tooltip | null {
  const here = problemsIn(state).filter(({ from, to }) => from <= position && position <= to);
  return here.length > 0 ? tooltipOf(here) : null;
}

function tooltipOf(problems: readonly Problem[]): Tooltip {
  return {
    pos: Math.min(...problems.map(({ from }) => from)),
    end: Math.max(...problems.map(({ to }) => to)),
    above: true,
    create: () => ({ dom: cardOf(problems) }),
  };
}

function cardOf(problems: readonly Problem[]): HTMLElement {
  const card = document.createElement("div");
  card.className = "problem-card";
  for (const { message } of problems) {
    const line = document.createElement("p");
    line.textContent = message;
    card.append(line);
  }
  return card;
}
