import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError } from "../protocol/socket";
import type { TableContent } from "./content";
import { Pages } from "./pages";
import type { Page } from "./questions";
import { type View, WHOLE } from "./view";

const COLUMN = { name: "n", type: "int64", kind: "number", is_index: false, summary: null } as const;
const rowsOf = (first: number, end: number): string[][] =>
  [...Array(end - first).keys()].map((index) => [String(first + index)]);
const CONTENT: TableContent = {
  ...{ table_id: "t", row_count: 10_000, column_count: 1, columns: [COLUMN], note: "" },
  rows: rowsOf(0, 50),
};
const BACKWARDS: View = { ...WHOLE, sort: [{ column: 0, is_descending: true }] };

/** A server whose answers the test gives, in order. */
class Server {
  asked: { view: View; offset: number; limit: number; give(page: Page): void; refuse(code: string): void }[] = [];

  load = (view: View, offset: number, limit: number): Promise<Page> =>
    new Promise((resolve, reject) => {
      const refuse = (code: string): void => reject(new CommandError({ code, message: `It is ${code}.`, details: {} }));
      this.asked.push({ view, offset, limit, give: resolve, refuse });
    });

  /** The next answer: the rows that were asked for. */
  async give(rowCount = 10_000): Promise<void> {
    const { offset, limit, give } = this.#next();
    const end = Math.min(rowCount, offset + limit);
    give({ row_count: rowCount, numbers: [...Array(end - offset).keys()].map((n) => offset + n), rows: rowsOf(offset, end) });
    await settled();
  }

  async refuse(code: string): Promise<void> {
    this.#next().refuse(code);
    await settled();
  }

  #next(): Server["asked"][number] {
    const next = this.asked.shift();
    assert.ok(next, "nothing was asked");
    return next;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function pages(server: Server): Pages {
  return new Pages(CONTENT, server.load, { changed: () => {} });
}

test("what came with the output is not asked for", async () => {
  const server = new Server();
  const table = pages(server);
  table.want(0, 20);
  await settled();
  assert.equal(server.asked.length, 0);
  assert.deepEqual(table.row(49), { cells: ["49"], number: 49 });
});

test("one request at a time, for what is in view then", async () => {
  const server = new Server();
  const table = pages(server);
  table.want(1000, 1020);
  table.want(2000, 2020);
  table.want(8000, 8020);
  assert.deepEqual(server.asked.map(({ offset }) => offset), [950]);
  await server.give();
  assert.deepEqual(server.asked.map(({ offset }) => offset), [7950]);
  await server.give();
  assert.equal(server.asked.length, 0);
  assert.equal(table.row(8019)?.number, 8019);
  assert.equal(table.state, "ready");
});

test("another view begins at the top, and what comes late of the old one is dropped", async () => {
  const server = new Server();
  const table = pages(server);
  table.want(1000, 1020);
  table.show(BACKWARDS);
  await server.give();
  assert.equal(table.row(1000), undefined);
  assert.equal(server.asked[0]?.view, BACKWARDS);
  await server.give(7);
  assert.equal(table.rowCount, 7);
  table.show(WHOLE);
  assert.equal(table.rowCount, 10_000);
  assert.ok(table.row(0));
});

test("a refused view leaves what was shown, with the reason", async () => {
  const server = new Server();
  const table = pages(server);
  table.show(BACKWARDS);
  await server.refuse("invalid");
  assert.deepEqual([table.state, table.message, table.view], ["refused", "It is invalid.", WHOLE]);
  assert.ok(table.row(0));
});

test("while the kernel is busy it is tried again; when somebody looks again, at once", async () => {
  const server = new Server();
  const table = pages(server);
  table.want(500, 510);
  await server.refuse("unavailable");
  assert.equal(table.state, "waiting");
  table.want(500, 510);
  assert.equal(server.asked.length, 0);
  table.retry();
  await server.give();
  assert.equal(table.state, "ready");
  table.stop();
});

test("a table that the kernel does not have ends with what is here", async () => {
  const server = new Server();
  const table = pages(server);
  table.show(BACKWARDS);
  await server.refuse("not_found");
  assert.deepEqual([table.state, table.rowCount, table.view], ["gone", 50, WHOLE]);
  table.want(0, 50);
  table.show(BACKWARDS);
  assert.equal(server.asked.length, 0);
  assert.equal(table.state, "gone");
});

test("rows to copy are got wherever they are", async () => {
  const server = new Server();
  const table = pages(server);
  const copied = table.rows(40, 1100);
  for (let asked = 0; asked < 3; asked++) {
    await settled();
    await server.give();
  }
  assert.deepEqual((await copied).map(({ number }) => number), [...Array(1060).keys()].map((n) => 40 + n));
});
