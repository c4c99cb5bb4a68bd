// Signed links carry a credential in several parameters: a signature, who signed, when, and for how long. Each signing
// gives other values, and which parameters there are depends on the credentials (a session has a token, a key has none).
// So none of them counts: what is asked for stands in the rest of the link.

interface Signing {
  /** In lower case. A link is signed like this if it has all of them. */
  readonly marks: readonly string[];
  /** The other parameters of the signature. */
  readonly names?: readonly string[];
  /** All parameters that begin like this belong to it. */
  readonly prefix?: string;
}

const expiring = ['expires', 'policy', 'security-token', 'x-amz-security-token'];

const signings: readonly Signing[] = [
  // Signature version 4 of AWS, Google and Alibaba. Other parameters of theirs begin like these, so all are named.
  ...['x-amz-', 'x-goog-', 'x-oss-'].map((prefix) => ({
    marks: [`${prefix}signature`],
    names: ['algorithm', 'credential', 'date', 'expires', 'signedheaders', 'security-token', 'signature-version'].map(
      (name) => prefix + name,
    ),
  })),
  // The earlier ones, and CloudFront.
  ...['awsaccesskeyid', 'googleaccessid', 'ossaccesskeyid', 'key-pair-id'].map((signer) => ({
    marks: ['signature', signer],
    names: expiring,
  })),
  // A shared access signature of Azure: `sv` is its version.
  {
    marks: ['sig', 'sv'],
    names: [
      'se',
      'st',
      'sp',
      'spr',
      'sr',
      'sip',
      'si',
      'ss',
      'srt',
      'sdd',
      'skoid',
      'sktid',
      'skt',
      'ske',
      'sks',
      'skv',
    ],
  },
  { marks: ['q-signature'], prefix: 'q-' },
  { marks: ['oauth_signature'], prefix: 'oauth_' },
];

/** The parameters of a link that are no part of its signature. */
export function unsignedQuery(query: URLSearchParams): readonly (readonly [string, string])[] {
  const pairs = [...query];
  if (pairs.length === 0) return pairs;
  const names = new Set(pairs.map(([name]) => name.toLowerCase()));
  const used = signings.filter(({ marks }) => marks.every((mark) => names.has(mark)));
  if (used.length === 0) return pairs;
  const isSigning = (name: string): boolean =>
    used.some(
      ({ marks, names: others = [], prefix }) =>
        marks.includes(name) || others.includes(name) || (prefix !== undefined && name.startsWith(prefix)),
    );
  return pairs.filter(([name]) => !isSigning(name.toLowerCase()));
}
