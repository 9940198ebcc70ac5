import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { Alarm } from "./alarm";

let rung: number;
let alarm: Alarm;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  rung = 0;
  alarm = new Alarm(() => rung++);
});

describe("an alarm", () => {
  test("rings once however often it is asked to", () => {
    alarm.within(100);
    mock.timers.tick(60);
    alarm.within(100);
    mock.timers.tick(40);
    assert.equal(rung, 1);
    mock.timers.tick(1000);
    assert.equal(rung, 1);
  });

  test("rings at the earlier time", () => {
    alarm.within(1000);
    alarm.within(10);
    mock.timers.tick(10);
    assert.equal(rung, 1);
    mock.timers.tick(1000);
    assert.equal(rung, 1);
  });

  test("can be set again, and not ring at all", () => {
    alarm.within(10);
    mock.timers.tick(10);
    alarm.within(10);
    alarm.cancel();
    mock.timers.tick(10);
    assert.equal(rung, 1);
    alarm.within(10);
    mock.timers.tick(10);
    assert.equal(rung, 2);
  });
});
