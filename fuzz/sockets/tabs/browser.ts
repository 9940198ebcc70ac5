// As much of a browser as the product's client needs, over real sockets. `ws://tab-3/…` is the socket of tab 3: its
// network decides which server it reaches, and what goes wrong.

import { setMaxListeners } from "node:events";
import { WebSocket as Wire } from "ws";
import type { AnyReply, Network } from "./network";

const networks = new Map<string, Network>();
let lastSocket = 0;

export function installBrowser(tabs: readonly Network[]): void {
  for (const [number, network] of tabs.entries()) networks.set(`tab-${number}`, network);
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const window = new EventTarget();
  // All tabs are in this one.
  setMaxListeners(0, page, window);
  const globals = { WebSocket: FaultySocket, window, document: page, navigator: { onLine: true } };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** Frames arrive in order, each way, as on any connection. */
class FaultySocket extends EventTarget {
  static readonly OPEN = 1;
  #network: Network;
  #wire: Wire;
  #number = ++lastSocket;
  #outgoing: Promise<unknown> = Promise.resolve();
  #incoming: Promise<unknown> = Promise.resolve();
  /** When the reply with this id comes, the connection is cut instead. */
  #fatalReply: number | null = null;
  #isCut = false;

  constructor(url: string) {
    super();
    const { hostname, pathname } = new URL(url);
    const network = networks.get(hostname);
    if (!network) throw new Error(`There is no ${hostname}.`);
    this.#network = network;
    this.#wire = new Wire(network.server + pathname, { headers: { Authorization: `Bearer ${network.token}` } });
    this.#wire.on("open", () => this.dispatchEvent(new Event("open")));
    this.#wire.on("message", (data) => this.#hear(String(data)));
    this.#wire.on("close", (code) => this.#end(code));
    // What goes wrong is followed by a close.
    this.#wire.on("error", () => {});
  }

  get readyState(): number {
    return this.#wire.readyState;
  }

  close(code: number): void {
    this.#wire.close(code);
  }

  send(text: string): void {
    const fault = this.#network.sendFault();
    const delayMs = this.#network.delayMs();
    this.#outgoing = this.#outgoing.then(() => sleep(delayMs)).then(() => {
      if (fault === "cut_before") return this.#cut();
      if (this.#wire.readyState !== Wire.OPEN) return;
      const frame = JSON.parse(text) as { id: number; type: string };
      this.#network.sent(this.#number, frame);
      if (fault === "cut_before_reply") this.#fatalReply = frame.id;
      this.#wire.send(text, () => fault === "cut_after" && this.#cut());
      if (fault === "twice") this.#wire.send(text);
    });
  }

  #hear(text: string): void {
    const delayMs = this.#network.delayMs();
    this.#incoming = this.#incoming.then(() => sleep(delayMs)).then(() => {
      const frame = JSON.parse(text) as AnyReply & { readonly type: string };
      if (frame.type === "event" && this.#network.losesEvent()) return;
      if (frame.type === "reply" && frame.id === this.#fatalReply) this.#cut();
      if (this.#isCut) return;
      if (frame.type === "reply") this.#network.received(this.#number, frame);
      this.dispatchEvent(Object.assign(new Event("message"), { data: text }));
    });
  }

  #cut(): void {
    this.#isCut = true;
    this.#wire.terminate();
  }

  /** What came before it is heard before it. */
  #end(code: number): void {
    this.#incoming = this.#incoming.then(() => this.dispatchEvent(Object.assign(new Event("close"), { code })));
  }
}

export function sleep(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
