// The list of notebooks.

import "./panels/file_drop";
import "./panels/menu";
import "./preferences";
import { wireDialogs } from "./panels/dialog_button";

wireDialogs(document.body);

// A choice that needs no button.
document.body.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLSelectElement && target.hasAttribute("data-submits")) target.form?.requestSubmit();
});
