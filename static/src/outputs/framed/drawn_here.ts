// What a widget has captured may run something. In the page it would be in a frame of its own; here it is in one already.

import type { DisplayOutput, MimeBundle } from "../../protocol/types";
import type { Fail, Renderer } from "../renderer";
import type { MakeFramed } from "../services";
import { showerOf } from "./showers";

class DrawnHere implements Renderer {
  readonly element = document.createElement("div");

  constructor({ data, metadata }: DisplayOutput, type: string, fail: Fail, contentType = type) {
    if (data[contentType] === undefined) throw new Error(`${type} comes without ${contentType}.`);
    this.#draw(type, data[contentType], metadata).catch(fail);
  }

  update(): boolean {
    return false;
  }

  // Private

  async #draw(type: string, content: unknown, metadata: MimeBundle): Promise<void> {
    const shower = showerOf(type);
    if (!shower) throw new Error(`There is no renderer for ${type}.`);
    const draw = await shower.load();
    const scheme = document.documentElement.dataset["scheme"] === "dark" ? "dark" : "light";
    await draw(this.element, { type: "show", mime_type: type, content, metadata, scheme });
  }
}

export const drawnHere: MakeFramed = (...given) => new DrawnHere(...given);
