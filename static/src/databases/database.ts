// What there is in a database, as the server tells it (REST, `get_connection_schema`).

export interface Database {
  readonly kind: string;
  /** The default one first. */
  readonly schemas: readonly Schema[];
  readonly is_complete: boolean;
  readonly as_of: string;
}

export interface Schema extends Named {
  /** Its tables need no schema before their names. */
  readonly is_default: boolean;
  readonly tables: readonly Table[];
}

export interface Table extends Named {
  readonly kind: "table" | "view";
  readonly columns: readonly Column[];
}

export interface Column extends Named {
  readonly type: string;
}

interface Named {
  readonly name: string;
  /** As it stands in a statement. */
  readonly written: string;
}
