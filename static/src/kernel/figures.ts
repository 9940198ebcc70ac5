// What a kernel takes of the machine, in words and shares. Pure.

import type { KernelReport, KernelUsage } from "../protocol/types";

/** What was said when, in milliseconds on any clock that goes on. */
export interface Sample {
  readonly usage: KernelUsage;
  readonly at_ms: number;
}

export interface Meter {
  readonly name: "memory" | "cpu" | "disk";
  readonly text: string;
  /** Of what is allowed, from 0 to 1; null: nobody knows. */
  readonly share: number | null;
}

export interface Fact {
  readonly label: string;
  readonly text: string;
}

/** Computing needs two samples. */
export function metersOf(limits: KernelReport["limits"], now: Sample | null, before: Sample | null): readonly Meter[] {
  const usage = now?.usage;
  const cores = now && before ? coresOf(now, before) : null;
  return [
    amount("memory", usage?.memory_bytes, limits.memory_bytes),
    // A bar that is full is one core; a kernel may take more.
    { name: "cpu", text: cores === null ? "…" : formatShare(cores), share: cores === null ? null : Math.min(1, cores) },
    amount("disk", usage?.disk_bytes, limits.disk_bytes),
  ];
}

export function factsOf(report: KernelReport, now: Date): readonly Fact[] {
  const { limits, started_at, environment } = report;
  return [
    { label: "Up for", text: started_at ? formatDuration((now.getTime() - Date.parse(started_at)) / 1000) : "–" },
    { label: "Execution count", text: report.execution_count ? String(report.execution_count) : "–" },
    { label: "Processes", text: report.usage ? String(report.usage.processes) : "–" },
    { label: "Kernel", text: report.kernelspec.display_name },
    ...(environment ? [{ label: "Python", text: environment.python_version }] : []),
    { label: "Sandbox", text: sandboxText(report) },
    { label: "Network", text: networkText(report) },
    { label: "A cell may run for", text: formatDuration(limits.cell_timeout_s) },
    { label: "Ends when unused for", text: formatDuration(limits.idle_s) },
    { label: "Text kept of a cell", text: `${limits.text_chars.toLocaleString("en")} characters` },
  ];
}

/** The two largest units: "2 h 5 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = UNITS_S.map(([unit, size], index) => {
    const larger = UNITS_S[index - 1]?.[1] ?? Infinity;
    return { unit, count: Math.floor((whole % larger) / size) };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return "0 s";
  const shown = parts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ unit, count }) => `${count} ${unit}`).join(" ");
}

/** As limits are written, in powers of two. */
export function formatBytes(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), BYTES.length - 1);
  const value = bytes / 1024 ** exponent;
  return `${value < 10 && exponent > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${BYTES[exponent] ?? ""}`;
}

const UNITS_S: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

function amount(name: "memory" | "disk", used: number | undefined, limit: number): Meter {
  if (used === undefined) return { name, text: `– of ${formatBytes(limit)}`, share: null };
  return { name, text: `${formatBytes(used)} of ${formatBytes(limit)}`, share: Math.min(1, used / limit) };
}

function coresOf(now: Sample, before: Sample): number | null {
  const passed_s = (now.at_ms - before.at_ms) / 1000;
  const computed_s = now.usage.cpu_s - before.usage.cpu_s;
  // A restarted kernel begins at nothing.
  return passed_s > 0 && computed_s >= 0 ? computed_s / passed_s : null;
}

function formatShare(cores: number): string {
  return cores < 1.05 ? `${Math.round(cores * 100)} % of a core` : `${cores.toFixed(1)} cores`;
}

function sandboxText({ sandbox, sandbox_problem }: KernelReport): string {
  if (sandbox === "gateway") return "Runs on a kernel gateway";
  if (sandbox !== "off") return "On: code sees its own files only";
  return sandbox_problem ? `Off: ${sandbox_problem}` : "Off: code can do all that the server can";
}

function networkText({ sandbox, has_network }: KernelReport): string {
  if (sandbox === "gateway") return "As the gateway allows";
  return sandbox === "off" || has_network ? "Allowed" : "None";
}
