import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeLocks, FakeStorage } from "./fake_browser";
import { LockedLives, type PageLives, RememberedLives } from "./page_lives";

function listen(lives: PageLives, pageId: string): { rang: boolean } {
  const heard = { rang: false };
  lives.whenDead(pageId, async () => {
    heard.rang = true;
  });
  return heard;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("with locks", () => {
  test("a page is dead once it let go, not before", async () => {
    const locks = new FakeLocks();
    const [one, two] = [new LockedLives(locks.ofPage()), new LockedLives(locks.ofPage())];
    const heard = listen(two, one.pageId);
    await locks.settled();
    assert.equal(heard.rang, false);
    locks.kill(0);
    await locks.settled();
    assert.equal(heard.rang, true);
  });

  test("one at a time is at what a page left", async () => {
    const locks = new FakeLocks();
    const [one, two, three] = [locks.ofPage(), locks.ofPage(), locks.ofPage()].map((each) => new LockedLives(each));
    locks.kill(0);
    const order: string[] = [];
    for (const [name, lives] of [["two", two], ["three", three]] as const) {
      lives?.whenDead(one?.pageId ?? "", async () => {
        order.push(`${name} begins`);
        await locks.settled();
        order.push(`${name} ends`);
      });
    }
    for (let turn = 0; turn < 5; turn++) await locks.settled();
    assert.deepEqual(order, ["two begins", "two ends", "three begins", "three ends"]);
  });
});

describe("without locks", () => {
  test("only the pages this tab had are known to be dead", async () => {
    const storage = new FakeStorage();
    const before = new RememberedLives(storage);
    const lost = before.deadId();
    const heardBefore = listen(before, lost);
    const now = new RememberedLives(storage);
    const heard = [before.pageId, lost, now.pageId, "another tab's"].map((pageId) => listen(now, pageId));
    await nextTurn();
    assert.equal(heardBefore.rang, true);
    assert.deepEqual(heard.map((each) => each.rang), [true, true, false, false]);
  });

  test("one thing at a time is done with what they left", async () => {
    const lives = new RememberedLives(new FakeStorage());
    const lost = lives.deadId();
    const order: string[] = [];
    for (const name of ["one", "two"]) {
      lives.whenDead(lost, async () => {
        order.push(`${name} begins`);
        await nextTurn();
        order.push(`${name} ends`);
      });
    }
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.deepEqual(order, ["one begins", "one ends", "two begins", "two ends"]);
  });
});
