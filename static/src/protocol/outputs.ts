// Output operations applied to a cell's outputs, as docs/protocol.md ("Output") says. Pure; tests/fixtures/outputs
// holds cases that Python must merge to the same.

import type { DisplayOutput, Output, OutputOperation, UpdateDisplayData } from "./types";

export function applyOperations(before: readonly Output[], operations: readonly OutputOperation[]): Output[] {
  let outputs = [...before];
  for (const operation of operations) {
    if (operation.output_type === "clear_output") outputs = [];
    else if (operation.output_type === "update_display_data") updateDisplays(outputs, operation);
    else append(outputs, operation);
  }
  return outputs;
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
