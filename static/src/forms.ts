// The pages that are only forms: login and errors.

import "./panels/theme_toggle";
