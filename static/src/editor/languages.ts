// Which grammar an editor has. Each is loaded when the first editor needs it.

import { LanguageDescription, type LanguageSupport } from "@codemirror/language";

/** As Jupyter names them, in lower case; "text" has no grammar, and "mysql" is SQL with names as MySQL writes them. */
export type Language = string;

/** Of a language that has none, nothing. */
export type Grammar = LanguageSupport | readonly [];

const loaded = new Map<Language, Grammar>();

/** The grammar if it was loaded before: an editor that begins with it is drawn once, not twice. */
export function loadedLanguage(language: Language): Grammar | undefined {
  return loaded.get(language);
}

/** Rejects if it cannot be had now; whoever asks next tries again. */
export async function loadLanguage(language: Language): Promise<Grammar> {
  const grammar = loaded.get(language) ?? (await grammarOf(language));
  loaded.set(language, grammar);
  return grammar;
}

async function grammarOf(language: Language): Promise<Grammar> {
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

async function loadOther(language: Language): Promise<Grammar> {
  const { languages } = await import("@codemirror/language-data");
  return (await LanguageDescription.matchLanguageName(languages, language)?.load()) ?? [];
}

async function loadMarkdown(): Promise<Grammar> {
  const { markdown } = await import("@codemirror/lang-markdown");
  const { pythonLanguage } = await import("@codemirror/lang-python");
  return markdown({ defaultCodeLanguage: pythonLanguage });
}

async function loadSql(language: Language): Promise<Grammar> {
  const { MySQL, PostgreSQL, sql } = await import("@codemirror/lang-sql");
  return sql({ dialect: language === "mysql" ? MySQL : PostgreSQL });
}

export function isSql(language: Language | null): boolean {
  return language === "sql" || language === "mysql";
}
