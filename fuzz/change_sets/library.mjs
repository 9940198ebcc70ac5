// What @codemirror/state makes of cases: a JSON array of cases (cases.py) a line in, an array of outcomes a line out.
// An outcome has the names of outcomes.py, or is null where the library refuses.

import { createInterface } from "node:readline";

import { ChangeSet, Text } from "@codemirror/state";

const document = (text) => Text.of(text.split("\n"));

/** As an editor would have made it: the sections given to the library as changes. */
function canonical(sections) {
  const changes = [];
  let position = 0;
  for (const section of sections) {
    const [length, ...lines] = [section].flat();
    if (Array.isArray(section)) changes.push({ from: position, to: position + length, insert: lines.join("\n") });
    position += length;
  }
  return ChangeSet.of(changes, position, "\n");
}

function received(sections) {
  const made = canonical(sections).toJSON();
  return ChangeSet.fromJSON(JSON.parse(JSON.stringify(made)));
}

function editedTwice({ text, ours, theirs }) {
  const before = document(text);
  const [a, b] = [ours, theirs].map((side) => side.map(received));
  const textAfter = (sets) => sets.reduce((doc, set) => set.apply(doc), before).toString();
  const whole = (sets) => sets.reduce((all, set) => all.compose(set), ChangeSet.empty(before.length));
  const [allA, allB] = [whole(a), whole(b)];
  const rebased = [];
  let over = allA;
  for (const set of b) {
    rebased.push(set.map(over));
    over = over.map(set, true);
  }
  let inverse = ChangeSet.empty(allA.newLength);
  let after = before;
  const texts = [];
  const inverted = [];
  for (const set of a) {
    inverted.push(set.invert(after));
    after = set.apply(after);
    texts.push(after.toString());
  }
  for (const set of inverted.toReversed()) inverse = inverse.compose(set);
  return {
    sets: [...a, ...b],
    texts,
    composed: [allA, allB],
    lengths: [allA.length, allA.newLength],
    inverted: [...inverted, inverse, allA.invert(before), allB.invert(before)],
    mapped: [allA.map(allB), allA.map(allB, true), allB.map(allA), allB.map(allA, true)],
    rebased: [...rebased, over],
    merged_at_once: [[allA.compose(allB.map(allA))], [allB.compose(allA.map(allB, true))]].map(textAfter),
    merged_one_by_one: [
      [allA, ...rebased],
      [...b, over],
    ].map(textAfter),
  };
}

function pushed({ text, value }) {
  const after = ChangeSet.fromJSON(value).apply(document(text));
  return { sets: [canonical(value)], texts: [after.toString()] };
}

function outcome(each) {
  try {
    return "value" in each ? pushed(each) : editedTwice(each);
  } catch {
    return null;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(JSON.parse(line).map(outcome))}\n`);
}
