const kinds = [
  'api-key',
  'authorization',
  'basic',
  'bearer',
  'cookie',
  'jwt',
  'password',
  'private-key',
  'secret',
  'signature',
  'token',
] as const;

/** What a credential is, as its mark says. */
export type CredentialKind = (typeof kinds)[number];

export const credentialKinds: ReadonlySet<string> = new Set(kinds);
