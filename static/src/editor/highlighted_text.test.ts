import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ensureSyntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { highlightTree } from "@lezer/highlight";
import { style } from "./appearance";
import { type Token, tokensOf } from "./highlighted_text";
import { type Grammar, type Language, loadedLanguage, loadLanguage } from "./languages";

const PYTHON = `# What it says
import pandas as pd

class Series(Base):
    """A text
    of lines."""
    def total(self, *values: int) -> float:
        return sum(v ** 2 for v in values) + 1.5 if values else None

s = f"{s.total(1)!r}\\n"\tand 'ünï 😀'`;

const TEXTS: readonly [Language, string][] = [
  ["python", PYTHON],
  ["python", "if ("],
  ["python", "a\r\n\n\nb = 1\n"],
  ["sql", "select count(*), 'a''b' from \"t\" -- all\nwhere x > 1.5"],
  ["mysql", "select `a b` from t"],
  ["markdown", "# Title\n\n*one* **two** `three`\n\n```python\nx = 1\n```\n> [link](https://example.org)"],
  ["javascript", "const a = (b) => `x ${b}`; // say\nexport default class {}"],
  ["r", "f <- function(x) x + 1 # add"],
];

/** As an editor on this text colours it, line by line. */
function tokensInEditor(text: string, grammar: Grammar): Token[] {
  const state = EditorState.create({ doc: text, extensions: [EditorState.lineSeparator.of("\n"), grammar] });
  const tree = ensureSyntaxTree(state, state.doc.length, 10_000);
  assert.ok(tree);
  const classes = Array.from({ length: text.length }, () => "");
  highlightTree(tree, style, (from, to, of) => classes.fill(of, from, to));
  return charactersOf([...text.split("")].map((character, at) => ({ text: character, classes: classes[at] ?? "" })));
}

/** One token for each UTF-16 unit, line breaks without a colour. */
function charactersOf(tokens: readonly Token[]): Token[] {
  return tokens.flatMap(({ text, classes }) =>
    text.split("").map((character) => ({ text: character, classes: character === "\n" ? "" : classes })),
  );
}

describe("highlighted text", () => {
  for (const [language, text] of TEXTS) {
    test(`has the tokens of an editor: ${language}, ${JSON.stringify(text.slice(0, 20))}`, async () => {
      const grammar = await loadLanguage(language);
      const tokens = tokensOf(text, grammar);
      assert.deepEqual(charactersOf(tokens), tokensInEditor(text, grammar));
      assert.ok(tokens.some(({ classes }) => classes.startsWith("tok-")));
    });
  }

  test("without a grammar is the text", async () => {
    assert.deepEqual(tokensOf("a = 1", await loadLanguage("text")), [{ text: "a = 1", classes: "" }]);
  });

  test("of any length is all there, though not all is coloured", async () => {
    const text = "value = 1\n".repeat(2_000);
    const tokens = tokensOf(text, await loadLanguage("python"));
    assert.equal(tokens.map((token) => token.text).join(""), text);
    assert.ok((tokens.at(-1)?.text.length ?? 0) > text.length / 2);
  });
});

describe("a grammar", () => {
  test("is there at once when it was loaded before", async () => {
    assert.equal(loadedLanguage("rust"), undefined);
    const grammar = await loadLanguage("rust");
    assert.equal(loadedLanguage("rust"), grammar);
    assert.equal(await loadLanguage("rust"), grammar);
  });
});
