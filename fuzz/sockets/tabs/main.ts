// Several people at their tabs, at once in one process. Talks with fuzz/sockets/tabs_process.py in lines of JSON: reads a plan, tells
// how many operations were begun, and, once it is asked to settle, what all tabs have in the end.

import { createInterface } from "node:readline";
import { installBrowser, sleep } from "./browser";
import { Network } from "./network";
import { Person } from "./person";
import { Random } from "./random";
import { RestProgram } from "./rest";
import { Tab } from "./tab";

interface Plan {
  readonly seed: number;
  readonly operations: number;
  readonly tabs: number;
  readonly servers: readonly string[];
  readonly token: string;
  readonly notebook_id: string;
}

const POLL_MS = 100;
/** Of a page that knows nothing: it asks for a snapshot. */
const NO_SEQ = -1;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function main(): Promise<void> {
  const plan = JSON.parse((await lines.next()).value as string) as Plan;
  const { seed, servers, token, notebook_id } = plan;
  // Two more than people: those who come only at the end.
  const networks = Array.from({ length: plan.tabs + 2 }, (_, number) => {
    return new Network(servers, token, new Random(1000 * seed + number));
  });
  installBrowser(networks);
  const working = networks.slice(0, plan.tabs);
  const programs = working.map((network) => new RestProgram(network, notebook_id));
  const [program] = programs as [RestProgram];
  const first = await program.notebook();
  const tabs = working.map((_, number) => new Tab(number, first));
  const people = tabs.map((tab, number) => {
    const random = new Random(1000 * seed + 500 + number);
    return new Person(number, tab, programs[number] as RestProgram, random);
  });

  let begun = 0;
  const mayGoOn = (): boolean => {
    if (begun >= plan.operations) return false;
    tell({ type: "progress", operations: ++begun });
    return true;
  };
  await Promise.all(people.map((person) => person.work(mayGoOn)));
  tell({ type: "done" });

  await lines.next();
  for (const network of networks) network.isFaulty = false;
  await settled(tabs, program);
  const newcomers = [NO_SEQ, 0].map((seq, index) => new Tab(plan.tabs + index, { ...first, seq, cells: [] }));
  await settled([...tabs, ...newcomers], program);

  const report = {
    type: "report",
    tabs: [...tabs, ...newcomers].map(({ page, pages }, number) => ({
      client_id: page.client.clientId,
      client_ids: pages.flatMap(({ client }) => client.ownIds),
      cells: page.notebook.cells.map(({ id, kind, source, version }) => ({ id, kind, source, version })),
      editors: [...page.editors.values()].map((editor) => ({
        cell_id: editor.cellId,
        text: editor.text,
        version: editor.collaboration.version,
      })),
      sessions: pages.flatMap(({ closed, editors }) =>
        [...closed, ...editors.values()].map((editor) => ({
          cell_id: editor.cellId,
          edits: editor.edits,
          unconfirmed: editor.unconfirmed,
        })),
      ),
      whereabouts: page.whereabouts.cell_id,
      others: page.others,
      pushes: networks[number]?.pushes ?? [],
      errors: pages.flatMap(({ errors }) => errors),
    })),
    rest_edits: programs.flatMap((program) => program.edits),
    outcomes: people.map((person) => person.outcomes),
  };
  tell(report, () => process.exit(0));
}

/** All was sent, everybody knows what the server knows, and who else is here. */
async function settled(tabs: readonly Tab[], program: RestProgram): Promise<void> {
  const pages = tabs.map((tab) => tab.page);
  for (;;) {
    const { seq } = await program.notebook();
    const missing = pages.flatMap((page, number) => {
      return page.missing(seq, pages.length - 1).map((what) => `tab ${number}: ${what}`);
    });
    if (missing.length === 0) return;
    tell({ type: "waiting", missing });
    await sleep(POLL_MS);
  }
}

function tell(line: object, then?: () => void): void {
  process.stdout.write(`${JSON.stringify(line)}\n`, then);
}

void main();
