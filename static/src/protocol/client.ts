// A notebook kept in step with the server: the socket, the reducer, and the effects the reducer asks for.
// Whoever shows the notebook gets told that it changed and reads `state` and `dependencies`.

import type { Preferences } from "../preferences";
import type { AssistantEvent, ChatMessage } from "./chat";
import { type Dependencies, NOTHING_KNOWN, takeDependencies } from "./dependencies";
import { type Effect, type Message, reduce } from "./reducer";
import { type ConnectionStatus, type EndReason, NotebookSocket, type SocketListener } from "./socket";
import type { State } from "./state";
import type { WidgetsMessage } from "../widgets/messages";
import type {
  CellUpdated,
  Commands,
  Fields,
  PresenceMessage,
  PushedMessage,
  QueryProgressMessage,
  Result,
  Whereabouts,
} from "./types";

export interface NotebookObserver {
  /** `state` or `dependencies` is another one. */
  changed(): void;
  /** Somebody edited a cell: open editors take it in. */
  edited(event: CellUpdated): void;
  /** Something of the assistant is another: in the log, or in a turn that goes on. */
  assistant(news: AssistantEvent | ChatMessage): void;
  /** Somebody came, moved or went. */
  present(message: PresenceMessage): void;
  /** Something is new of the kernel's widgets. */
  widgets(message: WidgetsMessage): void;
  /** Somebody changed the files of the notebook's folder. */
  filesChanged(): void;
  /** The query of a running cell goes on. */
  queryProgress(message: QueryProgressMessage): void;
  /** Those that the server has of whoever is connected; told again and again. */
  preferences(stored: Preferences): void;
  /** The connection is there (again) and has a client id: what waited can be sent. */
  opened(): void;
  statusChanged(status: ConnectionStatus, reason?: EndReason): void;
  /** Somebody deleted the notebook. */
  deleted(): void;
}

// The server writes rows at most 0.3 s behind the messages; a little later they are there.
const WRITTEN_BY_MS = 400;

export class NotebookClient implements SocketListener {
  #state: State;
  #dependencies = NOTHING_KNOWN;
  #observer: NotebookObserver;
  #socket: NotebookSocket;
  #clientId = "";
  #ownIds = new Set<string>();
  #isOpening = false;
  /** Cells whose outputs are being asked for; true: ask once more after. */
  #fetching = new Map<string, boolean>();
  /** Cells whose outputs could not be asked for without a connection. */
  #owed = new Set<string>();

  constructor(url: string, state: State, observer: NotebookObserver) {
    this.#state = state;
    this.#observer = observer;
    this.#socket = new NotebookSocket(url, this);
  }

  // Lifecycle

  connect(): void {
    this.#socket.connect();
  }

  disconnect(): void {
    this.#socket.disconnect();
  }

  // Actions

  get state(): State {
    return this.#state;
  }

  get dependencies(): Dependencies {
    return this.#dependencies;
  }

  /** The name of the connection; empty while there is none that is open. */
  get clientId(): string {
    return this.#clientId;
  }

  get isConnected(): boolean {
    return this.#socket.isConnected;
  }

  /** Whether this tab made an edit, on this connection or an earlier one. */
  isOwn(clientId: string): boolean {
    return this.#ownIds.has(clientId);
  }

  send<Name extends keyof Commands>(type: Name, fields: Fields<Name>): Promise<Result<Name>> {
    return this.#socket.send(type, fields);
  }

  /** Every name this tab had. */
  get ownIds(): readonly string[] {
    return [...this.#ownIds];
  }

  /** Let the others know where we are; lost without a connection. */
  tellWhereabouts(whereabouts: Whereabouts): void {
    if (this.#clientId) this.#socket.tell("presence", whereabouts);
  }

  // The socket's listener

  connected(): void {
    this.#isOpening = false;
    void this.#open(this.#state.notebook.seq);
  }

  received(message: PushedMessage): void {
    if (message.type === "presence") return this.#observer.present(message);
    if (message.type === "chat") return this.#observer.assistant(message);
    if (message.type === "widgets") return this.#observer.widgets(message);
    if (message.type === "files_changed") return this.#observer.filesChanged();
    if (message.type === "query_progress") return this.#observer.queryProgress(message);
    if (message.type === "heartbeat" && message.preferences) this.#observer.preferences(message.preferences);
    if (message.type !== "dependencies") return this.#take(message);
    this.#dependencies = takeDependencies(this.#dependencies, message);
    this.#observer.changed();
  }

  statusChanged(status: ConnectionStatus, reason?: EndReason): void {
    this.#clientId = "";
    this.#observer.statusChanged(status, reason);
  }

  // Private

  #take(message: Message): void {
    const { state, effects } = reduce(this.#state, message);
    const changed = state !== this.#state;
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (changed) this.#observer.changed();
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case "resync":
        return void this.#open(effect.since_seq);
      case "reload":
        return void this.#open();
      case "fetch_outputs":
        return void this.#fetchOutputs(effect.cell_id, effect.soon);
      case "edit":
        return this.#observer.edited(effect.event);
      case "assistant":
        return this.#observer.assistant(effect.event);
      case "leave":
        return this.#observer.deleted();
    }
  }

  async #open(sinceSeq?: number): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      const opened = await this.send("open", sinceSeq === undefined ? {} : { since_seq: sinceSeq });
      this.#clientId = opened.client_id;
      this.#ownIds.add(opened.client_id);
      this.#take({ type: "opened", ...opened });
      this.#observer.opened();
      this.#fetchOwed();
    } catch {
      // A connection that broke is opened again when it is back; a refusal comes with the socket's closing.
    } finally {
      this.#isOpening = false;
    }
  }

  async #fetchOutputs(cellId: string, soon: boolean): Promise<void> {
    if (this.#fetching.has(cellId)) {
      this.#fetching.set(cellId, true);
      return;
    }
    this.#fetching.set(cellId, false);
    if (soon) await new Promise((resolve) => setTimeout(resolve, WRITTEN_BY_MS));
    try {
      const stored = await this.send("outputs", { cell_id: cellId });
      this.#take({ type: "stored_outputs", ...stored });
    } catch {
      this.#owed.add(cellId);
    }
    const again = this.#fetching.get(cellId);
    this.#fetching.delete(cellId);
    if (again && this.isConnected) void this.#fetchOutputs(cellId, true);
  }

  #fetchOwed(): void {
    const owed = [...this.#owed];
    this.#owed.clear();
    for (const cellId of owed) void this.#fetchOutputs(cellId, false);
  }
}
