// What stands in for an answer of an endpoint that is no part of a run, while the run is replayed: each in the shape that
// its clients read, with a credential that nobody can take for a real one and that does not expire.

export interface PlaceholderAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export const placeholder = 'reprise-placeholder';

const expiry = '2999-12-31T23:59:59Z';
const expirySeconds = Date.parse(expiry) / 1000;
/** For clients that set a timer for it: about as long as one can wait. A longer one would fire at once. */
const lifeSeconds = 2_000_000;

export const noContent: PlaceholderAnswer = { status: 204, headers: [], body: '' };

/** JSON, or else a text. */
export function answerOf(body: string, headers: PlaceholderAnswer['headers'] = []): PlaceholderAnswer {
  const type = /^\s*[{[]/.test(body) ? 'application/json' : 'text/plain';
  const length = String(new TextEncoder().encode(body).byteLength);
  return { status: 200, headers: [['content-type', type], ['content-length', length], ...headers], body };
}

/** Of telemetry whose clients read an answer. */
export const taken = {
  nothing: answerOf('{}'),
  batch: answerOf('{"successes":[],"errors":[]}'),
};

function json(fields: object, headers?: PlaceholderAnswer['headers']): PlaceholderAnswer {
  return answerOf(JSON.stringify(fields), headers);
}

const bearer = { access_token: placeholder, token_type: 'Bearer', expires_in: lifeSeconds };

export const oauthToken = json(bearer);

function base64url(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** Clients read when it expires. */
const identityToken = [
  base64url({ alg: 'none', typ: 'JWT' }),
  base64url({ sub: placeholder, iat: 0, exp: expirySeconds }),
  placeholder,
].join('.');

const flavor = [['metadata-flavor', 'Google']] as const;

export const google = {
  token: json({ ...bearer, id_token: identityToken }),
  metadataToken: json(bearer, flavor),
  identity: answerOf(identityToken, flavor),
  /** Clients ask for it to learn whether there is such a server. */
  instance: json({}, flavor),
  universe: answerOf('googleapis.com', flavor),
  accessToken: json({ accessToken: placeholder, expireTime: expiry }),
  identityToken: json({ token: identityToken }),
};

const keys = { AccessKeyId: placeholder, SecretAccessKey: placeholder, Token: placeholder, Expiration: expiry };

export const aws = {
  session: answerOf(placeholder, [['x-aws-ec2-metadata-token-ttl-seconds', '21600']]),
  role: answerOf(placeholder),
  keys: json({ Code: 'Success', Type: 'AWS-HMAC', LastUpdated: '1970-01-01T00:00:00Z', ...keys }),
  portal: json({
    roleCredentials: {
      accessKeyId: placeholder,
      secretAccessKey: placeholder,
      sessionToken: placeholder,
      expiration: expirySeconds * 1000,
    },
  }),
  portalToken: json({ accessToken: placeholder, tokenType: 'Bearer', expiresIn: lifeSeconds }),
};

/** Times are texts here. */
export const azureIdentity = json({
  ...bearer,
  expires_in: String(lifeSeconds),
  expires_on: String(expirySeconds),
  not_before: '0',
});

export const ibmToken = json({ ...bearer, expiration: expirySeconds });

export const githubInstallation = json({ token: placeholder, expires_at: expiry, permissions: {} });
