// The kernel's dataframes as tables: SQL without a connection asks them by their names. Pure.

import type { Variable } from "../protocol/types";
import type { Database } from "./database";

const IS_DATAFRAME = /(?:^|\.)(?:DataFrame|LazyFrame|Table)$/;

export function databaseOf(variables: readonly Variable[]): Database {
  const names = variables.filter(({ type }) => IS_DATAFRAME.test(type)).map(({ name }) => name);
  const tables = names.map((name) => ({ name, written: name, kind: "table" as const, columns: [] }));
  // Which is what DuckDB calls it.
  const schema = { name: "main", written: "main", is_default: true, tables };
  return { kind: "duckdb", schemas: [schema], is_complete: true, as_of: "" };
}
