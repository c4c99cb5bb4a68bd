import { expect, it, vi } from 'vitest';
import { installPlaceholders } from '../../../src/live/placeholders.ts';

it('stand where no key is set, until the last one who has use of them is done', () => {
  vi.stubEnv('OPENAI_API_KEY', undefined);
  vi.stubEnv('GROQ_API_KEY', '');
  vi.stubEnv('ANTHROPIC_API_KEY', 'a real key');
  const first = installPlaceholders({ SEARCH_KEY: 'mine' });
  const second = installPlaceholders({ SEARCH_KEY: 'yours' });
  expect(process.env).toMatchObject({ OPENAI_API_KEY: 'replay', ANTHROPIC_API_KEY: 'a real key', SEARCH_KEY: 'mine' });
  expect(process.env.GROQ_API_KEY).toBe('replay');
  first();
  first();
  expect(process.env).toMatchObject({ OPENAI_API_KEY: 'replay', SEARCH_KEY: 'mine' });
  second();
  expect(process.env.OPENAI_API_KEY).toBeUndefined();
  expect(process.env.SEARCH_KEY).toBeUndefined();
  expect(process.env.GROQ_API_KEY).toBe('');
  expect(process.env.ANTHROPIC_API_KEY).toBe('a real key');
  vi.unstubAllEnvs();
});
