// The line between one tab and the servers, with its faults: what is sent or received is late, comes twice, or is cut
// off right before it is sent or before it is answered; events get lost. It takes down every push and its answers.

import type { ChangeSetJson } from "../../../static/src/protocol/types";
import type { Random } from "./random";

export interface Push {
  readonly cell_id: string;
  readonly client_id: string;
  readonly version: number;
  readonly updates: readonly ChangeSetJson[];
  /** The versions or errors it was answered with: none if no answer came, two if it was sent twice. */
  readonly answers: (number | string)[];
}

/** As much as a push needs to know of it. */
export interface AnyReply {
  readonly id: number;
  readonly result?: { readonly version?: number };
  readonly error?: { readonly code: string };
}

export type SendFault = "none" | "cut_before" | "cut_after" | "cut_before_reply" | "twice";

const LONGEST_DELAY_MS = 40;
const CUTS: readonly SendFault[] = ["cut_before", "cut_after", "cut_before_reply"];

export class Network {
  readonly pushes: Push[] = [];
  readonly token: string;
  isFaulty = true;
  #servers: readonly string[];
  #random: Random;
  #open = new Map<string, Push>();

  constructor(servers: readonly string[], token: string, random: Random) {
    this.#servers = servers;
    this.token = token;
    this.#random = random;
  }

  // Faults

  /** Behind a load balancer, the next connection may go to another server. */
  get server(): string {
    return this.#random.choice(this.#servers);
  }

  sendFault(): SendFault {
    if (!this.isFaulty) return "none";
    if (this.#random.oneIn(30)) return this.#random.choice(CUTS);
    return this.#random.oneIn(20) ? "twice" : "none";
  }

  losesEvent(): boolean {
    return this.isFaulty && this.#random.oneIn(100);
  }

  delayMs(): number {
    return this.isFaulty && this.#random.oneIn(3) ? this.#random.below(LONGEST_DELAY_MS) : 0;
  }

  // What went through

  sent(socket: number, frame: { id: number; type: string }): void {
    const key = `${socket}:${frame.id}`;
    if (frame.type !== "cell_push" || this.#open.has(key)) return;
    const { cell_id, client_id, version, updates } = frame as unknown as Push;
    const push = { cell_id, client_id, version, updates, answers: [] };
    this.pushes.push(push);
    this.#open.set(key, push);
  }

  received(socket: number, { id, result, error }: AnyReply): void {
    this.#open.get(`${socket}:${id}`)?.answers.push(result?.version ?? error?.code ?? "");
  }
}
