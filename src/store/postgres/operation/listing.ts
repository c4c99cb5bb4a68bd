// Finds runs: one, the newest, those that wait for a worker, and those that are to be deleted.
import { firstUserName } from '../../../journal/errand.ts';
import type { RunQuery, RunSummary } from '../../../port/store.ts';
import { limitOf, runStatuses } from '../../run-query.ts';
import { nextTurn } from '../../row/pause.ts';
import type { Row } from '../server/pool.ts';
import type { Server, Statement } from '../server/server.ts';
import { storedName } from '../row/names.ts';
import { summaryColumns, summaryOf } from '../row/summary.ts';
import type { SummaryRow } from '../row/summary.ts';
import { numberOf } from './reading.ts';

const summary = (row: Row): RunSummary => summaryOf(row as unknown as SummaryRow);

const find: Statement = {
  name: 'find',
  text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r WHERE r.id = ANY ($1::text[])`,
};

interface Looked {
  readonly names: Set<string>;
  readonly found: Promise<ReadonlyMap<string, Row>>;
}

/** What is looked for in one turn goes together: a thousand readers look at the same time. */
export class Finds {
  readonly #server: Server;
  #next: Looked | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async find(runId: string): Promise<RunSummary | undefined> {
    const name = storedName(runId);
    this.#next ??= this.#begun();
    this.#next.names.add(name);
    const row = (await this.#next.found).get(name);
    return row === undefined ? undefined : summary(row);
  }

  #begun(): Looked {
    const names = new Set<string>();
    const found = nextTurn().then(async () => {
      this.#next = undefined;
      const rows = await this.#server.rows(find, [[...names]]);
      return new Map(rows.map((row) => [String(row.id), row]));
    });
    return { names, found };
  }
}

/** A condition that is not asked for is left out, so that each form finds its index. */
function listOf(query: RunQuery): Statement {
  const status = runStatuses.find((known) => known === query.status);
  const conditions = [
    ...(query.graph === undefined ? [] : ['r.graph =']),
    ...(query.after === undefined ? [] : ['r.number <']),
    ...(query.tenant === undefined ? [] : ['r.tenant =']),
  ];
  const given = conditions.map((condition, index) => `${condition} $${index + 2}`);
  // Errands are no runs to those who ask for all.
  // The second condition on the tenant is that of an index.
  // A status stands there as it is: a plan for any of them would look through all runs for one that few have.
  const ofStatus = status === undefined ? [] : [`r.status = '${status}'`];
  const ofTenant = query.tenant === undefined ? [] : ["r.tenant <> ''"];
  const where = [
    ...given,
    ...ofStatus,
    ...ofTenant,
    ...(query.graph === undefined ? [`r.graph >= '${firstUserName}'`] : []),
  ].join(' AND ');
  return {
    name: `list_${[...conditions, ...ofStatus].join('_').replaceAll(/[^a-z_]/g, '')}`,
    text: (s) => `SELECT ${summaryColumns} FROM ${s}.run r WHERE ${where} ORDER BY r.number DESC LIMIT $1`,
  };
}

export async function listRuns(server: Server, query: RunQuery): Promise<readonly RunSummary[]> {
  const limit = limitOf(query);
  const { graph, after, tenant } = query;
  const values = [
    ...(graph === undefined ? [] : [storedName(graph)]),
    ...(after === undefined ? [] : [await numberOf(server, after)]),
    ...(tenant === undefined ? [] : [storedName(tenant)]),
  ];
  return (await server.rows(listOf(query), [limit, ...values])).map(summary);
}
