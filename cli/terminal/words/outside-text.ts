// Which requests are no part of the runs of a project, for people.
import type { KnownEndpoint } from '../../../src/live/http/index.ts';

const headings = {
  telemetry: 'Telemetry, which a replay takes and keeps from leaving:',
  credential: 'Credentials, for which a replay gives a placeholder:',
} as const;

const kinds = ['telemetry', 'credential'] as const;

/** One line for each kind. */
export function outsideSummary(known: readonly KnownEndpoint[]): readonly string[] {
  return kinds.map((kind) => {
    const names = known.filter((endpoint) => endpoint.kind === kind).map(({ name }) => name);
    return `outside of runs, ${kind}: ${names.length === 0 ? 'nothing' : names.join(', ')}`;
  });
}

export function outsideText(known: readonly KnownEndpoint[]): string {
  const lines = kinds.flatMap((kind) => [
    headings[kind],
    ...known.filter((endpoint) => endpoint.kind === kind).flatMap(endpointLines),
    '',
  ]);
  return `${lines.join('\n').trimEnd()}\n`;
}

function endpointLines({ name, why, patterns }: KnownEndpoint): readonly string[] {
  return [`  ${name}: ${why}`, ...patterns.map((pattern) => `    ${pattern}`)];
}
