// The code that reads a file into a dataframe. Pure.

const READERS: Readonly<Record<string, (path: string) => string>> = {
  csv: (path) => `pd.read_csv(${path})`,
  tsv: (path) => `pd.read_csv(${path}, sep="\\t")`,
  json: (path) => `pd.read_json(${path})`,
  jsonl: (path) => `pd.read_json(${path}, lines=True)`,
  ndjson: (path) => `pd.read_json(${path}, lines=True)`,
  xlsx: (path) => `pd.read_excel(${path})`,
};

const KEYWORDS = new Set(
  (
    "and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda nonlocal not or pass raise return try while with yield pd duckdb data"
  ).split(" "),
);

/** Null if it is no file that is read like this. */
export function codeToRead(path: string): string | null {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  // A text of JSON is one of Python too.
  const literal = JSON.stringify(path);
  const name = nameFor(path);
  if (ending === "parquet") return `import duckdb\n\n${name} = duckdb.read_parquet(${literal}).df()\n${name}`;
  const reader = READERS[ending];
  return reader ? `import pandas as pd\n\n${name} = ${reader(literal)}\n${name}` : null;
}

/** A name of Python's that is like the file's. */
export function nameFor(path: string): string {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const stem = file.includes(".") ? file.slice(0, file.lastIndexOf(".")) : file;
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return !name || /^\d/.test(name) || KEYWORDS.has(name) ? `df_${name}`.replace(/_$/, "") : name;
}
