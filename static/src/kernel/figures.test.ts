import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelReport, KernelUsage } from "../protocol/types";
import { factsOf, formatBytes, formatDuration, metersOf } from "./figures";

const GIB = 2 ** 30;
const usage: KernelUsage = { memory_bytes: GIB / 2, cpu_s: 10, processes: 3, disk_bytes: 2 * GIB };
const report: KernelReport = {
  status: "idle",
  message: "",
  started_at: "2026-01-01T10:00:00Z",
  sandbox: "bwrap",
  sandbox_problem: "",
  has_network: false,
  execution_count: 12,
  usage,
  limits: {
    memory_bytes: 2 * GIB,
    processes: 512,
    disk_bytes: GIB,
    cell_timeout_s: 86_400,
    idle_s: 7200,
    text_chars: 10_000,
  },
  kernelspec: { name: "python3", display_name: "Python 3", language: "python" },
  environment: { python_version: "3.11.2", package_count: 99 },
};
const NOW = new Date("2026-01-01T12:05:07Z");

function textOf(label: string, changes: Partial<KernelReport> = {}): string | undefined {
  return factsOf({ ...report, ...changes }, NOW).find((fact) => fact.label === label)?.text;
}

test("times are said in their two largest units", () => {
  const said = [0, -5, 59.9, 60, 61, 3600, 3661, 7505, 86_400, 90_000, 2_000_000].map(formatDuration);
  assert.deepEqual(said, [
    ...["0 s", "0 s", "59 s", "1 min", "1 min 1 s", "1 h", "1 h 1 min", "2 h 5 min", "1 d", "1 d 1 h", "23 d 3 h"],
  ]);
});

test("amounts are said as limits are", () => {
  const said = [0, 900, 1024, 1536, 10 * 2 ** 20, 2 * GIB, 2 ** 45].map(formatBytes);
  assert.deepEqual(said, ["0 B", "900 B", "1 KiB", "1.5 KiB", "10 MiB", "2 GiB", "32 TiB"]);
});

test("meters show what is used of what is allowed", () => {
  const before = { usage: { ...usage, cpu_s: 9 }, at_ms: 1000 };
  const meters = metersOf(report.limits, { usage, at_ms: 3000 }, before);
  assert.deepEqual(meters, [
    { name: "memory", text: "512 MiB of 2 GiB", share: 0.25 },
    { name: "cpu", text: "50 % of a core", share: 0.5 },
    { name: "disk", text: "2 GiB of 1 GiB", share: 1 },
  ]);
});

test("several cores are said as such, and fill the bar", () => {
  const before = { usage: { ...usage, cpu_s: 6 }, at_ms: 1000 };
  assert.deepEqual(metersOf(report.limits, { usage, at_ms: 3000 }, before)[1], {
    name: "cpu",
    text: "2.0 cores",
    share: 1,
  });
});

test("without a kernel, without a second sample or after a restart there is no share", () => {
  assert.deepEqual(
    metersOf(report.limits, null, null).map(({ text, share }) => [text, share]),
    [
      ["– of 2 GiB", null],
      ["…", null],
      ["– of 1 GiB", null],
    ],
  );
  const later = { usage: { ...usage, cpu_s: 1 }, at_ms: 3000 };
  assert.equal(metersOf(report.limits, later, { usage, at_ms: 1000 })[1]?.share, null);
});

test("facts", () => {
  assert.equal(textOf("Up for"), "2 h 5 min");
  assert.equal(textOf("Up for", { started_at: null }), "–");
  assert.deepEqual([textOf("Kernel"), textOf("Python")], ["Python 3", "3.11.2"]);
  assert.equal(textOf("Python", { environment: null }), undefined);
  assert.equal(textOf("Network"), "None");
  assert.equal(textOf("Network", { has_network: true }), "Allowed");
  assert.equal(textOf("Network", { sandbox: "off" }), "Allowed");
  assert.equal(textOf("Sandbox", { sandbox: "off", sandbox_problem: "No bwrap." }), "Off: No bwrap.");
});
