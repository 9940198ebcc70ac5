// HTML that takes plotly, vega or bokeh from a CDN, as plotly and altair write it for browsers. The frame reaches no CDN;
// where an output asks for a library that we have, it finds ours under the global name it expects.

interface Library {
  /** What the HTML says if it wants it. */
  readonly wanted: RegExp;
  provide(html: string): Promise<void>;
}

const LIBRARIES: readonly Library[] = [
  { wanted: /cdn\.plot\.ly\/plotly|npm\/plotly\.js/, provide: providePlotly },
  { wanted: /npm\/+vega(?:-lite|-embed)?@/, provide: provideVega },
  {
    wanted: /cdn\.bokeh\.org\/bokeh/,
    provide: async () => (await import("./bokeh")).loadBokeh(),
  },
];

export async function provideLibraries(html: string): Promise<void> {
  await Promise.all(LIBRARIES.filter(({ wanted }) => wanted.test(html)).map(({ provide }) => provide(html)));
}

/** Whether a script's address is that of a library we have. */
export function isProvided(url: string): boolean {
  return LIBRARIES.some(({ wanted }) => wanted.test(url));
}

async function providePlotly(): Promise<void> {
  Object.assign(window, { Plotly: (await import("plotly.js-dist-min")).default });
}

async function provideVega(html: string): Promise<void> {
  const [vega, vegaLite, { default: vegaEmbed }] = await Promise.all([
    import("vega"),
    import("vega-lite"),
    import("vega-embed"),
  ]);
  // Altair loads a library unless it is noted here in the version it asks for.
  const asked = html.matchAll(/maybeLoadScript\("([\w-]+)", "([^"]*)"\)/g);
  const versions = [...asked].map(([, name = "", version]) => [`${name.replace("-", "")}_version`, version]);
  Object.assign(window, { vega, vegaLite, vegaEmbed, VEGA_DEBUG: Object.fromEntries(versions) });
}
