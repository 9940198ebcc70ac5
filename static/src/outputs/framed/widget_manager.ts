// Jupyter's widget manager, without a kernel of its own: models come from the page and changes go to it. It loads no
// code but ours, whatever module a model names.

import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import type { CommMessage, WidgetBuffer, WidgetItem, WidgetModel } from "../../widgets/messages";
import { problemOfModule } from "../../widgets/state";
import { typesetText } from "../formulas";
import { loadAnywidget } from "./anywidget";
import { base64Of, bytesOf } from "./bytes";
import { asEcho, links } from "./widget_links";
import { OutputModel, OutputView } from "./widget_output";

type Sent = Omit<CommMessage, "type">;
const ECHO = "echo_update";

type Buffers = ArrayBuffer[] | ArrayBufferView[];

export class WidgetManager extends ManagerBase {
  #send: (message: Sent) => void;
  #comms = new Map<string, Comm>();
  /** Of the messages that were sent, what waits for each being handled. */
  #waiting = new Map<string, { readonly commId: string; readonly callbacks: base.ICallbacks | undefined }>();
  #taking = Promise.resolve();

  /** Where the views look for what typesets the formulas of their labels. */
  readonly _rendermime = { latexTypesetter: { typeset: typesetLabel } };

  constructor(send: (message: Sent) => void) {
    super();
    this.#send = send;
  }

  /** In order. Models that come together may refer to each other. */
  take(items: readonly WidgetItem[]): void {
    for (const item of items) if (item.kind === "opened" && !this.has_model(item.comm_id)) this.#open(item);
      else this.#taking = this.#taking.then(() => this.#take(item)).catch((error: unknown) => console.error(error));
  }

  protected override async loadClass(name: string, module: string): Promise<typeof base.WidgetModel & typeof base.WidgetView> {
    const problem = problemOfModule(module);
    const classes = problem ? {} : await this.#classesOf(module);
    const found = Object.hasOwn(classes, name) ? classes[name] : undefined;
    if (!found) throw new Error(problem || `There is no ${name} in ${module}.`);
    return found as typeof base.WidgetModel & typeof base.WidgetView;
  }

  protected override async _create_comm(): Promise<base.IClassicComm> {
    throw new Error("Widgets are made by the kernel.");
  }

  protected override async _get_comm_info(): Promise<object> {
    return {};
  }

  // Private

  async #classesOf(module: string): Promise<Record<string, unknown>> {
    switch (module) {
      case "@jupyter-widgets/base":
        return { ...base };
      case "@jupyter-widgets/controls":
        return { ...controls, ...links };
      case "@jupyter-widgets/output":
        return { OutputModel, OutputView };
      default:
        return await loadAnywidget();
    }
  }

  #open({ comm_id, model }: Extract<WidgetItem, { kind: "opened" }>): void {
    const comm = new Comm(comm_id, (data, callbacks, buffers) => this.#sendOver(comm_id, data, callbacks, buffers));
    this.#comms.set(comm_id, comm);
    const state = wholeState(model);
    const options = {
      model_name: String(state["_model_name"]),
      model_module: String(state["_model_module"]),
      model_module_version: String(state["_model_module_version"]),
      model_id: comm_id,
      comm,
    };
    // Registered at once, so that others that come with it find it; it waits for them in turn.
    void this.new_model(options, state as never).catch((error: unknown) => console.error(error));
  }

  async #take(item: WidgetItem): Promise<void> {
    switch (item.kind) {
      case "opened":
        // As an echo: what was changed here meanwhile and is on its way to the kernel stays.
        return this.#receive(item.comm_id, updateOf(item.model.state, item.model.buffers, true), "");
      case "updated":
        return this.#receive(item.comm_id, updateOf(item.state, item.buffers, item.is_echo), item.parent_id);
      case "said":
        return this.#receive(
          item.comm_id,
          { data: { method: "custom", content: item.content }, buffers: item.buffers.map(bytesOf) },
          "",
        );
      case "closed":
        if (this.has_model(item.comm_id)) await this.get_model(item.comm_id);
        this.#comms.get(item.comm_id)?.closed();
        this.#comms.delete(item.comm_id);
        return;
      case "handled":
        for (const id of item.message_ids) this.#handled(id);
    }
  }

  async #receive(commId: string, { data, buffers }: Received, parentId: string): Promise<void> {
    if (!this.has_model(commId)) return;
    const model = await this.get_model(commId);
    const receive = (): void => this.#comms.get(commId)?.received({ content: { data }, buffers, parent_header: { msg_id: parentId } });
    if (data["method"] === ECHO) asEcho(model, receive);
    else receive();
  }

  #sendOver(comm_id: string, data: unknown, callbacks: base.ICallbacks | undefined, buffers: Buffers = []): string {
    const message_id = crypto.getRandomValues(new Uint32Array(4)).join("-");
    this.#waiting.set(message_id, { commId: comm_id, callbacks });
    this.#send({ comm_id, message_id, data, buffers: buffers.map(base64Of) });
    return message_id;
  }

  /** What Jupyter calls idle: the next change may be sent. */
  #handled(messageId: string): void {
    const waiting = this.#waiting.get(messageId);
    if (!waiting) return;
    this.#waiting.delete(messageId);
    waiting.callbacks?.iopub?.["status"]?.({ content: { execution_state: "idle" } } as never);
    this.#expectNoEcho(messageId, waiting.commId).catch((error: unknown) => console.error(error));
  }

  /** An echo that was missed will not come; waited for, it would keep out what others set. */
  async #expectNoEcho(messageId: string, commId: string): Promise<void> {
    if (!this.has_model(commId)) return;
    const model = await this.get_model(commId);
    await model.state_change;
    // The model keeps it to itself: by which message each of its fields was sent.
    const expected = (model as unknown as { _expectedEchoMsgIds: Map<string, string> })._expectedEchoMsgIds;
    for (const [name, id] of expected) if (id === messageId) expected.delete(name);
  }
}

/** What is no LaTeX stays the text that it is. */
function typesetLabel(element: HTMLElement): void {
  if (/\$|\\[([]|\\begin/.test(element.textContent)) typesetText(element).catch(() => {});
}

interface Received {
  readonly data: Readonly<Record<string, unknown>>;
  readonly buffers: readonly DataView[];
}

/** A model's line to the page. */
class Comm implements base.IClassicComm {
  readonly target_name = "jupyter.widget";
  readonly comm_id: string;
  #send: (data: unknown, callbacks?: base.ICallbacks, buffers?: Buffers) => string;
  #onMessage: (message: unknown) => void = () => {};
  #onClose: (message: unknown) => void = () => {};

  constructor(commId: string, send: (data: unknown, callbacks?: base.ICallbacks, buffers?: Buffers) => string) {
    this.comm_id = commId;
    this.#send = send;
  }

  send(data: unknown, callbacks?: base.ICallbacks, _metadata?: unknown, buffers?: Buffers): string {
    return this.#send(data, callbacks, buffers);
  }

  open(): string {
    return "";
  }

  /** The kernel's to do. */
  close(): string {
    return "";
  }

  on_msg(callback: (message: unknown) => void): void {
    this.#onMessage = callback;
  }

  on_close(callback: (message: unknown) => void): void {
    this.#onClose = callback;
  }

  received(message: unknown): void {
    this.#onMessage(message);
  }

  closed(): void {
    this.#onClose({});
  }
}

function wholeState({ state, buffers }: WidgetModel): Record<string, unknown> {
  const whole = { ...state };
  base.put_buffers(whole as never, pathsOf(buffers), buffers.map(({ data }) => bytesOf(data)));
  return whole;
}

function updateOf(state: Readonly<Record<string, unknown>>, buffers: readonly WidgetBuffer[], isEcho: boolean): Received {
  const method = isEcho ? ECHO : "update";
  const data = { method, state: { ...state }, buffer_paths: pathsOf(buffers) };
  return { data, buffers: buffers.map(({ data }) => bytesOf(data)) };
}

function pathsOf(buffers: readonly WidgetBuffer[]): (string | number)[][] {
  return buffers.map(({ path }) => [...path]);
}
