// What an editor that is shared needs of the world around it, and what can go wrong there.

import type { CellUpdates, ChangeSetJson, VersionedUpdate } from "../protocol/types";
import type { Unsent } from "./unsent";

/** How an editor reaches the server. It need not know which cell it is for. */
export interface Remote {
  /** Resolves to the new version. Throws `StaleVersion`, `Refused`, or whatever it met. */
  push(version: number, updates: ChangeSetJson[]): Promise<number>;
  /** The updates after `sinceVersion`, or the first of them. */
  pull(sinceVersion: number): Promise<CellUpdates>;
  isOwn(clientId: string): boolean;
}

/** Who looks after what the server does not have. */
export interface Keeper {
  /** Null: the server has everything. */
  keep(unsent: Unsent | null): void;
  /** A push or pull by itself failed, for the first time since one worked. What is unsent stays. */
  failed(error: unknown): void;
}

/** Others were faster. `missed` are the updates after the version pushed, oldest first. */
export class StaleVersion extends Error {
  constructor(readonly missed: readonly VersionedUpdate[]) {
    super("The text was edited meanwhile.");
  }
}

/** The server does not take this, now or later: it is pushed again only together with something new. */
export class Refused extends Error {}

/** The editor was closed before it could take in what it was given. */
export class Closed extends Error {
  constructor() {
    super("The cell was closed meanwhile.");
  }
}

/** Updates that another page left do not fit the text. */
export class Unfit extends Error {
  constructor() {
    super("What was typed does not fit the text any more.");
  }
}
