// Runs beside the page: a regular expression can take for ever, and then this is ended. See pattern_search.ts.

import { findInAll, type Question } from "./matches";

/** It listens: the time for a question begins. */
postMessage("ready");

onmessage = ({ data }: MessageEvent<Question>): void => postMessage(findInAll(data));
