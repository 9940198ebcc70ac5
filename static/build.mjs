// Bundles static/src into static/dist. Django's manifest storage gives the files their hashed names, so the
// entry points keep plain ones; chunks that pages share carry a hash of their own.
import { copyFile, mkdir, rm } from "node:fs/promises";
import { context } from "esbuild";

const outdir = "static/dist";
const common = { bundle: true, minify: true, target: "es2022", logLevel: "warning", outdir };

const pages = {
  ...common,
  entryPoints: ["static/src/page.ts", "static/src/home.ts", "static/src/forms.ts"],
  format: "esm",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
};
// Classic scripts: the theme must be set before the first paint, a sandboxed frame has no origin that could load
// modules, and a worker begins with one file.
const scripts = {
  ...common,
  entryPoints: {
    theme: "static/src/theme.ts",
    frame: "static/src/frame.ts",
    layout_worker: "static/src/graph/layout_worker.ts",
  },
  format: "iife",
};

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
await copyFile("static/src/icon.svg", `${outdir}/icon.svg`);
const contexts = await Promise.all([context(pages), context(scripts)]);
if (process.argv.includes("--watch")) {
  await Promise.all(contexts.map((each) => each.watch()));
} else {
  await Promise.all(contexts.map((each) => each.rebuild()));
  await Promise.all(contexts.map((each) => each.dispose()));
}
