// The page of settings: each choice counts as soon as it is made.

import { find } from "./dom";
import "./panels/menu";
import { choosePreferences, onPreferencesChange, type Preferences, preferences } from "./preferences";

const form = find<HTMLFormElement>(document, "#settings");
const status = find(document, "#settings-status");

form.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement) void keep({ [target.name]: target.type === "checkbox" ? target.checked : target.value });
});
onPreferencesChange(() => showChosen());

async function keep(changes: Partial<Preferences>): Promise<void> {
  status.textContent = "Saving…";
  try {
    await choosePreferences(changes);
    status.textContent = "Saved, for every browser you log in with.";
  } catch (error) {
    status.textContent = error instanceof Error ? error.message : String(error);
    showChosen();
  }
}

/** They may have been changed in another page. */
function showChosen(): void {
  for (const [name, value] of Object.entries(preferences())) {
    for (const input of form.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)) {
      input.checked = input.type === "checkbox" ? value === true : input.value === value;
    }
  }
}
