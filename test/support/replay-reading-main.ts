// Replays the graphs of reading-graphs.ts in this process, on another day than the one on which they were recorded:
//   replay-reading-main.ts <folder of the fixtures> <address of the server>
// It prints how each replay came out, by the name of its node.
import { join } from 'node:path';

const daysLater = 40 * 24 * 60 * 60 * 1_000;
const { Date: RealDate } = globalThis;
const laterNow = (): number => RealDate.now() + daysLater;
// Before anything of Reprise is loaded, as a process of that day would have it.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [laterNow()] : given, newTarget),
  apply: () => new RealDate(laterNow()).toString(),
  get: (target, name) => (name === 'now' ? laterNow : Reflect.get(target, name)),
});

const { replay } = await import('../../src/replay/index.ts');
const { readingGraph, readingNodes } = await import('./reading-graphs.ts');
const [folder = '', origin = ''] = process.argv.slice(2);

const outcomes: Record<string, unknown> = {};
for (const [index, name] of Object.keys(readingNodes).entries()) {
  const { report } = await replay(readingGraph(name, origin), join(folder, `${index}.run.jsonl`));
  const { verdict, unrecordedReads, divergences } = report;
  outcomes[name] = verdict === 'same' && unrecordedReads === 0 ? 'same' : { verdict, unrecordedReads, divergences };
}
process.stdout.write(JSON.stringify(outcomes));
