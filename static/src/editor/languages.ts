// Which grammar an editor has. Each is loaded when the first editor needs it.

import type { Extension } from "@codemirror/state";

export type Language = "python" | "markdown" | "sql" | "text";

export async function loadLanguage(language: Language): Promise<Extension> {
  switch (language) {
    case "python":
      return (await import("@codemirror/lang-python")).python();
    case "markdown":
      return loadMarkdown();
    case "sql":
      return loadSql();
    case "text":
      return [];
  }
}

async function loadMarkdown(): Promise<Extension> {
  const { markdown } = await import("@codemirror/lang-markdown");
  const { pythonLanguage } = await import("@codemirror/lang-python");
  return markdown({ defaultCodeLanguage: pythonLanguage });
}

async function loadSql(): Promise<Extension> {
  const { PostgreSQL, sql } = await import("@codemirror/lang-sql");
  return sql({ dialect: PostgreSQL });
}
