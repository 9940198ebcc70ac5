// For tests: as much of a browser as the socket needs. The test is the server.

import type { PushedMessage, Reply } from "./types";

interface Command {
  readonly id: number;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A WebSocket whose other end is the test. */
export class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: Command[] = [];

  constructor(readonly url: string) {
    super();
    FakeSocket.all.push(this);
  }

  static get newest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("Nothing has connected yet.");
    return socket;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Command);
  }

  close(): void {
    this.readyState = 3;
  }

  // The server's side

  accept(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  say(message: PushedMessage | Reply): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }

  /** Answer the newest command of this type. */
  async answer(type: string, result: unknown): Promise<void> {
    const command = this.sent.findLast((each) => each.type === type);
    if (!command) throw new Error(`No ${type} was sent.`);
    this.say({ type: "reply", id: command.id, ok: true, result });
    await settled();
  }

  break(code = 1006): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  sentTypes(): string[] {
    return this.sent.map((each) => each.type);
  }
}

export function installFakeBrowser(): void {
  FakeSocket.all = [];
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const globals = { WebSocket: FakeSocket, window: new EventTarget(), document: page, navigator: { onLine: true } };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** Lets promises that can go on do so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
