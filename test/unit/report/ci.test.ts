import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { checkedOf, githubText, junitText, markdownText } from '../../../src/report/index.ts';
import type { Checked } from '../../../src/report/index.ts';

const passed: Checked = { name: 'a.run.jsonl', graph: 'desk', verdict: 'same', outcome: 'passed', text: 'same\n' };
const failed = checkedOf(
  { name: 'b,1.run.jsonl', graph: 'desk', text: 'b diverged:\n</failure> ``` 100% "x" @ada\n' },
  {
    verdict: 'diverged',
    divergences: [
      { kind: 'graph', at: '', step: 0, path: 'graph.start', recorded: 1, replayed: 2 },
      { kind: 'output', at: '2.0#1', step: 2, node: '<b>*ask*', path: 'delta', recorded: 1, replayed: 2 },
    ],
    roots: [
      { place: 0, class: 'graph changed', mayBe: [], behind: [], leadsTo: [] },
      { place: 1, class: 'code changed', mayBe: [], behind: [], leadsTo: [] },
    ],
  },
  false,
);
const broken: Checked = { name: 'c', graph: '', verdict: 'fixture-damaged', outcome: 'error', text: 'line 3' };
const all = [passed, failed, broken];

describe('results for CI', () => {
  it('begin with what is not a change of the graph', () => {
    expect(failed).toMatchObject({ class: 'code changed', outcome: 'failed' });
    expect(failed.sentence).toContain('the output of "<b>*ask*" in step 2');
  });

  it('are XML for JUnit', () => {
    expect(junitText('replay', all)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="reprise" tests="3" failures="1" errors="1">
        <testsuite name="reprise replay" tests="3" failures="1" errors="1">
          <testcase name="a.run.jsonl" classname="desk"/>
          <testcase name="b,1.run.jsonl" classname="desk">
            <failure message="the output of &quot;&lt;b&gt;*ask*&quot; in step 2 (2.0#1) differs at delta" type="code changed">b diverged:
      &lt;/failure&gt; \`\`\` 100% "x" @ada
      </failure>
          </testcase>
          <testcase name="c" classname="">
            <error message="fixture-damaged" type="fixture-damaged">line 3</error>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('are XML whatever was recorded', () => {
    const text = junitText('replay', [{ ...broken, text: 'a\u0000b\ud800c\r\n', name: 'x\ty"' }]);
    expect(text).toContain('name="x&#9;y&quot;"');
    expect(text).toContain('>a\ufffdb\ufffdc&#13;\n</error>');
  });

  it('are XML as libxml2 validates it, whatever was recorded', async () => {
    const hostile = {
      ...failed,
      name: 'a\u0000\t"<&\n',
      graph: ']]>',
      text: `<![CDATA[ ]]> \ud800 \ufffe ${'&'.repeat(50)}`,
    };
    const texts = [[], [passed], all, [hostile, { ...hostile, outcome: 'error' as const }]].map((some) =>
      junitText('replay', some),
    );
    // A document that is not valid shows that the validator looks.
    const wrong = junitText('replay', all).replace('classname', 'class');
    const schema = readFileSync(new URL('../../support/junit.xsd', import.meta.url), 'utf8');
    const xml = [...texts, wrong].map((contents, at) => ({ fileName: `${at}.xml`, contents }));
    const { errors } = await validateXML({ xml, schema });
    expect(errors.map(({ loc }) => loc?.fileName)).toEqual(['4.xml']);
  });

  it('are Markdown in which nothing that was recorded is markup', () => {
    expect(markdownText('replay', all)).toMatchInlineSnapshot(`
      "### reprise replay: 2 of 3 fixtures not as recorded

      | fixture | what differs first | class |
      | --- | --- | --- |
      | <code>b,1.run.jsonl</code> | the output of "&lt;b&gt;&#42;ask&#42;" in step 2 &#40;2.0&#35;1&#41; differs at delta | code changed |
      | <code>c</code> | fixture-damaged |  |

      <details><summary>b,1.run.jsonl</summary>

      \`\`\`\`text
      b diverged:
      </failure> \`\`\` 100% "x" @ada
      \`\`\`\`

      </details>

      <details><summary>c</summary>

      \`\`\`text
      line 3
      \`\`\`

      </details>
      "
    `);
    expect(markdownText('replay', [passed])).toBe('### reprise replay: 1 fixture as recorded\n');
  });

  it('name fixtures that come and go, in a comment on a pull request', () => {
    const added: Checked = { ...passed, verdict: 'added', text: 'a.run.jsonl: added\n  effects: 2 from *record*\n' };
    const removed: Checked = { ...passed, name: 'old.run.jsonl', verdict: 'removed', text: 'old.run.jsonl: removed\n' };
    expect(markdownText('diff', [added, removed, failed])).toMatch(
      /- <code>a\.run\.jsonl<\/code> added; effects: 2 from &#42;record&#42;\n- <code>old\.run\.jsonl<\/code> removed\n$/,
    );
  });

  it('are annotations for GitHub, each on one line', () => {
    expect(githubText('replay', all)).toMatchInlineSnapshot(`
      "::error file=b%2C1.run.jsonl,title=reprise replay%3A code changed::the output of "<b>*ask*" in step 2 (2.0#1) differs at delta%0A%0Ab diverged:%0A</failure> \`\`\` 100%25 "x" @ada
      ::error file=c,title=reprise replay%3A fixture-damaged::fixture-damaged%0A%0Aline 3
      "
    `);
  });
});
