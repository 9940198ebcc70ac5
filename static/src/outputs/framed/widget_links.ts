// What `jslink` and `jsdlink` do, where one notebook is in many frames and pages: each has the links of what it shows.

import type { WidgetModel } from "@jupyter-widgets/base";
import { DirectionalLinkModel, LinkModel } from "@jupyter-widgets/controls";

const echoing = new WeakSet<WidgetModel>();

/** What the model takes in next is an echo. `receive` has it take that. */
export function asEcho(model: WidgetModel, receive: () => void): void {
  const mark = (isEcho: boolean): void => {
    model.state_change = model.state_change.then(() => void (isEcho ? echoing.add(model) : echoing.delete(model)));
  };
  mark(true);
  receive();
  mark(false);
}

/** Of a change that was made in another frame, its link does the rest. Both would pass older values to and fro. */
function isDoneElsewhere(source: WidgetModel): boolean {
  return echoing.has(source);
}

class OneWay extends DirectionalLinkModel {
  override updateValue(source: WidgetModel, ...rest: [string, WidgetModel, string]): void {
    if (!isDoneElsewhere(source)) super.updateValue(source, ...rest);
  }
}

class BothWays extends LinkModel {
  override updateValue(source: WidgetModel, ...rest: [string, WidgetModel, string]): void {
    if (!isDoneElsewhere(source)) super.updateValue(source, ...rest);
  }
}

export const links = { DirectionalLinkModel: OneWay, LinkModel: BothWays };
