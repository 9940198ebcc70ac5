import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BLOCK_LENGTH, BLOCK_LINES, parse, REACH, Screen } from "./terminal";
import type { Segment } from "./terminal_line";
import { applySgr } from "./terminal_style";

function segmentsOf(text: string): Segment[] {
  const { blocks, unfinished } = parse(text);
  return [...blocks.flatMap((block) => block.segments), ...unfinished];
}

function plain(text: string): string {
  return segmentsOf(text)
    .map((segment) => segment.text)
    .join("");
}

describe("text", () => {
  test("plain lines stay as they are", () => {
    assert.equal(plain("a\n\n b\tc\nd"), "a\n\n b\tc\nd");
  });

  test("text in pieces is the same as text at once", () => {
    const text =
      "one\n\x1b[31mred\x1b[0m\rRED\ntwo\x1b]8;;http://x\x07link\x1b]8;;\x07\n 50%\r100%" +
      "\n".repeat(REACH * 3) +
      "up\x1b[3Aabove\x1b[2B\n";
    const screen = new Screen();
    for (const character of text) screen.write(character);
    const pieces = [...screen.takeBlocks().flatMap((block) => block.segments), ...screen.unfinished];
    assert.equal(pieces.map((each) => each.text).join(""), plain(text));
  });

  test("a million lines are bounded blocks", () => {
    const line = "x".repeat(6) + "\n";
    const { blocks } = parse(line.repeat(1_000_000));
    assert.equal(
      blocks.reduce((sum, block) => sum + block.lines, 0),
      1_000_001 - REACH,
    );
    assert.ok(blocks.every((block) => block.lines <= BLOCK_LINES && block.length <= BLOCK_LENGTH + 7));
  });

  test("a line without end is cut into blocks", () => {
    const { blocks, unfinished } = parse("x".repeat(BLOCK_LENGTH * 3));
    const segments = [...blocks.flatMap((block) => block.segments), ...unfinished];
    assert.equal(segments.reduce((sum, each) => sum + each.text.length, 0), BLOCK_LENGTH * 3);
  });
});

describe("the last line", () => {
  test("a carriage return writes over it", () => {
    assert.equal(plain("10%\r100%"), "100%");
    assert.equal(plain("long text\rshort"), "shorttext");
  });

  test("CRLF is a line feed", () => {
    assert.equal(plain("a\r\nb"), "a\nb");
  });

  test("a backspace steps back", () => {
    assert.equal(plain("ab\bc"), "ac");
    assert.equal(plain("\b\bx"), "x");
  });

  test("erase in line", () => {
    assert.equal(plain("long text\r\x1b[Kok"), "ok");
    assert.equal(plain("long\r\x1b[2Kok"), "ok");
  });

  test("the line above is not reached by going back", () => {
    assert.equal(plain("done\nnext\r\r\b\bNEXT"), "done\nNEXT");
  });
});

describe("moves", () => {
  test("two bars are redrawn in place", () => {
    const drawn = (outer: number, inner: number): string => `\router ${outer}%\n\rinner ${inner}%\x1b[A`;
    assert.equal(plain(drawn(0, 0) + drawn(0, 50) + drawn(50, 100)), "outer 50%\ninner 100%");
  });

  test("lines are erased and drawn again", () => {
    const cleared = "\r\x1b[2K\x1b[1A\x1b[2K";
    assert.equal(plain(`first\nsecond${cleared}1\n2`), "1\n2");
    assert.equal(plain("first\nsecond\x1b[F\x1b[Jafter"), "after");
    assert.equal(plain("first\nsecond\x1b[2Jgoes on"), "first\nsecondgoes on");
  });

  test("to a column, forward over what is not written yet, and down to the last line", () => {
    assert.equal(plain("abc\x1b[2GB\x1b[2Ce\n"), "aBc e\n");
    assert.equal(plain("a\nb\x1b[1A\x1b[9Bc"), "a\nbc");
    assert.ok(plain("\x1b[999999999Cx").length < 2000);
  });

  test("no line above what the cursor reaches changes", () => {
    const lines = Array.from({ length: REACH * 2 }, (_, number) => `line ${number}`);
    const text = plain(`${lines.join("\n")}\x1b[${REACH * 3}A\r!`).split("\n");
    assert.equal(text.findIndex((line) => line.startsWith("!")), REACH);
    assert.equal(text.length, lines.length);
  });
});

describe("colours", () => {
  test("styles begin and end", () => {
    assert.deepEqual(segmentsOf("a\x1b[1;31mb\x1b[0mc"), [
      { text: "a", style: null },
      { text: "b", style: { bold: true, foreground: 1 } },
      { text: "c", style: null },
    ]);
  });

  test("an empty parameter is a reset", () => {
    assert.equal(applySgr({ bold: true }, ""), null);
  });

  test("bright, background and 256 colours, truecolor", () => {
    assert.deepEqual(applySgr(null, "91;42"), { foreground: 9, background: 2 });
    assert.deepEqual(applySgr(null, "38;5;196"), { foreground: "#ff0000" });
    assert.deepEqual(applySgr(null, "38;5;9"), { foreground: 9 });
    assert.deepEqual(applySgr(null, "48;5;232"), { background: "#080808" });
    assert.deepEqual(applySgr(null, "38;2;1;2;255;1"), { foreground: "#0102ff", bold: true });
  });

  test("attributes go off alone", () => {
    assert.deepEqual(applySgr({ bold: true, dim: true, italic: true, foreground: 1 }, "22;39"), { italic: true });
  });

  test("a colour over several lines", () => {
    assert.deepEqual(segmentsOf("\x1b[32mgreen\nstill\x1b[0m"), [
      { text: "green", style: { foreground: 2 } },
      { text: "\n", style: null },
      { text: "still", style: { foreground: 2 } },
    ]);
  });

  test("unknown sequences vanish", () => {
    assert.equal(plain("a\x1b[2Jb\x1b[?25lc\x1b(Bd\x07e"), "abcde");
  });
});
