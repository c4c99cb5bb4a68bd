// What holds no secret keeps its text: streams of providers as they came, documents that packages publish, and what is full of
// names that are spelled like those of credentials.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFixture } from '../../../src/store/fixture/write-fixture.ts';
import {
  collected,
  httpEffect,
  commitEntry,
  endEntry,
  graphOf,
  later,
  outcomeEntry,
  runEntry,
} from '../../support/journals.ts';
import { innocentDocuments } from '../../support/innocent-documents.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const documentCount = isLong ? 300 : 20;
const streams = 'fixtures/provider-streams';

interface Answer {
  readonly name: string;
  readonly body: string;
}

function providerAnswers(): readonly Answer[] {
  const files = readdirSync(streams).filter((name) => name.endsWith('.chunks.jsonl'));
  return files.map((name) => {
    const events = readFileSync(join(streams, name), 'utf8').trim().split('\n');
    return { name, body: events.map((event) => `data: ${event}\n\n`).join('') };
  });
}

/** What a registry or a page about a package answers. */
function publishedAnswers(): readonly Answer[] {
  const found = readdirSync('node_modules', { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?:^|\/)(?:package\.json|readme\.md|changelog\.md|license)$/i.test(name))
    .sort();
  const step = Math.max(1, Math.floor(found.length / documentCount));
  const chosen = found.filter((_name, index) => index % step === 0).slice(0, documentCount);
  return chosen.map((name) => ({ name, body: readFileSync(join('node_modules', name), 'utf8').slice(0, 200_000) }));
}

/** The lines with a mark. Addresses of authors stand in most packages, so `email` is not among the rules. */
async function marked({ body }: Answer): Promise<readonly string[]> {
  const entries = [
    runEntry('r', graphOf()),
    commitEntry('0', { input: { text: '' }, frontier: [{ node: 'ask' }] }),
    httpEffect('1.0#1', body, { observed: { began: 1, ended: 2, parts: [Buffer.byteLength(body)] } }),
    outcomeEntry('1.0#1', { result: { status: 'done', delta: { text: body } } }),
    commitEntry('1'),
    endEntry(),
  ];
  const bytes = await collected(writeFixture(() => later(entries), { redact: { values: ['phone', 'card', 'iban'] } }));
  const text = Buffer.concat(bytes).toString('utf8');
  return text.split('\n').filter((line) => line.includes('[redacted:') || /redacted0\d|XX\d\d0/.test(line));
}

async function markedNames(answers: readonly Answer[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const answer of answers) if ((await marked(answer)).length > 0) names.push(answer.name);
  return names;
}

describe('an answer without a secret', () => {
  it('of a provider has no mark', async () => {
    const answers = providerAnswers();
    expect(answers.length).toBeGreaterThanOrEqual(14);
    expect(await markedNames(answers)).toEqual([]);
  });

  it('full of words that credentials have in their names has no mark', async () => {
    const answers = innocentDocuments.map(({ name, text }) => ({ name, body: text }));
    for (const answer of answers) expect(await marked(answer), answer.name).toEqual([]);
  });

  it('of any other kind has a mark in at most one of a hundred', async () => {
    const answers = publishedAnswers();
    expect(answers).toHaveLength(documentCount);
    const names = await markedNames(answers);
    expect(names.length / documentCount, names.join(', ')).toBeLessThanOrEqual(0.01);
  });
});
