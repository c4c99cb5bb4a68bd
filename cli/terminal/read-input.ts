import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import { shellOption } from './shell-word.ts';

const inputBytesMax = 64 * 1024 * 1024;

/** The JSON that an option gives: as it stands, or of the file named after an `@`. @throws RepriseError `usage` */
export function readInput(given: string, cwd: string, option = '--input'): unknown {
  const isFile = given.startsWith('@');
  const text = isFile ? readText(resolve(cwd, given.slice(1))) : given;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const where = isFile ? `the file ${given.slice(1)}` : `the value of ${option}`;
    throw new RepriseError('usage', `${where} is no JSON: ${(cause as Error).message}`, {
      nextStep: isFile || option !== '--answer' ? jsonStep : answerStep(given),
      cause,
    });
  }
}

const jsonStep = `Give JSON such as '{"question":"…"}', or a file as @input.json.`;

/** An answer is often a word, and JSON wants it in quotes, which a shell takes away. */
function answerStep(given: string): string {
  return `Text is given as${shellOption('--answer', JSON.stringify(given))}; true, numbers and objects as JSON; a file as @answer.json.`;
}

function readText(path: string): string {
  try {
    if (statSync(path).size > inputBytesMax) {
      throw new RepriseError('usage', `the input file ${path} is larger than ${inputBytesMax} bytes`, {
        nextStep: 'Give a smaller one.',
      });
    }
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof RepriseError) throw cause;
    throw new RepriseError('usage', `the input file ${path} cannot be read: ${(cause as Error).message}`, {
      nextStep: 'Give the path of a JSON file after the @.',
      cause,
    });
  }
}
