// What people did to widgets and the kernel has not handled yet. It is kept until the server says that it was, and sent
// again meanwhile: on the way there are a socket, Redis and a worker, each of which may end. The kernel does it once.

import { messageOf } from "../message_of";
import { CommandError } from "../protocol/socket";
import type { CommMessage } from "./messages";

export interface Courier {
  /** Whether there still is a kernel that could handle it. */
  isWanted(message: CommMessage): boolean;
  send(message: CommMessage, cellId: string, isAgain: boolean): Promise<unknown>;
  /** The server has taken it. */
  taken(message: CommMessage): void;
  /** It is on its way for longer than people expect; a sentence. */
  delayed(message: CommMessage, note: string): void;
  /** It will not be handled; a sentence, or nothing if the reason is shown elsewhere. */
  dropped(message: CommMessage, note: string): void;
}

interface Unhandled {
  readonly message: CommMessage;
  readonly cellId: string;
  /** When it was sent first, or taken by the server last. */
  since: number;
  tries: number;
  isSending: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const FIRST_AGAIN_MS = 5_000;
const LAST_AGAIN_MS = 60_000;
// A server that takes nothing for so long: whoever clicked does not expect it to have an effect any more.
const GIVE_UP_MS = 60_000;
// As many as wait for a kernel; a script in a frame can send without end.
const MAX_UNHANDLED = 500;

// What may go better the next time.
const PASSING = ["unavailable", "internal"];

const DELAYED = "The kernel has not heard this yet. It is tried again.";
const TOO_MANY = "The kernel is too far behind. Do it again when it has caught up.";

export class UnhandledMessages {
  #courier: Courier;
  #unhandled = new Map<string, Unhandled>();

  constructor(courier: Courier) {
    this.#courier = courier;
  }

  // Actions

  send(message: CommMessage, cellId: string): void {
    if (this.#unhandled.size >= MAX_UNHANDLED) return this.#courier.dropped(message, TOO_MANY);
    const each = { message, cellId, since: Date.now(), tries: 0, isSending: false, timer: undefined };
    this.#unhandled.set(message.message_id, each);
    void this.#try(each);
  }

  /** Whether one of them had to be sent more than once, so that something may have been missed. */
  handled(messageIds: readonly string[]): boolean {
    const known = messageIds.flatMap((id) => this.#unhandled.get(id) ?? []);
    for (const each of known) this.#forget(each);
    return known.some(({ tries }) => tries > 1);
  }

  /** Send all again, now: the connection was lost, or what was said of them may have been missed. */
  sendAgain(): void {
    for (const each of [...this.#unhandled.values()]) void this.#try(each);
  }

  /** The kernel is gone, or another. */
  dropUnwanted(): void {
    for (const each of [...this.#unhandled.values()]) if (!this.#isKept(each)) this.#drop(each, "");
  }

  // Private

  async #try(each: Unhandled): Promise<void> {
    clearTimeout(each.timer);
    if (each.isSending || !this.#unhandled.has(each.message.message_id)) return;
    if (!this.#isKept(each)) return this.#drop(each, "");
    each.isSending = true;
    try {
      await this.#courier.send(each.message, each.cellId, each.tries++ > 0);
      each.since = Date.now();
      this.#courier.taken(each.message);
    } catch (error) {
      this.#failed(each, error);
    } finally {
      each.isSending = false;
    }
    if (!this.#unhandled.has(each.message.message_id)) return;
    const after = Math.min(FIRST_AGAIN_MS * 2 ** (each.tries - 1), LAST_AGAIN_MS);
    each.timer = setTimeout(() => void this.#try(each), after);
  }

  #failed(each: Unhandled, error: unknown): void {
    if (!this.#unhandled.has(each.message.message_id)) return;
    const isRefused = error instanceof CommandError && !PASSING.includes(error.code);
    if (isRefused || Date.now() - each.since >= GIVE_UP_MS) return this.#drop(each, messageOf(error));
    this.#courier.delayed(each.message, DELAYED);
  }

  #isKept({ message }: Unhandled): boolean {
    return this.#courier.isWanted(message);
  }

  #drop(each: Unhandled, note: string): void {
    this.#forget(each);
    this.#courier.dropped(each.message, note);
  }

  #forget(each: Unhandled): void {
    clearTimeout(each.timer);
    this.#unhandled.delete(each.message.message_id);
  }
}
