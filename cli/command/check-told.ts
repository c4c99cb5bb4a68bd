// What `reprise check` says of each fixture, and what it ends with.
import { checkLine, exploreText, jsonOf } from '../../src/report/index.ts';
import type { ExploreReport } from '../../src/explore/index.ts';
import type { CliIo, ExitCode } from '../terminal/io.ts';

/** A fixture that could not be explored. */
export interface CheckFault {
  readonly fixture: string;
  readonly code: string;
  readonly message: string;
}

export const fine: ReadonlySet<ExploreReport['verdict']> = new Set(['proved', 'no difference', 'nothing to explore']);

export class Told {
  readonly #io: CliIo;
  readonly #graph: string | undefined;
  readonly #isJson: boolean;
  readonly reports: ExploreReport[] = [];
  readonly #faults: CheckFault[] = [];
  #isInterrupted = false;

  constructor(io: CliIo, { graph, json = false }: { readonly graph?: string; readonly json?: boolean }) {
    this.#io = io;
    this.#graph = graph;
    this.#isJson = json;
  }

  report(report: ExploreReport): void {
    this.reports.push(report);
    if (!this.#isJson) this.#io.writeOut(this.textOf(report));
  }

  textOf(report: ExploreReport): string {
    return exploreText(report, checkLine(report, this.#graph));
  }

  /** `explained`: with what to do next. */
  fault(fault: CheckFault, explained: string): void {
    this.#faults.push(fault);
    const { fixture, message } = fault;
    this.#io.writeTalk(`reprise: ${message.includes(fixture) ? '' : `${fixture}: `}${explained}\n`);
  }

  interrupted(): void {
    this.#isInterrupted = true;
    this.#io.writeTalk('reprise: interrupted; what was shown until then is said above\n');
  }

  end(): ExitCode {
    if (this.#isJson) this.#io.writeOut(`${jsonOf({ version: 1, reports: this.reports, faults: this.#faults })}\n`);
    if (this.#isInterrupted) return 130;
    if (this.#faults.length > 0) return 2;
    return this.reports.every(({ verdict }) => fine.has(verdict)) ? 0 : 1;
  }
}
