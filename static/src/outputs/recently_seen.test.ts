import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentlySeen, type Releasable } from "./recently_seen";

class Frame implements Releasable {
  isAlive = true;
  isInUse = false;

  release(): void {
    assert.ok(this.isAlive);
    this.isAlive = false;
  }

  restore(): void {
    assert.ok(!this.isAlive);
    this.isAlive = true;
  }
}

function poolOf(count: number): { pool: RecentlySeen; frames: Frame[]; living: () => number[] } {
  const pool = new RecentlySeen(2);
  const frames = Array.from({ length: count }, () => new Frame());
  for (const frame of frames) pool.add(frame);
  const living = (): number[] => frames.flatMap(({ isAlive }, index) => (isAlive ? [index] : []));
  return { pool, frames, living };
}

test("of the far ones, those that were seen last live", () => {
  const { pool, frames, living } = poolOf(5);
  assert.deepEqual(living(), [0, 1, 2, 3, 4]);
  for (const index of [1, 0, 4]) pool.goesFar(frames[index]!);
  assert.deepEqual(living(), [0, 2, 3, 4]);
  pool.comesNear(frames[1]!);
  assert.deepEqual(living(), [0, 1, 2, 3, 4]);
  pool.goesFar(frames[1]!);
  assert.deepEqual(living(), [1, 2, 3, 4]);
});

test("what is in use stays, and takes no room of others", () => {
  const { pool, frames, living } = poolOf(4);
  frames[0]!.isInUse = true;
  for (const frame of frames) pool.goesFar(frame);
  assert.deepEqual(living(), [0, 2, 3]);
});

test("held, all live; then the oldest go again", () => {
  const { pool, frames, living } = poolOf(4);
  for (const frame of frames) pool.goesFar(frame);
  assert.deepEqual(living(), [2, 3]);
  pool.hold();
  pool.comesNear(frames[3]!);
  pool.goesFar(frames[3]!);
  assert.deepEqual(living(), [0, 1, 2, 3]);
  pool.letGo();
  assert.equal(living().length, 2);
});

test("what was removed is not known any more", () => {
  const { pool, frames, living } = poolOf(3);
  pool.goesFar(frames[0]!);
  pool.remove(frames[0]!);
  pool.goesFar(frames[1]!);
  pool.goesFar(frames[2]!);
  pool.comesNear(frames[0]!);
  assert.deepEqual(living(), [0, 1, 2]);
});
