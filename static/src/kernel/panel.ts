// <tandem-kernel-panel>: the drawer with what the kernel is, takes and may take. The server is asked while it is open and
// can be seen, never else. Its markup is templates/notebook/_kernel.html.

import { find, fromTemplate } from "../dom";
import { Drawer } from "../panels/drawer";
import { HINTS, LABELS } from "../panels/kernel_chip";
import type { Kernel, KernelPackages, KernelReport, KernelSpecs } from "../protocol/types";
import { factsOf, metersOf, type Sample } from "./figures";

const EVERY_MS = 2000;
// From here on a bar warns.
const HIGH = 0.85;

const UNKNOWN = "The server does not answer. What is shown is how it was before.";

export interface KernelSource {
  kernel(): Kernel;
  report(): Promise<KernelReport>;
  packages(): Promise<KernelPackages>;
  /** Those that the notebook can have. */
  specs(): Promise<KernelSpecs>;
  choose(name: string): void;
}

export class KernelPanel extends Drawer {
  #source: KernelSource | null = null;
  #report: KernelReport | null = null;
  #now: Sample | null = null;
  #before: Sample | null = null;
  #packages: KernelPackages["packages"] | null = null;
  #status = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;

  // Lifecycle

  override connectedCallback(): void {
    super.connectedCallback();
    find(this, "[data-part=list]").addEventListener("toggle", () => void this.#listPackages());
    const choice = this.#choice;
    if (choice) choice.onchange = () => this.#source?.choose(choice.value);
    find(this, "input").oninput = () => this.#showPackages();
  }

  start(source: KernelSource): void {
    this.#source = source;
  }

  // Actions

  open(): void {
    if (!this.hidden) return this.close();
    this.show();
    find(this, "[data-part=close]").focus();
    this.#status = "";
    this.follow();
    void this.#listSpecs();
    this.#timer = setInterval(() => void this.#refresh(), EVERY_MS);
  }

  override close(): void {
    super.close();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#now = this.#before = null;
  }

  /** Something in the notebook is different. */
  follow(): void {
    if (this.hidden || !this.#source) return;
    const { status, message } = this.#source.kernel();
    if (status + message === this.#status) return;
    this.#status = status + message;
    this.dataset["status"] = status;
    find(this, "[data-part=status]").textContent = LABELS[status];
    find(this, "[data-part=message]").textContent = message || HINTS[status];
    for (const button of this.querySelectorAll<HTMLButtonElement>("[data-needs]")) {
      button.disabled = !(button.dataset["needs"] ?? "").split(" ").includes(status);
    }
    void this.#refresh();
  }

  // Private

  async #refresh(): Promise<void> {
    if (!this.#source || this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    try {
      this.#take(await this.#source.report());
      find(this, "[data-part=note]").textContent = "";
    } catch {
      find(this, "[data-part=note]").textContent = UNKNOWN;
    } finally {
      this.#isAsking = false;
    }
  }

  #take(report: KernelReport): void {
    if (this.hidden) return;
    const isSameKernel = report.started_at === this.#report?.started_at;
    this.#report = report;
    this.#before = isSameKernel ? this.#now : null;
    this.#now = report.usage && { usage: report.usage, at_ms: performance.now() };
    this.#show(report);
  }

  #show(report: KernelReport): void {
    for (const { name, text, share } of metersOf(report.limits, this.#now, this.#before)) {
      const meter = find(this, `[data-meter=${name}]`);
      find(meter, "[data-part=text]").textContent = text;
      const bar = find(meter, "[role=meter]");
      bar.style.setProperty("--share", String(share ?? 0));
      bar.ariaValueNow = String(Math.round((share ?? 0) * 100));
      bar.ariaValueText = text;
      meter.dataset["level"] = name !== "cpu" && (share ?? 0) > HIGH ? "high" : "";
    }
    find(this, "[data-part=facts]").replaceChildren(
      ...factsOf(report, new Date()).map(({ label, text }) => {
        const row = fromTemplate("template-kernel-fact");
        find(row, "dt").textContent = label;
        find(row, "dd").textContent = text;
        return row;
      }),
    );
    const choice = this.#choice;
    if (choice && document.activeElement !== choice) choice.value = report.kernelspec.name;
    find(this, "[data-part=list]").hidden = !report.environment;
    find(this, "[data-part=package-count]").textContent = String(report.environment?.package_count ?? "");
  }

  get #choice(): HTMLSelectElement | null {
    return this.querySelector("[data-part=spec]");
  }

  /** Each time that the panel is opened: an administrator may have installed one. */
  async #listSpecs(): Promise<void> {
    const choice = this.#choice;
    if (!choice || !this.#source) return;
    try {
      const { kernelspecs } = await this.#source.specs();
      const known = kernelspecs.map(({ name, display_name }) => new Option(display_name, name));
      choice.replaceChildren(...known);
      choice.value = this.#report?.kernelspec.name ?? "";
    } catch {
      find(this, "[data-part=note]").textContent = UNKNOWN;
    }
  }

  async #listPackages(): Promise<void> {
    if (!this.#source || this.#packages) return;
    try {
      this.#packages = (await this.#source.packages()).packages;
      this.#showPackages();
    } catch {
      find(this, "[data-part=note]").textContent = UNKNOWN;
    }
  }

  #showPackages(): void {
    const wanted = find<HTMLInputElement>(this, "input").value.trim().toLowerCase();
    const found = (this.#packages ?? []).filter(({ name }) => name.toLowerCase().includes(wanted));
    find(this, "[data-part=packages]").replaceChildren(
      ...found.map(({ name, version }) => {
        const row = fromTemplate("template-kernel-package");
        find(row, "[data-part=name]").textContent = name;
        find(row, "[data-part=version]").textContent = version;
        return row;
      }),
    );
    find(this, "[data-part=no-package]").hidden = found.length > 0 || !this.#packages;
  }
}

customElements.define("tandem-kernel-panel", KernelPanel);
