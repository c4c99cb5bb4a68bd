// As JUnit writes its results: https://github.com/testmoapp/junitxml
import type { Checked } from './checked.ts';

/**
 * A JUnit XML file with one test case for each fixture, for services that show test results. `command` is the one that
 * ran, such as `replay`.
 */
export function junitText(command: string, checked: readonly Checked[]): string {
  const count = (outcome: Checked['outcome']): number => checked.filter((one) => one.outcome === outcome).length;
  const counts = `tests="${checked.length}" failures="${count('failed')}" errors="${count('error')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="reprise" ${counts}>`,
    `  <testsuite name="${attribute(`reprise ${command}`)}" ${counts}>`,
    ...checked.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines({
  name,
  graph,
  verdict,
  outcome,
  sentence = verdict,
  class: cause = verdict,
  text,
}: Checked): readonly string[] {
  const head = `    <testcase name="${attribute(name)}" classname="${attribute(graph)}"`;
  if (outcome === 'passed') return [`${head}/>`];
  const element = outcome === 'error' ? 'error' : 'failure';
  return [
    `${head}>`,
    `      <${element} message="${attribute(sentence)}" type="${attribute(cause)}">${escaped(text)}</${element}>`,
    '    </testcase>',
  ];
}

function attribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** XML has no place for control characters and halves of characters, not even escaped. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}
