// What shows one sort of content inside the sandboxed frame. One module each; `frame.ts` chooses.

import type { ShowMessage } from "../frame_messages";

/** Shows `message` in `root`, in place of what it showed there before; throws if it cannot. */
export type Show = (root: HTMLElement, message: ShowMessage) => void | Promise<void>;
