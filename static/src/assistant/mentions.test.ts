import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Meant, mentionsIn, offersFor, queryAt } from "./mentions";

const cell = (number: number, about: string): Meant => ({
  name: `cell ${number}`,
  about,
  mention: { kind: "cell", cell_id: `c${number}` },
});
const variable = (name: string): Meant => ({ name, about: "variable", mention: { kind: "variable", name } });
const ALL = [cell(1, "import pandas"), cell(2, "df = load()"), cell(12, "df.plot()"), variable("df"), variable("df_clean")];

describe("what is being mentioned", () => {
  test("is from the @ to the cursor", () => {
    assert.deepEqual(queryAt("look at @df", 11), { start: 8, text: "df" });
    assert.deepEqual(queryAt("@", 1), { start: 0, text: "" });
    assert.deepEqual(queryAt("(@cell 1", 8), { start: 1, text: "cell 1" });
  });

  test("is nothing in an address, or after the name", () => {
    assert.equal(queryAt("ada@example", 11), null);
    assert.equal(queryAt("@df is", 6), null);
    assert.equal(queryAt("no", 2), null);
    assert.equal(queryAt("@df", 0), null);
  });
});

describe("offers", () => {
  const names = (query: string): string[] => offersFor(query, ALL).map(({ name }) => name);

  test("names that begin so come first", () => {
    assert.deepEqual(names("df"), ["df", "df_clean", "cell 2", "cell 12"]);
    assert.deepEqual(names("cell 1"), ["cell 1", "cell 12"]);
  });

  test("what nothing has offers nothing", () => assert.deepEqual(names("xyz"), []));
});

describe("what a message mentions", () => {
  test("is what was chosen and is still there, once", () => {
    const text = "Use @df in @cell 12, not @df_cleaner; @df";
    const chosen = [variable("df"), variable("df"), variable("df_clean"), cell(1, ""), cell(12, "")];
    assert.deepEqual(mentionsIn(text, chosen), [
      { kind: "variable", name: "df" },
      { kind: "cell", cell_id: "c12" },
    ]);
  });
});
