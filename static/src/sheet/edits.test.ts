import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChangeSet, Text } from "@codemirror/state";
import type { Replacement } from "../editor/marks";
import { addColumns, changeColumn, deleteColumns, deleteRows, insertColumn, insertRows, putValues } from "./edits";
import { paste, rowsIn, TooMuch, unused } from "./pasting";
import { columnsOf, type SheetColumn } from "./sheet_text";

const SHEET = "a:text,b:number,c:text\nx,1,p\ny,2,q\nz,3";

function docOf(text: string): Text {
  return Text.of(text.split("\n"));
}

function after(text: string, edit: (doc: Text) => readonly Replacement[]): string {
  const doc = docOf(text);
  return ChangeSet.of(edit(doc), doc.length).apply(doc).toString();
}

/** Both were made on the same text; one came first, the other is rebased over it. */
function merged(text: string, one: (doc: Text) => readonly Replacement[], other: (doc: Text) => readonly Replacement[]): string {
  const doc = docOf(text);
  const [first, second] = [ChangeSet.of(one(doc), doc.length), ChangeSet.of(other(doc), doc.length)];
  return first.compose(second.map(first)).apply(doc).toString();
}

describe("values", () => {
  test("only what is another changes", () => {
    assert.deepEqual(putValues(docOf(SHEET), 0, 1, [["1"], ["7"]]), [{ from: 31, to: 32, insert: "7" }]);
    assert.equal(after(SHEET, (doc) => putValues(doc, 1, 1, [["7"]])), "a:text,b:number,c:text\nx,1,p\ny,7,q\nz,3");
  });

  test("a short row becomes as long as it has to be", () => {
    assert.equal(after(SHEET, (doc) => putValues(doc, 2, 2, [["r"]])), `${SHEET},r`);
    assert.deepEqual(putValues(docOf(SHEET), 2, 2, [[""]]), []);
    assert.equal(after("a,b,c\n\n", (doc) => putValues(doc, 0, 0, [["1", "", "3"]])), "a,b,c\n1,,3\n");
  });

  test("what breaks lines is written so that it does not", () => {
    assert.equal(after("a\nx", (doc) => putValues(doc, 0, 0, [['1\n"2", 3']])), 'a\n"1\\n""2"", 3"');
  });

  test("rows below the last are added, after a line break that is there", () => {
    assert.equal(after("a,b\n1,2", (doc) => putValues(doc, 1, 1, [["x"], ["y"]])), "a,b\n1,2\n,x\n,y");
    assert.equal(after("a,b\n1,2\n", (doc) => putValues(doc, 0, 0, [["9"], ["y"]])), "a,b\n9,2\ny");
    assert.equal(after("a", (doc) => putValues(doc, 0, 0, [["1"]])), "a\n1");
  });

  test("those of different rows merge, and of different columns of one row", () => {
    const text = merged(SHEET, (doc) => putValues(doc, 0, 0, [["ONE"]]), (doc) => putValues(doc, 2, 1, [["99"]]));
    assert.equal(text, "a:text,b:number,c:text\nONE,1,p\ny,2,q\nz,99");
    assert.equal(merged(SHEET, (doc) => putValues(doc, 0, 0, [["ONE"]]), (doc) => putValues(doc, 0, 2, [["THREE"]])).split("\n")[1], "ONE,1,THREE");
  });
});

describe("rows", () => {
  test("are inserted and deleted", () => {
    assert.equal(after(SHEET, (doc) => insertRows(doc, 1, 2, 3)), "a:text,b:number,c:text\nx,1,p\n,,\n,,\ny,2,q\nz,3");
    assert.equal(after(SHEET, (doc) => insertRows(doc, 3, 1, 3)), `${SHEET}\n,,`);
    assert.equal(after(SHEET, (doc) => deleteRows(doc, 0, 1)), "a:text,b:number,c:text\nz,3");
    assert.equal(after(SHEET, (doc) => deleteRows(doc, 2, 9)), "a:text,b:number,c:text\nx,1,p\ny,2,q");
    assert.deepEqual(deleteRows(docOf(SHEET), 3, 3), []);
  });

  test("a row that another deletes leaves the edits of its neighbours", () => {
    const text = merged(SHEET, (doc) => deleteRows(doc, 1, 1), (doc) => putValues(doc, 2, 0, [["Z"]]));
    assert.equal(text, "a:text,b:number,c:text\nx,1,p\nZ,3");
  });
});

describe("columns", () => {
  const column: SheetColumn = { name: "new", type: "date" };

  test("are inserted before another", () => {
    assert.equal(after(SHEET, (doc) => insertColumn(doc, 0, column)), "new:date,a:text,b:number,c:text\n,x,1,p\n,y,2,q\n,z,3");
    assert.equal(after(SHEET, (doc) => insertColumn(doc, 2, column)), "a:text,b:number,new:date,c:text\nx,1,,p\ny,2,,q\nz,3");
  });

  test("at the end only the first line changes", () => {
    assert.equal(after(SHEET, (doc) => insertColumn(doc, 3, column)), SHEET.replace("c:text", "c:text,new:date"));
    assert.equal(after(SHEET, (doc) => addColumns(doc, [column])), SHEET.replace("c:text", "c:text,new:date"));
  });

  test("are deleted with one comma each", () => {
    assert.equal(after(SHEET, (doc) => deleteColumns(doc, 0, 0)), "b:number,c:text\n1,p\n2,q\n3");
    assert.equal(after(SHEET, (doc) => deleteColumns(doc, 1, 2)), "a:text\nx\ny\nz");
    assert.equal(after(SHEET, (doc) => deleteColumns(doc, 2, 2)), "a:text,b:number\nx,1\ny,2\nz,3");
  });

  test("have another name or type without a change of any value", () => {
    assert.deepEqual(changeColumn(docOf(SHEET), 1, { name: "b, c", type: "text" }), [{ from: 7, to: 15, insert: '"b, c:text"' }]);
  });

  test("a new one merges with what others fill in", () => {
    const text = merged(SHEET, (doc) => insertColumn(doc, 1, column), (doc) => putValues(doc, 0, 0, [["X"]]));
    assert.equal(text.split("\n")[1], "X,,1,p");
  });
});

describe("pasting", () => {
  const pasted = (text: string, row: number, column: number, tsv: string): string =>
    after(text, (doc) => paste(doc, columnsOf(doc.line(1).text) as SheetColumn[], { row, column }, rowsIn(tsv)));

  test("text of spreadsheets is read as it was copied", () => {
    assert.deepEqual(rowsIn("a\tb\n1\t2\n"), [["a", "b"], ["1", "2"]]);
    assert.deepEqual(rowsIn('"x\ty"\t"say ""b"""\n"l1\nl2"\t'), [["x\ty", 'say "b"'], ["l1\nl2", ""]]);
    assert.deepEqual(rowsIn('5" pipe\t"open'), [['5" pipe', '"open']]);
    assert.deepEqual(rowsIn("one"), [["one"]]);
    assert.deepEqual(rowsIn("a\n\nb"), [["a"], [""], ["b"]]);
  });

  test("what goes beyond makes rows and columns", () => {
    const text = pasted("a:text,b:number\nx,1", 0, 1, "5\t2026-11-22\n6\t2026-11-23");
    assert.equal(text, "a:text,b:number,column_3:date\nx,5,2026-11-22\n,6,2026-11-23");
  });

  test("a column without values takes the type of what comes, one with values keeps its own", () => {
    assert.equal(pasted("a:text,b:number\n,\n,", 0, 0, "1\tx\n2\ty"), "a:number,b:text\n1,x\n2,y");
    assert.equal(pasted("a:text,b:text\nx,\n,", 1, 0, "1\t2"), "a:text,b:number\nx,\n1,2");
  });

  test("on the head the first row has the names", () => {
    assert.equal(pasted("item:text,amount:number\n,\n,", -1, 0, "city\tpeople\tcity\nRome\t28\tIT"), "city:text,people:number,city_2:text\nRome,28,IT\n,");
  });

  test("what does not fit is refused", () => {
    assert.throws(() => pasted("a", 0, 0, "x\n".repeat(10_001)), TooMuch);
    assert.throws(() => pasted("a", 0, 0, "x\t".repeat(101)), TooMuch);
  });

  test("names that are taken get a number", () => {
    assert.equal(unused("a", ["b"]), "a");
    assert.equal(unused("a", ["a", "a_2"]), "a_3");
  });
});
