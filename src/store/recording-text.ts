// How a store keeps what is known about the fixture of a run: as the text that users read.
import type { RecordingMark } from '../port/recordings.ts';

/** Undefined where the text that it has stays. */
export function recordingText(mark: RecordingMark): string | undefined {
  switch (mark.status) {
    case 'wanted':
      return 'wanted';
    case 'recorded':
      return `recorded: ${mark.name}`;
    case 'not-recorded':
      return `not-recorded: ${mark.why}`;
    case 'dropped':
      return undefined;
  }
}
