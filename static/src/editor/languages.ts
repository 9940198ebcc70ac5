// Which grammar an editor has. Each is loaded when the first editor needs it.

import { LanguageDescription } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

/** As Jupyter names them, in lower case; "text" has no grammar. */
export type Language = string;

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
    default:
      return loadOther(language);
  }
}

async function loadOther(language: Language): Promise<Extension> {
  const { languages } = await import("@codemirror/language-data");
  return (await LanguageDescription.matchLanguageName(languages, language)?.load()) ?? [];
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
