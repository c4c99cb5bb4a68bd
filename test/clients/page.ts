// The page of the reference that the matrix writes.
import type { Client } from './client.ts';
import type { Cell } from './matrix.ts';
import { reasonFor } from './reasons.ts';
import type { Situation } from './situations/situation.ts';

export interface Matrix {
  readonly clients: readonly (Pick<Client, 'name' | 'kind'> & { readonly version: string })[];
  readonly situations: readonly Situation[];
  readonly cells: readonly Cell[];
}

const kinds = {
  http: 'Clients of HTTP',
  model: 'Clients of models',
  service: 'Clients of services',
} as const;

export function page({ clients, situations, cells }: Matrix): string {
  const applicable = cells.filter(({ skipped }) => skipped === undefined);
  const equal = applicable.filter(isEqual);
  const differing = applicable.filter((cell) => !isEqual(cell));
  return [
    '# Clients',
    '',
    `A client is used as it is: Reprise changes nothing of what your code sees of it. \`npm run test:clients\` tries that and writes this page: ${clients.length} clients in ${situations.length} situations, each bare, live in a node, replayed in a fresh process without a server, and resumed in a fresh process after the first was killed. Compared is all that code can see: status, headers, trailers, bodies, parts, results, errors with their causes, and the order of events. The server compares too: a node sends what a bare client sends, and a replay or a resumed run sends nothing.`,
    '',
    `**${equal.length} of ${applicable.length} cells are equal in all of them.** The others are listed [below](#cells-that-differ), each with its reason. A client that keeps to what is equal needs nothing from you.`,
    '',
    `Find yours: ${(Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => `[${kinds[kind]}](#${kinds[kind].toLowerCase().replaceAll(' ', '-')})`).join(', ')}. One that is not listed sends through one that is: nearly all are built on \`fetch\`, undici, \`node:http\`, axios or got, and the \`dependencies\` in its \`package.json\` say on which (none: on \`fetch\`).`,
    ...(Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) => {
      const own = clients.filter((client) => client.kind === kind);
      return own.length === 0 ? [] : ['', `## ${kinds[kind]}`, '', ...clientTable(own, cells)];
    }),
    '',
    '## Cells that differ',
    '',
    ...(differing.length === 0
      ? ['None.']
      : [
          '| client | situations | why |',
          '| --- | --- | --- |',
          ...[...Map.groupBy(differing, (cell) => `| ${cell.client} | ${whyOf(cell)} |`).values()].map((alike) => {
            const [cell] = alike as [Cell, ...Cell[]];
            const names = alike.map(({ situation }) => `\`${situation}\``).join(', ');
            return `| ${cell.client} | ${names} | ${whyOf(cell)} |`;
          }),
        ]),
    '',
    '## Situations',
    '',
    '| group | situations |',
    '| --- | --- |',
    ...groupsOf(situations).map(([group, own]) => `| ${group} | ${own.map(({ name }) => `\`${name}\``).join(', ')} |`),
    '',
    '## What is not recorded',
    '',
    'HTTP/2, gRPC, WebSockets, raw sockets and database drivers that connect to a server leave a node as they are, and the run notes them. A database inside the process (better-sqlite3, `node:sqlite`) is not seen. A replay refuses the others by name, and its message says what to wrap in [`context.effect`](../guide/graphs.md). [What is recorded, and what is not](../guide/what-is-recorded.md) has the list.',
    '',
  ].join('\n');
}

const whyOf = (cell: Cell): string => reasonFor(cell) ?? 'Not known yet: a fault of Reprise, or of a busy machine.';

const isEqual = ({ differences }: Cell): boolean => differences.length === 0;

function clientTable(clients: Matrix['clients'], cells: readonly Cell[]): readonly string[] {
  return [
    '| client | tried with | equal | what differs |',
    '| --- | --- | --- | --- |',
    ...clients.map(({ name, version }) => {
      const own = cells.filter((cell) => cell.client === name && cell.skipped === undefined);
      const differing = own.filter((cell) => !isEqual(cell));
      const names = differing.map(({ situation }) => `\`${situation}\``).join(', ');
      return `| ${name} | ${version} | ${own.length - differing.length} of ${own.length} | ${names} |`;
    }),
  ];
}

function groupsOf(situations: readonly Situation[]): readonly (readonly [string, readonly Situation[]])[] {
  return [...Map.groupBy(situations, ({ group }) => group)];
}
