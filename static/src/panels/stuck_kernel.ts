// <tandem-stuck-kernel>: the cell that runs goes on although it was interrupted. It says so, and offers what ends it. It
// lies over the page, like the banner of the connection. Its markup is templates/notebook/_stuck_kernel.html.

import { find } from "../dom";
import type { Kernel } from "../protocol/types";

export class StuckKernel extends HTMLElement {
  /** A kernel that is busy has a message only then. */
  show({ status, message }: Kernel): void {
    const text = status === "busy" ? message : "";
    find(this, "[data-part=text]").textContent = text;
    this.toggleAttribute("data-state", text !== "");
  }
}

customElements.define("tandem-stuck-kernel", StuckKernel);
