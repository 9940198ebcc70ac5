// The connection to the server (docs/protocol.md): numbered commands whose replies are promises, a watch over
// the heartbeat, and reconnecting for as long as the page is open. It knows frames, not notebooks: whoever owns it
// sends `open` when `connected` is announced.

import { retryDelayMs } from "./backoff";
import type { Commands, ErrorJson, Fields, PushedMessage, Reply, Result, Tellings } from "./types";

/** `ended` is final: the server refused us, `reason` says why. */
export type ConnectionStatus = "connecting" | "connected" | "reconnecting" | "offline" | "ended";
export type EndReason = "logged_out" | "not_found";

export interface SocketListener {
  connected(): void;
  received(message: PushedMessage): void;
  statusChanged(status: ConnectionStatus, reason?: EndReason): void;
}

/** The server refused a command. */
export class CommandError extends Error {
  readonly code: string;
  readonly details: ErrorJson["details"];

  constructor({ code, message, details }: ErrorJson) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** There is no connection, or it broke before the reply: the command may or may not have been obeyed. */
export class ConnectionLost extends Error {
  constructor() {
    super("There is no connection to the server. Tandem keeps trying; please repeat this in a moment.");
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

const ENDINGS: Readonly<Record<number, EndReason>> = { 4401: "logged_out", 4404: "not_found" };
// The server sends a heartbeat every 10 s; after two missed ones and some the connection is taken for dead.
const SILENCE_MS = 25_000;
// A server that does not answer the handshake in this time is tried again.
const HANDSHAKE_MS = 10_000;
// A reply that is not there in this time will not come. The longest commands restore whole notebooks.
const REPLY_MS = 30_000;
const NORMAL_CLOSURE = 1000;

export class NotebookSocket {
  #url: string;
  #listener: SocketListener;
  #socket: WebSocket | null = null;
  #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #attempt = 0;
  #wasConnected = false;
  #status: ConnectionStatus = "connecting";
  #watch: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stop = new AbortController();

  constructor(url: string, listener: SocketListener) {
    this.#url = url;
    this.#listener = listener;
  }

  // Lifecycle

  connect(): void {
    const { signal } = this.#stop;
    window.addEventListener("online", () => this.#hurry(), { signal });
    window.addEventListener("offline", () => this.#drop(), { signal });
    document.addEventListener("visibilitychange", () => this.#hurry(), { signal });
    this.#open();
  }

  disconnect(): void {
    this.#stop.abort();
    clearTimeout(this.#retry);
    this.#abandon();
  }

  // Actions

  get isConnected(): boolean {
    return this.#status === "connected";
  }

  /** Send a command; rejects with `CommandError` or `ConnectionLost`. */
  send<Name extends keyof Commands>(type: Name, fields: Fields<Name>): Promise<Result<Name>> {
    const id = this.#post(type, fields);
    if (id === null) return Promise.reject(new ConnectionLost());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(id), REPLY_MS);
      this.#waiting.set(id, { resolve: (result) => resolve(result as Result<Name>), reject, timer });
    });
  }

  /** Send what is not answered; lost without a connection. */
  tell<Name extends keyof Tellings>(type: Name, fields: Tellings[Name]): void {
    this.#post(type, fields);
  }

  // Private

  #open(): void {
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#expectSignOfLife(HANDSHAKE_MS);
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", (event: MessageEvent<string>) => this.#received(socket, event.data));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
  }

  #opened(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#attempt = 0;
    this.#wasConnected = true;
    this.#expectSignOfLife(SILENCE_MS);
    this.#setStatus("connected");
    this.#listener.connected();
  }

  #received(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    this.#expectSignOfLife(SILENCE_MS);
    const message = JSON.parse(text) as PushedMessage | Reply;
    if (message.type === "reply") this.#settle(message);
    else this.#listener.received(message);
  }

  /** The number of the frame, or null without a connection. */
  #post(type: string, fields: object): number | null {
    if (this.#socket?.readyState !== WebSocket.OPEN) return null;
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, type, ...fields }));
    return id;
  }

  #settle(reply: Reply): void {
    const waiting = this.#take(reply.id);
    if (reply.ok) waiting?.resolve(reply.result);
    else waiting?.reject(new CommandError(reply.error));
  }

  #giveUp(id: number): void {
    this.#take(id)?.reject(new ConnectionLost());
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(id);
    return waiting;
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#abandon();
    const reason = ENDINGS[code];
    if (reason) this.#end(reason);
    else this.#retryLater();
  }

  #end(reason: EndReason): void {
    this.disconnect();
    this.#setStatus("ended", reason);
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#setStatus(navigator.onLine ? (this.#wasConnected ? "reconnecting" : "connecting") : "offline");
    this.#retry = setTimeout(() => this.#open(), retryDelayMs(this.#attempt++, Math.random()));
  }

  /** The connection is gone or no good: nothing it still says counts, and no reply will come. */
  #abandon(): void {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL_CLOSURE);
    for (const id of [...this.#waiting.keys()]) this.#giveUp(id);
  }

  #drop(): void {
    this.#abandon();
    this.#retryLater();
  }

  #expectSignOfLife(withinMs: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#drop(), withinMs);
  }

  /** The network is back or somebody looks at the page: do not sit out a long wait. */
  #hurry(): void {
    if (this.#socket !== null || this.#status === "ended" || document.visibilityState === "hidden") return;
    this.#attempt = 0;
    this.#open();
  }

  #setStatus(status: ConnectionStatus, reason?: EndReason): void {
    this.#status = status;
    this.#listener.statusChanged(status, reason);
  }
}
