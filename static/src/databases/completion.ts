// What is offered while SQL is typed: tables and columns of the database that the cell asks, and the words of SQL.

import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import type { SQLNamespace } from "@codemirror/lang-sql";
import type { Column, Database, Table } from "./database";

// Names come before the words of SQL that begin alike, and after those that were written to their end.
const BOOST = 50;

/** `isOn`: whether the text is SQL now. `database` rejects, or gives null, if nothing is known: then words are offered. */
export function sqlOffers(isOn: () => boolean, database: () => Promise<Database | null>): CompletionSource[] {
  // Made of a database once, not at every key.
  let made: { readonly of: Database; readonly names: CompletionSource } | null = null;
  const names = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const known = isOn() ? await database().catch(() => null) : null;
    if (!known) return null;
    if (made?.of !== known) made = { of: known, names: await namesOf(known) };
    return made.names(context);
  };
  const words = async (context: CompletionContext): Promise<CompletionResult | null> => {
    if (!isOn()) return null;
    const { keywordCompletionSource, PostgreSQL } = await import("@codemirror/lang-sql");
    return keywordCompletionSource(PostgreSQL, true)(context);
  };
  return [names, words];
}

async function namesOf(database: Database): Promise<CompletionSource> {
  const { MySQL, PostgreSQL, schemaCompletionSource, SQLite } = await import("@codemirror/lang-sql");
  const defaultSchema = database.schemas.find(({ is_default }) => is_default)?.name;
  return schemaCompletionSource({
    schema: namespaceOf(database),
    dialect: { mysql: MySQL, sqlite: SQLite }[database.kind] ?? PostgreSQL,
    ...(defaultSchema === undefined ? {} : { defaultSchema }),
  });
}

function namespaceOf({ schemas }: Database): SQLNamespace {
  return Object.fromEntries(
    schemas.map(({ name, written, tables }) => {
      const self = { label: name, type: "namespace", detail: "schema", apply: written, boost: BOOST };
      return [keyOf(name), { self, children: Object.fromEntries(tables.map((table) => [keyOf(table.name), tableOf(table)])) }];
    }),
  );
}

function tableOf({ name, written, kind, columns }: Table): SQLNamespace {
  return { self: { label: name, type: "type", detail: kind, apply: written, boost: BOOST }, children: columns.map(columnOf) };
}

function columnOf({ name, written, type }: Column): Completion {
  return { label: name, type: "property", detail: type, apply: written, boost: BOOST };
}

/** A dot would be taken for that between a schema and its table. */
function keyOf(name: string): string {
  return name.replaceAll(".", "\\.");
}
