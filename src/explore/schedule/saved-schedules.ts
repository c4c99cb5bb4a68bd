// Schedules that are kept beside a fixture, one a line: `desk-7.schedules` beside `desk-7.run.jsonl`. Lines that begin with #
// say what was found. Like its fixture, such a file comes from outside.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { RepriseError } from '../../base/error.ts';
import { oneLine } from '../../base/visible-text.ts';
import { parseSchedule, scheduleText } from './schedule.ts';
import type { Schedule } from './schedule.ts';

const bytesMax = 1_000_000;
const schedulesMax = 1_000;
const commentLengthMax = 400;

const head = '# Schedules of `npx reprise check`, one a line. Later runs of it try them first.\n';

export function schedulesPath(fixture: string): string {
  return `${fixture.replace(/(?:\.run)?\.jsonl(?:\.\w+)?$/, '')}.schedules`;
}

/** @throws RepriseError `schedules-damaged` */
export function savedSchedules(fixture: string): readonly Schedule[] {
  const path = schedulesPath(fixture);
  if (!existsSync(path)) return [];
  const lines = textOf(path).split('\n');
  const schedules = lines.flatMap((line, place) => (isSchedule(line) ? [parsed(path, line, place + 1)] : []));
  if (schedules.length > schedulesMax) throw damaged(path, `holds more than ${schedulesMax} schedules`);
  return schedules;
}

/** Keeps a schedule, unless it is there already. Returns the file. `found`: what it shows. */
export function saveSchedule(fixture: string, schedule: string, found: string): string {
  const path = schedulesPath(fixture);
  if (savedSchedules(fixture).some((known) => scheduleText(known) === schedule)) return path;
  const before = existsSync(path) ? textOf(path).replace(/\n?$/, '\n') : head;
  writeFileSync(path, `${before}\n# ${oneLine(found).slice(0, commentLengthMax)}\n${schedule}\n`);
  return path;
}

function isSchedule(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#');
}

function parsed(path: string, line: string, number: number): Schedule {
  try {
    return parseSchedule(line);
  } catch (cause) {
    throw damaged(path, `line ${number} is not a schedule: ${oneLine(line.slice(0, 80))}`, cause);
  }
}

function textOf(path: string): string {
  const stats = statSync(path);
  if (!stats.isFile()) throw damaged(path, 'it is not a file');
  if (stats.size > bytesMax) throw damaged(path, `it is larger than ${bytesMax} bytes`);
  return readFileSync(path, 'utf8');
}

function damaged(path: string, what: string, cause?: unknown): RepriseError {
  return new RepriseError('schedules-damaged', `${path}: ${what}`, {
    nextStep: 'Mend that line, or delete the file: `npx reprise check --save` writes it again.',
    cause,
  });
}
