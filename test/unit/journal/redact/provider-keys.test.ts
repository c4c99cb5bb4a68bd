// Keys in the forms that providers gave them, where nothing else gives them away.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { providerKeys, surroundedKeys } from '../../../../src/journal/redact/credential/provider-keys.ts';
import { redactRequest, redactValue } from '../../../../src/journal/redact/redact.ts';
import { RedactionMarks } from '../../../../src/journal/redact/redaction-marks.ts';
import { redactionRules } from '../../../../src/journal/redact/rule/redaction-rules.ts';
import { SecretScan } from '../../../../src/journal/redact/secret-scan.ts';

/** Texts of a form, always the same. Its lookaheads are left to the filter. */
function madeOf(source: string, fits: RegExp): readonly string[] {
  const plain = source.replaceAll(/\(\?<?[=!](?:[^()[\]]|\[[^\]]*\])*\)|\\b/g, '');
  const made = fc.stringMatching(new RegExp(`^(?:${plain})$`)).filter((text) => fits.test(text));
  return fc.sample(made, { numRuns: 5, seed: 11 });
}

const begun = providerKeys.flatMap(({ of, begins, rest }) =>
  (begins.length > 20 ? begins.slice(0, 1) : begins).map((begin) => ({ of: `${of}, ${begin}`, begin, rest })),
);

const lettersOnly = ['hf', 'QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi'].join('_');
const telegram = ['110201543', 'AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw8'].join(':');
const entra = ['a1B', '8Q~', 'xLm2Np4Qr6St8Uv0Wx2Yz4Ab6Cd8Ef0GhI'].join('');
const surrounded: Readonly<Record<string, readonly [before: string, secret: string]>> = {
  'Private keys in PEM': ['', `-----BEGIN ${'PRIVATE'} KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----`],
  'Slack webhooks': ['https://hooks.slack.com/services/T02AB3CD4/B05EF6GH7/', 'k1L2m3N4o5P6q7R8s9T0uVwX'],
  'Discord webhooks': ['https://discord.com/api/webhooks/123456789012345678/', 'k1L2m3N4o5P6q7R8s9T0'.repeat(3)],
  'Microsoft Teams webhooks': ['https://a.example/IncomingWebhook/', '9f8e7d6c5b4a39281706f5e4d3c2b1a0'],
  'Zapier webhooks': ['https://hooks.zapier.com/hooks/catch/', '123456/a1b2c3d'],
  'Make webhooks': ['https://hook.eu1.make.com/', 'k1l2m3n4o5p6q7r8s9t0uvwxyz123456'],
  'Telegram bots': ['', telegram],
  'Microsoft Entra (Azure AD), client secret': ['', entra],
  'Terraform Cloud': ['', `a1B2c3D4e5F6g7.atlasv1.${'k1L2m3N4o5P6q7R8s9T0'.repeat(3)}`],
  Mailchimp: ['', '9f8e7d6c5b4a39281706f5e4d3c2b1a0-us12'],
  'Firebase Cloud Messaging': ['', `AAAAk1L2m3N:APA91b${'k1L2m3N4o5P6q7R8s9T0'.repeat(6)}`],
  MaxMind: ['', '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'],
};

function isFound(before: string, secret: string): void {
  const given = `The word is ${before}${secret} and that is it.`;
  for (const text of [given, JSON.stringify({ text: `read:\n${before}${secret}\n` })]) {
    const once = redactValue(text, new RedactionMarks());
    expect(once).not.toContain(secret);
    expect(redactValue(once, new RedactionMarks())).toBe(once);
    expect(redactRequest(once)).toBe(redactRequest(text));
  }
  const scan = new SecretScan(redactionRules({}));
  expect([...scan.add(JSON.stringify({ at: '1.0#1', kind: 'note', message: given })), ...scan.settle()]).toHaveLength(
    1,
  );
}

describe('a key', () => {
  it.each(begun)('of $of is found by its form', ({ begin, rest }) => {
    const secrets = madeOf(rest, new RegExp(`^(?:${rest})$`)).map((made) => begin + made);
    expect(secrets).toHaveLength(5);
    for (const secret of secrets) isFound('', secret);
  });

  it.each(surroundedKeys)('of $of is found by what stands around it', ({ of }) => {
    const [before, secret] = surrounded[of] as readonly [string, string];
    isFound(before, secret);
  });

  it('of Hugging Face has letters alone', () => {
    isFound('', lettersOnly);
  });

  it.each([
    'hf_hub_download and hf_transfer',
    'npm_config_registry npm_lifecycle_event_of_the_package',
    'sk-learn is a library, and sk-toggleable__content-of-a-page too',
    're_compile_the_expression re_export',
    'patience pattern.of pat-na1 pat-on-the-back',
    'key-value-pairs-in-a-row api-key-auth secret_manager_and_more',
    'pul-lover SKU SK-42 fw_update_of_the_firmware sl.example.com',
    'v1.0-beta dp.pt.x 1//2 bottom both botany:of',
    'https://fonts.example/s/EAAABBB data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
    'sha512-9NET910DNaIPngYnLLPeg+Ogzqsi9uM4mSboU5y6p8S5DzMTVEsJZrawi+BoDNUVBa2DhJqQYUFvMDfgU062LQ==',
    'a7d1f3b2-1234-4abc-9def-0123456789ab 1f0c2e4d6b8a9c7e5d3b1a0f2e4c6d8b',
    'MTA4 OTI1 words. of-some.things',
    '12:AM 10:A-list Q~ x.atlasv1.y dbo-us1 2024-us-west',
  ])('is not seen in %s', (text) => {
    expect(redactValue(text, new RedactionMarks())).toBe(text);
  });
});
