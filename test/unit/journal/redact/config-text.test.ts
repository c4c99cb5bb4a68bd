// Forms in which programs and people write a password beside its name.
import { describe, expect, it } from 'vitest';
import { redactRequest, redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';

const secret = ['Hunter', '2-Tr0ub4dor'].join('');

const forms: readonly (readonly [of: string, text: string])[] = [
  ['a cookie among headers', `GET / HTTP/1.1\r\nCookie: session=${secret}; theme=dark\r\n`],
  ['a cookie that is set', `HTTP/1.1 200 OK\nset-cookie: sid=${secret}; Path=/`],
  ['a container', `env:\n  - name: DB_PASSWORD\n    value: ${secret}\n`],
  ['a block of YAML', `db:\n  password: |\n    ${secret}\n  port: 1\n`],
  ['a Dockerfile', `FROM node\nENV API_KEY ${secret}\nRUN x`],
  ['.npmrc', `//registry.example/:_authToken=${secret}`],
  ['.netrc', `machine api.example login ann password ${secret}`],
  ['PowerShell', `$env:API_KEY = "${secret}"`],
  ['Ruby', `{ :user => "ann", :password => "${secret}" }`],
  ['SQL', `ALTER USER ann WITH PASSWORD '${secret}';`],
  ['a mail', `Your temporary password is: ${secret}`],
  ['mysql', `mysql -u root -p${secret} shop`],
  ['docker', `docker login -u ann -p ${secret}`],
  ['sshpass', `sshpass -p ${secret} ssh ann@host`],
  ['XML that names in attributes', `<property name="password">${secret}</property>`],
  ['XML that names in elements', `<property>\n<name>db.password</name>\n<value>${secret}</value>\n</property>`],
  ['the fragment of a link', `https://app.example/#access_token=${secret}&token_type=bearer`],
  ['a kubeconfig', `  user:\n    token: ${secret}AbCdEfGhIjKl\n`],
  ['a storage account', `AccountName=x;AccountKey=${secret}==;EndpointSuffix=core`],
  ['records with capitals', JSON.stringify([{ Key: 'DB_PASSWORD', Value: secret }])],
  ['cookies of a browser', JSON.stringify([{ name: 'sid', value: secret, domain: 'x.example', path: '/' }])],
  ['XML with sections of characters', `<c><password><![CDATA[${secret}]]></password></c>`],
  ['the head of a page', `<meta name="api-key" content="${secret}">`],
  ['a hidden field', `<input type="hidden" name="csrf_token" value="${secret}">`],
  ['a form with parts', `--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${secret}\r\n--x--\r\n`],
  ['PHP', `['user' => 'ann', 'password' => '${secret}']`],
  ['Go', `{User:ann Password:${secret} Port:1}`],
  ['a link of git', `https://${secret}ab@github.example/r.git`],
  ['curl in JSON', JSON.stringify({ run: `curl -H "X-Api-Key: ${secret}" https://x` })],
];

describe.each(forms)('a secret in the form of %s', (_of, text) => {
  it('a column of a table is marked, and the others stay', () => {
    const table = (first: string, second: string) => `user,password,"age"\nann,${first},41\nbob,"${second}",42\n`;
    const redacted = redactValue(table(secret, 'swordfish'), new RedactionMarks());
    expect(redacted).toBe(table('redacted000000001', '[redacted:password#2]'));
    expect(redactValue(redacted, new RedactionMarks())).toBe(redacted);
    expect(redactRequest(redacted)).toBe(redactRequest(table(secret, 'swordfish')));
  });

  it('cookies are marked by name and in lists, and their names stay', () => {
    const given = { cookies: [{ name: 'sid', value: secret }], more: { cookies: { sid: secret, lang: 'en' } } };
    const mark = 'redacted000000001';
    expect(redactValue(given, new RedactionMarks())).toEqual({
      cookies: [{ name: 'sid', value: mark }],
      more: { cookies: { sid: mark, lang: 'en' } },
    });
  });

  it.each([
    ['as it is', text],
    ['in JSON', JSON.stringify({ text })],
  ])('is marked, %s, and redacting again changes nothing', (_how, given) => {
    const redacted = redactValue(given, new RedactionMarks());
    expect(redacted).not.toContain(secret);
    expect(redacted).toMatch(/\[redacted:|redacted0/);
    expect(redactValue(redacted, new RedactionMarks())).toBe(redacted);
    expect(redactRequest(redacted)).toBe(redactRequest(given));
  });
});

it.each([
  'The password is required, and the password is always checked.',
  'mkdir -p deep/folder && mysqldump --port 3306 shop',
  'cookie: a small baked thing',
  'env:\n  - name: PORT\n    value: 8080\n',
  '<property name="colour">blue-42</property>',
  'login ann',
  'name,age\nann,41\n',
  'see the password, please, and\nann,b,c\n',
  'http://ann@host.example/',
  '{"label":"Password:","next":"x1"}',
  '{"label":"secret = "}',
  '{"labels":["api_key: ","1"],"text":"{\\"label\\":\\"Password:\\"}"}',
])('prose and settings stay: %s', (text) => {
  expect(redactValue(text, new RedactionMarks())).toBe(text);
});
