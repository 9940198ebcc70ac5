// Which grammar an editor has. Each is loaded when the first editor needs it.

import { LanguageDescription } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

/** As Jupyter names them, in lower case; "text" has no grammar, and "mysql" is SQL with names as MySQL writes them. */
export type Language = string;

export async function loadLanguage(language: Language): Promise<Extension> {
  switch (language) {
    case "python":
      return (await import("@codemirror/lang-python")).python();
    case "markdown":
      return loadMarkdown();
    case "sql":
    case "mysql":
      return loadSql(language);
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

async function loadSql(language: Language): Promise<Extension> {
  const { MySQL, PostgreSQL, sql } = await import("@codemirror/lang-sql");
  return sql({ dialect: language === "mysql" ? MySQL : PostgreSQL });
}

export function isSql(language: Language | null): boolean {
  return language === "sql" || language === "mysql";
}
