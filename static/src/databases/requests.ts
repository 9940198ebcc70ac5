// What there is in a database over REST: it is too large for the socket.

import { callRest } from "../rest";
import type { Database } from "./database";

/** `isFresh`: as it is now, and not as it was some minutes ago. Rejects with a `RequestError`. */
export function loadDatabase(notebookId: string, connectionId: string, isFresh: boolean): Promise<Database> {
  const url = `/api/v1/notebooks/${notebookId}/connections/${connectionId}/schema/${isFresh ? "?is_fresh=true" : ""}`;
  return callRest("GET", url) as Promise<Database>;
}
