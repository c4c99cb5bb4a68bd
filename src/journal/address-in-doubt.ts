import type { Value } from '../base/value.ts';

/** The address of the effect in doubt that this error is about, if it is about one. */
export function addressInDoubt(error: Value): string | undefined {
  return textFieldInDoubt(error, 'address');
}

/** The address of what would have been performed: the effect in doubt, or a further try of it. */
export function addressAskedInDoubt(error: Value): string | undefined {
  return textFieldInDoubt(error, 'asked') ?? addressInDoubt(error);
}

/** The attempt that came to its end while the effect was in doubt, if it is about that. */
export function endedInDoubt(error: Value): string | undefined {
  return textFieldInDoubt(error, 'ended');
}

function textFieldInDoubt(error: Value, name: 'address' | 'asked' | 'ended'): string | undefined {
  if (!(error instanceof Error) || error.name !== 'RepriseError') return undefined;
  const { code, fields } = error as { readonly code?: unknown; readonly fields?: unknown };
  if (code !== 'effect-in-doubt') return undefined;
  const text = ((fields ?? {}) as { readonly [field: string]: unknown })[name];
  return typeof text === 'string' ? text : undefined;
}
