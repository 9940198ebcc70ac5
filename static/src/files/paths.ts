// Paths in the notebook's folder: names with slashes between them; the folder itself is "". Pure.

export function joined(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

export interface Step {
  readonly name: string;
  readonly path: string;
}

/** The folders that lead to `path`, itself the last; the notebook's folder is left out. */
export function stepsTo(path: string): Step[] {
  const names = path.split("/").filter(Boolean);
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join("/") }));
}
