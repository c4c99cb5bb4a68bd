// A graph under construction: what has been declared so far, as plain data.
import type { InputSpec } from '../types/input-types.ts';
import type { GraphSpec, NodePolicy, StateSpec } from '../spec.ts';
import type { AnySchema } from '../types/standard-schema.ts';

interface DraftBase {
  readonly name: string;
  readonly policy: NodePolicy;
}

export type DraftNode =
  | (DraftBase & { readonly kind: 'function'; readonly run: (state: never, context: never) => unknown })
  | (DraftBase & {
      readonly kind: 'subgraph';
      readonly graph: GraphSpec;
      readonly input: (state: never, context: never) => unknown;
      readonly output: (inner: never) => unknown;
    });

/** Edges and joins, in declared order. */
export type DraftEdge =
  | {
      readonly kind: 'edge';
      readonly from: string;
      readonly to: string;
      readonly when?: (state: never) => boolean;
      readonly label?: string;
    }
  | { readonly kind: 'join'; readonly from: readonly string[]; readonly to: string };

export interface Draft {
  readonly name: string;
  readonly version?: string;
  readonly inputSchema?: AnySchema;
  readonly migrate?: (state: never, from: never) => unknown;
  readonly state: StateSpec;
  readonly inputs: ReadonlyMap<string, InputSpec>;
  readonly nodes: readonly DraftNode[];
  readonly edges: readonly DraftEdge[];
  readonly starts: readonly string[];
}
