// What clients draw for each request, and what therefore tells no two requests apart, for people.
import type { DrawnValue } from '../../../src/live/http/index.ts';

export function drawnText(values: readonly DrawnValue[]): string {
  const listed = values.map(({ name, why, places }) => `  ${name}: ${why}\n    ${places.join(', ')}`);
  return `${[
    'Values in bodies that do not count, since clients draw new ones for each request:',
    ...listed,
    '',
    'Of a presigned link, what signs it does not count: signature, signer, dates and tokens.',
    'Of the headers only those count that choose an operation, a part or a tenant, and those in `match.headers`.',
  ].join('\n')}\n`;
}
