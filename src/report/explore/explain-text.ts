// Which order makes today's code come out as the recording did, for people.
import { count } from '../text/counts-text.ts';
import type { ExplainFacts, ExplainedRace } from './explain-facts.ts';
import { differences, holdText, variableText } from './finding-text.ts';
import { runText, uncontrolledLines } from './explore-text.ts';
import { plainPalette } from '../text/palette.ts';
import type { Palette } from '../text/palette.ts';
import { below, oneLine, reportWidth, wrapped } from '../text/plain-text.ts';

/** `reproduce`: the command line that runs the order again. */
export function explainText(report: ExplainFacts, reproduce?: string, palette: Palette = plainPalette): string {
  const lines = [
    ...wrapped(`${oneLine(report.fixture)}: ${runText(report)}`, '  '),
    ...(report.race === undefined ? withoutRace(report, palette) : raceLines(report, report.race, palette)),
    ...uncontrolledLines(report),
  ];
  if (report.race !== undefined && reproduce !== undefined) lines.push(`reproduce: ${reproduce}`);
  return `${lines.join('\n')}\n`;
}

function raceLines(report: ExplainFacts, race: ExplainedRace, palette: Palette): readonly string[] {
  const isFifo = race.schedule === 'fifo';
  const other = isFifo || report.fifo === 'as recorded' ? 'in the recorded order' : 'first in, first out';
  const isGivenOrder = race.schedule === 'recorded';
  const order = isFifo ? 'first in, first out' : isGivenOrder ? 'in the recorded order' : 'in another order';
  const headline = `RACE: today's code comes out as recorded ${order}, and not ${other}`;
  return [
    ...wrapped(headline, '  ', reportWidth).map(palette.strong),
    ...(isFifo || isGivenOrder ? [] : race.holds.map(holdText).flatMap(below)),
    ...(race.variables ?? []).flatMap((variable) => below(variableText(variable))),
    ...(report.divergences.length === 0 ? [] : below(`${other}:`)),
    ...differences(report.divergences, other, palette),
    ...(race.from === 'given' ? [] : below(foundText(race))),
  ];
}

const places: Readonly<Record<Exclude<ExplainedRace['from'], 'given' | 'search'>, string>> = {
  'first in, first out': 'the first order that was tried',
  'the recorded order': 'the order that the fixture holds',
};

function foundText({ from, after, shrunk, holds }: ExplainedRace): string {
  const where = from === 'search' ? `order ${after} of the search` : places[from as keyof typeof places];
  if (shrunk.runs === 0) return `found: ${where}`;
  return `found: ${where}, shrunk from ${count(shrunk.from, 'hold')} to ${holds.length} in ${count(shrunk.runs, 'run')}`;
}

function withoutRace(report: ExplainFacts, palette: Palette): readonly string[] {
  const { verdict, fifo, steps, schedules, divergences, run } = report;
  if (verdict === 'uncontrolled') {
    const why =
      divergences.length === 0
        ? 'the run waits for something that nobody controls, so nothing is said about orders'
        : 'the run depends on something besides the order, so nothing is said about orders';
    return [
      ...wrapped(`UNCONTROLLED: ${why}`, '  ', reportWidth).map(palette.strong),
      ...differences(divergences, 'the run', palette),
    ];
  }
  if (fifo === 'as recorded') {
    return [
      palette.strong('no race found: the run comes out as recorded'),
      ...below('next: `npx reprise check` looks for an order that changes the result'),
    ];
  }
  const near = `the nearest of them is right up to step ${steps.right} of ${steps.of}`;
  return [
    ...wrapped(`no race found: in ${count(schedules, 'run')} no order comes out as recorded`, '  ', reportWidth).map(
      palette.strong,
    ),
    ...below(near),
    ...differences(divergences, 'the nearest order', palette),
    ...below(
      run.choices === 0
        ? 'next: see `npx reprise replay`: up to there nothing can come in another order'
        : 'next: see `npx reprise replay`, or try more orders with --schedules',
    ),
  ];
}
