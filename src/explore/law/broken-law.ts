import { AssertionError } from 'node:assert';
import { askedWords, sideLines } from '../../report/explore/law-words.ts';
import type { Broken, LawName } from './reducer-law.ts';

export function lawBroken(field: string, law: LawName, broken: Broken): AssertionError {
  const message = [`field "${field}" must ${askedWords(law)}, but it ${broken.what}`, ...sideLines(broken.sides)].join(
    '\n',
  );
  return new AssertionError({ message });
}
