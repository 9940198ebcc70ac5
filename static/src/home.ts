// The list of notebooks.

import "./panels/file_drop";
import "./panels/theme_toggle";
import { wireDialogs } from "./panels/dialog_button";

wireDialogs(document.body);
