// JSON that is given to an option: in place, or in a file.
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RepriseError } from '../../src/index.ts';
import type { CliIo } from './io.ts';
import { shellOption, shellWord } from './words/shell-word.ts';

const inputBytesMax = 64 * 1024 * 1024;

/** The value of an option: JSON, or the JSON of the file named after an `@`. @throws RepriseError `usage` */
export function readInput(option: string, given: string, io: CliIo): unknown {
  const isFile = given.startsWith('@');
  const text = isFile ? readText(resolve(io.cwd, given.slice(1))) : given;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = isFile ? `the file ${given.slice(1)}` : `the value of ${option}`;
    throw new RepriseError('usage', `${what} is not valid JSON: ${(cause as Error).message}`, {
      nextStep: isFile || !isAnswer(option) ? jsonStep : answerStep(option, given),
      cause,
    });
  }
}

/** As `readInput`, for an option that takes an object. `example`: one such object. @throws RepriseError `usage` */
export function readObject(
  option: string,
  given: string,
  example: string,
  io: CliIo,
): Readonly<Record<string, unknown>> {
  const value = readInput(option, given, io);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new RepriseError('usage', `${option} must be a JSON object`, {
    nextStep: `For example:${shellOption(option, example)}`,
  });
}

/** What a person answers is often a word. */
function isAnswer(option: string): boolean {
  return option === '--answer' || option === '<json>';
}

const jsonStep = `Give JSON, such as '{"question":"…"}', or a file, such as @input.json.`;

/** An answer is often a word. JSON wants it in quotes, and a shell strips quotes that are not quoted themselves. */
function answerStep(option: string, given: string): string {
  const text = JSON.stringify(given);
  const quoted = option.startsWith('--') ? shellOption(option, text) : ` ${shellWord(text)}`;
  return `Quote text for JSON and for the shell:${quoted}. Write numbers, true and objects as they are, or name a file: @answer.json.`;
}

/** The text of a file that an option names. @throws RepriseError `usage` */
export function readText(path: string, what = 'JSON file'): string {
  try {
    if (statSync(path).size > inputBytesMax) {
      throw new RepriseError('usage', `the input file ${path} is larger than ${inputBytesMax} bytes`, {
        nextStep: 'Give a smaller file.',
      });
    }
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof RepriseError) throw cause;
    throw new RepriseError('usage', `the input file ${path} cannot be read: ${(cause as Error).message}`, {
      nextStep: `Give the path of a ${what} after the @.`,
      cause,
    });
  }
}
