/** The lease of this process, as its runs see it: a comparison with the clock, and no look at the store. */
export interface OwnLease {
  /** As in its claims. */
  readonly id: string;
  /** Changes when the lease runs out: another process may have taken any run over since. */
  readonly term: number;
  /** Claims it again. @throws what the store throws */
  renew(): Promise<void>;
}
