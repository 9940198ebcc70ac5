// The field with the name that the dataframe of a cell has in the kernel.

export class ResultName {
  #field: HTMLInputElement;
  #name = "";

  constructor(field: HTMLInputElement, rename: (name: string) => void) {
    this.#field = field;
    field.onchange = () => {
      const name = field.value.trim();
      // The server's answer shows the new one.
      field.value = this.#name;
      if (name && name !== this.#name) rename(name);
    };
    field.onkeydown = ({ key }) => {
      if (key === "Escape") field.value = this.#name;
      if (key === "Escape" || key === "Enter") field.blur();
    };
  }

  show(resultName: string): void {
    this.#name = resultName || "df";
    if (document.activeElement !== this.#field) this.#field.value = this.#name;
  }
}
