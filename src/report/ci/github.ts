// Annotations, as a runner of GitHub Actions reads them from the output.
import { oneLine } from '../text/plain-text.ts';
import type { Checked } from './checked.ts';

/**
 * Annotations for GitHub Actions, one for each fixture that did not pass: print them to standard output, and they
 * appear at the files of a pull request. `command` is the one that ran, such as `replay`.
 *
 * ```ts
 * import { checkedOf, githubText } from 'reprise/report';
 *
 * const place = { name: 'fixtures/desk/1.run.jsonl', graph: 'desk', text: 'state.total differs' };
 * const checked = checkedOf(place, { verdict: 'diverged' }, false);
 * console.log(githubText('replay', [checked]).split(',')[0]); // ::error file=fixtures/desk/1.run.jsonl
 * ```
 */
export function githubText(command: string, checked: readonly Checked[]): string {
  return checked
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ name, verdict, sentence = verdict, class: cause, text }) => {
      const title = `reprise ${command}: ${cause ?? verdict}`;
      return `::error file=${property(name)},title=${property(title)}::${data(`${oneLine(sentence)}\n\n${text.trimEnd()}`)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(oneLine(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
