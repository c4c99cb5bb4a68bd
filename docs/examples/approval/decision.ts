// The schema of an answer. Any Standard Schema works (zod, valibot, arktype); this one is written by hand.

export interface Decision {
  readonly approved: boolean;
  readonly by: string;
  readonly note?: string;
}

type Result = { readonly value: Decision } | { readonly issues: readonly { readonly message: string }[] };

export const decision = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate(given: unknown): Result {
      const { approved, by, note } = (given ?? {}) as Partial<Record<keyof Decision, unknown>>;
      if (typeof approved !== 'boolean') return { issues: [{ message: '`approved` must be true or false' }] };
      if (typeof by !== 'string' || by === '') return { issues: [{ message: '`by` must say who decided' }] };
      return { value: { approved, by, ...(typeof note === 'string' ? { note } : {}) } };
    },
    types: undefined as { readonly input: Decision; readonly output: Decision } | undefined,
  },
} as const;
