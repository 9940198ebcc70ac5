// Runs in <head>, before the first paint.

import { applyTheme, storedTheme } from "./theme_choice";

applyTheme(storedTheme());
