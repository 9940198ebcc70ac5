// <tandem-banner>: says that there is no connection, what that means for what is typed, and that it is over. It lies
// over the page, so that nothing moves under whoever types. Its markup is templates/notebook/_offline_banner.html.

import { Alarm } from "../alarm";
import { find } from "../dom";
import type { ConnectionStatus, EndReason } from "../protocol/socket";
import { describeEnd } from "./connection_chip";
import { adviceOf, backNote, troubleOf, unsentNote } from "./offline_wording";

// A connection that comes back at once is not worth a word.
const PATIENCE_MS = 1000;
const BACK_MS = 4000;

export class OfflineBanner extends HTMLElement {
  #canEdit = true;
  #status: ConnectionStatus = "connecting";
  #reason: EndReason | undefined;
  #unsentCells = 0;
  #appearing = new Alarm(() => this.#appear());
  #leaving = new Alarm(() => this.#leave());

  // Actions

  showConnection(status: ConnectionStatus, canEdit: boolean, reason?: EndReason): void {
    this.#status = status;
    this.#canEdit = canEdit;
    this.#reason = reason;
    if (status === "connected") this.#comeBack();
    else if (this.#isShown) this.#appear();
    else this.#appearing.within(status === "offline" || status === "ended" ? 0 : PATIENCE_MS);
  }

  showUnsent(cells: number): void {
    if (cells === this.#unsentCells) return;
    this.#unsentCells = cells;
    if (!this.#isShown) return;
    if (this.#status === "connected") this.#comeBack();
    else this.#appear();
  }

  // Private

  get #isShown(): boolean {
    return this.dataset["state"] !== undefined;
  }

  #appear(): void {
    const { headline, advice } = this.#describe();
    this.#leaving.cancel();
    this.dataset["state"] = this.#status;
    this.#write(headline, advice, this.#canEdit ? unsentNote(this.#unsentCells) : "");
  }

  #describe(): { headline: string; advice: string } {
    if (this.#status === "connected") throw new Error("There is nothing to say about a connection that works.");
    if (this.#status === "ended") {
      const kept = this.#unsentCells > 0 ? "What you typed since is kept in this browser." : "";
      return { headline: this.#reason ? describeEnd(this.#reason) : "", advice: kept };
    }
    return { headline: troubleOf(this.#status), advice: adviceOf(this.#canEdit) };
  }

  /** Whoever saw it go sees it come back. */
  #comeBack(): void {
    this.#appearing.cancel();
    if (!this.#isShown) return;
    this.dataset["state"] = "connected";
    this.#write(backNote(this.#unsentCells), "", "");
    this.#leaving.cancel();
    if (this.#unsentCells === 0) this.#leaving.within(BACK_MS);
  }

  #leave(): void {
    delete this.dataset["state"];
    this.#write("", "", "");
  }

  #write(headline: string, advice: string, unsent: string): void {
    const texts = { headline, advice, unsent };
    for (const [part, text] of Object.entries(texts)) {
      const element = find(this, `[data-part=${part}]`);
      if (element.textContent !== text) element.textContent = text;
    }
  }
}

customElements.define("tandem-banner", OfflineBanner);
