// Which grammar an editor has.

import { markdown } from "@codemirror/lang-markdown";
import { python, pythonLanguage } from "@codemirror/lang-python";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import type { Extension } from "@codemirror/state";

export type Language = "python" | "markdown" | "sql" | "text";

export function languageSupport(language: Language): Extension {
  switch (language) {
    case "python":
      return python();
    case "markdown":
      return markdown({ defaultCodeLanguage: pythonLanguage });
    case "sql":
      return sql({ dialect: PostgreSQL });
    case "text":
      return [];
  }
}
