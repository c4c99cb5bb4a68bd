/** What a credential is, as its mark says. */
export type CredentialKind =
  | 'api-key'
  | 'authorization'
  | 'basic'
  | 'bearer'
  | 'cookie'
  | 'jwt'
  | 'password'
  | 'private-key'
  | 'secret'
  | 'signature'
  | 'token';
