// Bundles static/src and static/css into static/dist. Django's manifest storage gives the files their hashed names,
// so the entry points keep plain ones; chunks that pages share carry a hash of their own.
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { context } from "esbuild";

const outdir = "static/dist";
const common = { bundle: true, minify: true, target: "es2022", logLevel: "warning", outdir };

/** The keys of Emacs bind themselves in calls that are marked as without effect: esbuild would leave them out. */
const keepEmacsKeys = {
  name: "keep-emacs-keys",
  setup: ({ onLoad }) =>
    onLoad({ filter: /codemirror-emacs.dist.index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replaceAll("/*@__PURE__*/EmacsHandler.", "EmacsHandler."), loader: "js" };
    }),
};

const modules = {
  ...common,
  plugins: [keepEmacsKeys],
  entryPoints: ["page", "ahead", "home", "settings", "frame"].map((name) => `static/src/${name}.ts`),
  format: "esm",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
};
// A worker begins with one file.
const scripts = {
  ...common,
  entryPoints: {
    layout_worker: "static/src/graph/layout_worker.ts",
    search_worker: "static/src/find/search_worker.ts",
  },
  format: "iife",
};

/** Formulas: the style and the fonts, of which every browser that runs us takes the smallest. */
async function copyKatex() {
  const [from, to] = ["node_modules/katex/dist", `${outdir}/katex`];
  const isWoff2 = (path) => !/\.(?:woff|ttf)$/.test(path);
  await cp(`${from}/fonts`, `${to}/fonts`, { recursive: true, filter: isWoff2 });
  const style = await readFile(`${from}/katex.min.css`, "utf8");
  await writeFile(`${to}/katex.css`, style.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)/g, ""));
}

/** Bokeh's own scripts: each finds the first by its global name, so they stay files of their own. */
async function copyBokeh() {
  await mkdir(`${outdir}/bokeh`);
  for (const name of ["bokeh", "bokeh-widgets", "bokeh-tables", "bokeh-gl"]) {
    const script = await readFile(`node_modules/@bokeh/bokehjs/build/js/${name}.min.js`, "utf8");
    // Its source map is not here, and the manifest wants every file that is named.
    await writeFile(`${outdir}/bokeh/${name}.js`, script.replace(/^\/\/# sourceMappingURL=.*$/gm, ""));
  }
}

/** The pages' own: one file for what every page has, and one for the notebook. */
const pageStyles = {
  ...common,
  entryPoints: ["static/css/bundles/site.css", "static/css/bundles/notebook_page.css"],
};

/** What the frames of widgets need, with its icons inside: a frame has no other way to fonts. */
const widgetStyles = {
  ...common,
  entryPoints: { widgets: "static/src/outputs/framed/widgets.css" },
  loader: { ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "empty" },
};

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
await Promise.all([copyFile("static/src/icon.svg", `${outdir}/icon.svg`), copyKatex(), copyBokeh()]);
const contexts = await Promise.all([context(modules), context(scripts), context(pageStyles), context(widgetStyles)]);
if (process.argv.includes("--watch")) {
  await Promise.all(contexts.map((each) => each.watch()));
} else {
  await Promise.all(contexts.map((each) => each.rebuild()));
  await Promise.all(contexts.map((each) => each.dispose()));
}
