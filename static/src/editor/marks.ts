// What is marked in a text: what was found, what a linter has to say, and where the last run failed. The first two move
// along with edits until they are told anew; of a text that was edited nobody knows where it would fail.

import { type ChangeDesc, type EditorState, type Extension, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

/** In UTF-16 units. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Replacement extends Range {
  readonly insert: string;
}

export interface Problem extends Range {
  /** For people. */
  readonly message: string;
}

export interface Found {
  readonly ranges: readonly Range[];
  readonly current: Range | null;
}

export const foundSet = StateEffect.define<Found>();
export const problemsSet = StateEffect.define<readonly Problem[]>();
export const failureSet = StateEffect.define<Problem | null>();

const FOUND = Decoration.mark({ class: "cm-found" });
const CURRENT = Decoration.mark({ class: "cm-found cm-found-current" });

const found = fieldOf(foundSet, ({ ranges, current }, length) =>
  built(ranges, length, ({ from, to }) => (current?.from === from && current.to === to ? CURRENT : FOUND)),
);

const problems = fieldOf(problemsSet, (told, length) => built(told, length, (problem) => underlined("cm-problem", problem)));

const failure = fieldOf(
  failureSet,
  (told, length) => built(told ? [told] : [], length, (problem) => underlined("cm-failure", problem)),
  () => Decoration.none,
);

export function marks(): Extension {
  return [found, problems, failure];
}

/** What is underlined, in the order of the text. */
export function problemsIn(state: EditorState): Problem[] {
  const marked: Problem[] = [];
  for (const field of [problems, failure]) {
    state.field(field).between(0, state.doc.length, (from, to, { spec }) => void marked.push({ from, to, message: spec.message }));
  }
  return marked.sort((a, b) => a.from - b.from || a.to - b.to);
}

function underlined(name: string, { message }: Problem): Decoration {
  return Decoration.mark({ class: name, message });
}

function fieldOf<T>(
  effect: ReturnType<typeof StateEffect.define<T>>,
  draw: (value: T, length: number) => DecorationSet,
  edited = (shown: DecorationSet, changes: ChangeDesc) => shown.map(changes),
) {
  return StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(shown, transaction) {
      const told = transaction.effects.find((each) => each.is(effect));
      if (told) return draw(told.value as T, transaction.newDoc.length);
      return transaction.docChanged ? edited(shown, transaction.changes) : shown;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

/** Told of a text that may be another by now: what does not fit is left out. */
function built<R extends Range>(ranges: readonly R[], length: number, mark: (range: R) => Decoration): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const fitting = ranges.filter(({ from, to }) => from < to && to <= length);
  for (const range of [...fitting].sort((a, b) => a.from - b.from || a.to - b.to)) builder.add(range.from, range.to, mark(range));
  return builder.finish();
}
