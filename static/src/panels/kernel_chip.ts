// <tandem-kernel>: what the kernel does; its title says more.

import { find } from "../dom";
import type { Kernel, KernelStatus } from "../protocol/types";

export const LABELS: Readonly<Record<KernelStatus, string>> = {
  off: "Not started",
  starting: "Starting…",
  idle: "Idle",
  busy: "Busy",
  dead: "Dead",
};

export const HINTS: Readonly<Record<KernelStatus, string>> = {
  off: "The kernel starts when you run a cell.",
  starting: "The kernel is starting.",
  idle: "The kernel is ready.",
  busy: "The kernel is running a cell.",
  dead: "The kernel died. Running a cell starts a new one; its variables are gone.",
};

export class KernelChip extends HTMLElement {
  /** `language`: of its code, in lower case. */
  show({ status, message }: Kernel, language: string): void {
    this.dataset["status"] = status;
    this.title = message || HINTS[status];
    find(this, "[data-part=label]").textContent = LABELS[status];
    find(this, ".chip-name").textContent = language.charAt(0).toUpperCase() + language.slice(1);
  }
}

customElements.define("tandem-kernel", KernelChip);
