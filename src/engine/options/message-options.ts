// The arguments of `engine.answer` and `engine.send`.
import { idText, text } from '../../base/options/option-kind.ts';
import { checkArgument } from '../../base/options/option-shape.ts';

/** @throws RepriseError `option-invalid` */
export function checkQuestionName(keyOrId: unknown): void {
  if (keyOrId !== undefined) checkArgument('engine.answer', 'keyOrId', text, keyOrId);
}

/** @throws RepriseError `option-invalid` */
export function checkSignalName(name: unknown, door = 'engine.send'): void {
  checkArgument(door, 'name', idText, name);
}
