// Which of the runs that are due come first, the same in every store: the oldest of the tenant that is served least.

export interface DueOfTenant {
  /** Runs without one share a place of their own, which has no limit. */
  readonly tenant: string | undefined;
}

export interface Shares {
  readonly limit: number;
  /** How many runs of one tenant are driven at once. */
  readonly maxPerTenant: number;
  /** How many runs of each tenant are driven now. */
  readonly served: ReadonlyMap<string | undefined, number>;
}

/** `due`: oldest first, and of each tenant at least as many as are wanted. The result is in the same order. */
export function fairShare<Run extends DueOfTenant>(
  due: readonly Run[],
  { limit, maxPerTenant, served }: Shares,
): readonly Run[] {
  const counts = new Map(served);
  const turns = due.map((run, place) => {
    const turn = counts.get(run.tenant) ?? 0;
    counts.set(run.tenant, turn + 1);
    return { run, place, turn };
  });
  return turns
    .filter(({ run, turn }) => run.tenant === undefined || turn < maxPerTenant)
    .sort((left, right) => left.turn - right.turn || left.place - right.place)
    .slice(0, limit)
    .sort((left, right) => left.place - right.place)
    .map(({ run }) => run);
}
