// Output operations applied to a cell's outputs, as docs/protocol.md ("Output") says. Pure; tests/fixtures/outputs
// holds cases that Python must merge to the same.

import type { DisplayOutput, Output, OutputOperation, UpdateDisplayData } from "./types";

/** A cell's outputs, and whether they go when the next one comes (`clear_output` with `wait`). */
export interface Outputs {
  readonly outputs: readonly Output[];
  readonly clearing: boolean;
}

export function applyOperations(before: Outputs, operations: readonly OutputOperation[]): Outputs {
  let outputs = [...before.outputs];
  let clearing = before.clearing;
  for (const operation of operations) {
    if (operation.output_type === "clear_output") {
      clearing = operation.wait;
      if (!operation.wait) outputs = [];
    } else if (operation.output_type === "update_display_data") {
      updateDisplays(outputs, operation);
    } else {
      if (clearing) outputs = [];
      clearing = false;
      append(outputs, operation);
    }
  }
  return { outputs, clearing };
}

function append(outputs: Output[], output: Output): void {
  const last = outputs.at(-1);
  if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
    outputs[outputs.length - 1] = { ...last, text: last.text + output.text };
  } else {
    outputs.push(output);
  }
}

function updateDisplays(outputs: Output[], update: UpdateDisplayData): void {
  const { data, metadata } = update;
  for (const [index, output] of outputs.entries()) {
    if (isDisplay(output) && output.transient?.display_id === update.transient.display_id) {
      outputs[index] = { ...output, data, metadata };
    }
  }
}

function isDisplay(output: Output): output is DisplayOutput {
  return output.output_type === "display_data" || output.output_type === "execute_result";
}
