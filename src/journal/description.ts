// A graph as data. Every journal holds it, so that a run can be read when its code is gone.
import type { Value } from '../base/value.ts';

export type FieldKind = 'last' | 'append' | 'sum' | 'min' | 'max' | 'union' | 'merge' | 'upsert' | 'text' | 'reduce';

export interface FieldDescription {
  readonly kind: FieldKind;
  /** A field without an initial value must be given in the input of the run. */
  readonly required: boolean;
  readonly initial?: Value;
  /** `upsert`: the property that identifies a record, if it is given by name. */
  readonly key?: string;
  /**
   * What happens if two tasks of one step write: absent means the error `conflict`, `custom` a function of the user.
   */
  readonly onConflict?: 'highest-rank' | 'custom';
  readonly promises?: readonly string[];
}

export type StateDescription =
  | { readonly kind: 'fields'; readonly fields: { readonly [name: string]: FieldDescription } }
  /** One function for the whole state. */
  | { readonly kind: 'function'; readonly initial: Value };

export interface NodeDescription {
  readonly name: string;
  readonly takesInput: boolean;
  readonly attempts?: number;
  readonly timeoutMs?: number;
  readonly maxConcurrent?: number;
  readonly onError?: string;
  readonly resumable?: true;
  readonly emptyRoute?: 'edges';
  readonly subgraph?: GraphDescription;
}

export type EdgeDescription =
  | {
      readonly kind: 'edge';
      readonly from: string;
      readonly to: string;
      readonly conditional: boolean;
      readonly label?: string;
    }
  | { readonly kind: 'join'; readonly from: readonly string[]; readonly to: string };

export interface GraphDescription {
  readonly name: string;
  readonly version?: string;
  /** What has a schema: says that there is one, and nothing about its content. */
  readonly schemas?: readonly ('input' | 'state')[];
  readonly state: StateDescription;
  readonly nodes: readonly NodeDescription[];
  readonly edges: readonly EdgeDescription[];
  readonly start: string;
}
