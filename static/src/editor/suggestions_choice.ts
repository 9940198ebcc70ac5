// Whether suggestions are wanted while one types: the choice is the browser's (localStorage), and off by default, because
// each costs a call of the model.

const KEY = "tandem-suggestions";

export function wantsSuggestions(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

export function chooseSuggestions(isOn: boolean): void {
  try {
    if (isOn) localStorage.setItem(KEY, "on");
    else localStorage.removeItem(KEY);
  } catch {
    // It stays off.
  }
}
