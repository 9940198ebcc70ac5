import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NODE } from "./geometry";
import { layOut } from "./layout";

const ROOM = { width: 600, height: 800 };

function chain(length: number): { nodes: string[]; arrows: { from: string; to: string }[] } {
  const nodes = Array.from({ length }, (_, index) => `${index}`);
  return { nodes, arrows: nodes.slice(1).map((to, index) => ({ from: `${index}`, to })) };
}

describe("a layout", () => {
  test("goes down where there are many layers", () => {
    const { places, lines } = layOut({ ...chain(9), room: ROOM });
    const ys = [...places.values()].map(({ y }) => y);
    assert.deepEqual(ys, ys.toSorted((a, b) => a - b));
    assert.equal(lines.length, 8);
  });

  test("goes right where a layer has many nodes", () => {
    const nodes = ["root", ...chain(60).nodes];
    const arrows = chain(60).nodes.map((to) => ({ from: "root", to }));
    const { places, width, height } = layOut({ nodes, arrows, room: ROOM });
    assert.ok(width < height);
    assert.ok((places.get("0")?.x ?? 0) > (places.get("root")?.x ?? 0) + NODE.width);
  });

  test("puts what is connected to nothing into rows below", () => {
    const { places, width, height } = layOut({ ...chain(2), nodes: ["0", "1", ...letters(8)], room: ROOM });
    const below = letters(8).map((id) => places.get(id)?.y ?? 0);
    assert.ok(Math.min(...below) > Math.max(places.get("0")?.y ?? 0, places.get("1")?.y ?? 0) + NODE.height);
    assert.equal(new Set(below).size, 3);
    assert.ok(width <= ROOM.width);
    assert.equal(height, Math.max(...below) + NODE.height / 2);
  });

  test("overlaps no nodes, also with a cycle", () => {
    const arrows = ["ab", "bc", "ca", "ad", "bd", "cd"].map(([from = "", to = ""]) => ({ from, to }));
    const { places } = layOut({ nodes: ["a", "b", "c", "d", "e"], arrows, room: ROOM });
    const points = [...places.values()];
    assert.equal(points.length, 5);
    for (const one of points) {
      const isOver = ({ x, y }: typeof one): boolean =>
        Math.abs(x - one.x) < NODE.width && Math.abs(y - one.y) < NODE.height;
      assert.equal(points.filter(isOver).length, 1);
    }
  });

  test("of a very long chain has a row for each", () => {
    const { places, height, lines } = layOut({ ...chain(5000), room: ROOM });
    assert.equal(new Set([...places.values()].map(({ y }) => y)).size, 5000);
    assert.ok(height > 5000 * NODE.height);
    assert.equal(lines.length, 4999);
  });

  test("of nothing is empty", () => {
    assert.deepEqual(layOut({ nodes: [], arrows: [], room: ROOM }).places.size, 0);
  });
});

function letters(count: number): string[] {
  return [..."abcdefghijklmnop"].slice(0, count);
}
