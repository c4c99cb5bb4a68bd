import type { Value } from '../base/value.ts';

/** The address of the effect in doubt that this error is about, if it is about one. */
export function addressInDoubt(error: Value): string | undefined {
  if (!(error instanceof Error) || error.name !== 'RepriseError') return undefined;
  const { code, fields } = error as { readonly code?: unknown; readonly fields?: unknown };
  if (code !== 'effect-in-doubt') return undefined;
  const { address } = (fields ?? {}) as { readonly address?: unknown };
  return typeof address === 'string' ? address : undefined;
}
