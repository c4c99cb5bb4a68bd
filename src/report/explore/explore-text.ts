// What an exploration has shown, for people.
import { count } from '../text/counts-text.ts';
import { eventText } from '../text/event-text.ts';
import { plainPalette } from '../text/palette.ts';
import type { Palette } from '../text/palette.ts';
import { below, oneLine, wrapped } from '../text/plain-text.ts';
import type { ExploreFacts } from './explore-facts.ts';
import { differences, findingLines } from './finding-text.ts';
import { rungLines } from './rung-text.ts';
import { untriedLines } from './untried-text.ts';

/** `reproduce`: the command line that shows the finding again. */
export function exploreText(report: ExploreFacts, reproduce?: string, palette: Palette = plainPalette): string {
  const name = oneLine(report.fixture ?? report.graph);
  const lines = [
    ...wrapped(`${name}: ${runText(report)}`, '  '),
    ...verdictLines(report, palette),
    ...report.rungs.flatMap((rung) => rungLines(rung, report)),
    ...readingLines(report),
    ...untriedLines(report),
    ...variableLines(report),
    ...uncontrolledLines(report),
  ];
  if (report.kept !== undefined) lines.push(...below(`kept in ${oneLine(report.kept)}`));
  if (report.verdict === 'found' && reproduce !== undefined) lines.push(`reproduce: ${reproduce}`);
  return `${lines.join('\n')}\n`;
}

export function runText({ run: { tasks, steps, events, choices, widest } }: Pick<ExploreFacts, 'run'>): string {
  const atOnce = choices === 0 ? '' : `, at most ${widest} ready at once`;
  return `${count(steps, 'step')}, ${count(tasks, 'task')}, ${count(events, 'event')}, ${count(choices, 'choice')}${atOnce}`;
}

function verdictLines(report: ExploreFacts, palette: Palette): readonly string[] {
  switch (report.verdict) {
    case 'found':
      return report.finding === undefined ? [] : findingLines(report.finding, palette);
    case 'proved':
      return [palette.strong('PROVED: no order changes anything')];
    case 'no difference':
      return [palette.strong('no order that was tried changes anything')];
    case 'nothing to explore':
      return [palette.strong('nothing to explore: at no moment was more than one thing ready')];
    case 'not repeatable':
      return [
        ...wrapped(`NOT REPEATABLE: ${notRepeatable(report)}`, '  ').map(palette.strong),
        ...differences(report.divergences ?? [], 'the second time', palette),
        ...unlikeLines(report),
        ...below(notRepeatableNext(report)),
      ];
    case 'stuck':
      return [palette.strong('STUCK: the run waits for something that nobody controls')];
    case 'other than recorded':
      return [
        palette.strong(
          'OTHER THAN RECORDED, and no order that was tried makes the difference: see `npx reprise replay`',
        ),
        ...differences(report.divergences ?? [], 'now', palette),
      ];
  }
}

function notRepeatable(report: ExploreFacts): string {
  return isChangedWarm(report)
    ? 'a second run in the same process comes out differently, by what the first one left there'
    : 'the same order came out differently, so nothing is said about other orders';
}

/** Where nothing that is recorded differs, what was ready says where to look. */
function unlikeLines({ unlike, divergences = [] }: ExploreFacts): readonly string[] {
  if (unlike === undefined || divergences.length > 0) return [];
  const { event, node, after, instead, insteadNode = '' } = unlike;
  const name = eventText(event, node);
  const [first, second] = after;
  if (first === null) return below(`${name} became ready the second time, and never the first time`);
  if (second === null) return below(`${name} became ready the first time, and never the second time`);
  if (instead !== undefined)
    return below(`${name} became ready the first time where ${eventText(instead, insteadNode)} did the second time`);
  return below(`${name} became ready ${momentText(first)} the first time, and ${momentText(second)} the second time`);
}

function momentText(after: string): string {
  return after === '' ? 'at once' : `after ${eventText(after, '')}`;
}

/** Whether only a run that finds the variables of another differs. */
function isChangedWarm({ rungs }: ExploreFacts): boolean {
  return rungs.some((rung) => rung.name === 'self-check' && rung.isWarm === true && !rung.isSame);
}

function notRepeatableNext(report: ExploreFacts): string {
  const written = report.rungs.flatMap((rung) => (rung.name === 'watch' && 'written' in rung ? rung.written : []));
  if (isChangedWarm(report) && written.length > 0)
    return 'next: keep in the state what a run needs, and not in a variable: see those below';
  if (report.variables === 'shared' && written.length > 0)
    return 'next: each run finds what the last one left in a variable. Give `explore` a function that makes the graph, or use `npx reprise check`, where each run has modules of its own';
  return 'next: look for what is not recorded and differs between two runs: a file, a package, a property of `process` or `Math`, work that no node waits for';
}

/** A time says when something was, and so does the order. */
function readingLines({ readings }: ExploreFacts): readonly string[] {
  if (readings === undefined) return [];
  const { at, step, node, path } = readings;
  const where = node === undefined ? `step ${step}` : `"${oneLine(node)}" in step ${step} (${at})`;
  return below(
    `not compared: times and drawn values that stand as they were read, since they follow from the order: first at ${oneLine(path)} of ${where}`,
  );
}

/** What a schedule leaves in a cache hides a difference from all that come after it. */
function variableLines({ variables, verdict, rungs }: ExploreFacts): readonly string[] {
  const isUnwritten = rungs.some((rung) => rung.name === 'watch' && 'written' in rung && rung.written.length === 0);
  if (variables === 'fresh' || verdict !== 'no difference' || isUnwritten) return [];
  return below('the runs shared their variables: what one left there the next found, so nothing is proved');
}

export function uncontrolledLines({ uncontrolled }: Pick<ExploreFacts, 'uncontrolled'>): readonly string[] {
  return uncontrolled.flatMap(({ at, node, stack }) => [
    ...below(`uncontrolled: ${node === '' ? '' : `"${oneLine(node)}" `}(${at}) waits for something unseen`),
    ...(stack === undefined ? [] : stack.split('\n').map((line) => `    ${oneLine(line)}`)),
  ]);
}
