// What `reprise check` says of each fixture, and what it ends with.
import { checkLine, checkedOf, exploreText, jsonOf } from '../../../src/report/index.ts';
import type { Checked, Reported } from '../../../src/report/index.ts';
import type { ExploreReport } from '../../../src/explore/index.ts';
import { report } from '../../terminal/reporter.ts';
import type { ReporterName } from '../../terminal/reporter.ts';
import type { CheckArguments } from './check-arguments.ts';
import type { CliIo, ExitCode } from '../../terminal/io.ts';

/** A fixture that could not be explored. */
export interface CheckFault {
  readonly fixture: string;
  readonly code: string;
  readonly message: string;
}

export const fine: ReadonlySet<ExploreReport['verdict']> = new Set(['proved', 'no difference', 'nothing to explore']);

/** Faults or crashes were asked for, and the time was over before the first of them. */
function wasInVain({ rungs }: ExploreReport): boolean {
  return rungs.some((rung) => {
    if (rung.name === 'faults' && 'rows' in rung) return rung.of > 0 && rung.rows.length === 0;
    return rung.name === 'crashes' && 'tried' in rung && Object.values(rung.tried).every((count) => count === 0);
  });
}

export function isFine(report: ExploreReport): boolean {
  return fine.has(report.verdict) && !wasInVain(report);
}

export class Told {
  readonly #io: CliIo;
  readonly #graph: string | undefined;
  readonly #isJson: boolean;
  readonly reports: ExploreReport[] = [];
  readonly #faults: CheckFault[] = [];
  readonly #reporter: ReporterName | undefined;
  #isInterrupted = false;

  constructor(io: CliIo, { graph, json = false, reporter }: CheckArguments) {
    this.#reporter = reporter;
    this.#io = io;
    this.#graph = graph;
    this.#isJson = json;
  }

  report(found: ExploreReport): void {
    this.reports.push(found);
    if (!this.#isJson && this.#reporter === undefined) this.#io.writeOut(this.textOf(found));
  }

  textOf(found: ExploreReport): string {
    return exploreText(found, checkLine(found, this.#graph));
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
    if (this.#reporter !== undefined) report(this.#reporter, 'check', this.#checked(), this.#io);
    else if (this.#isJson)
      this.#io.writeOut(`${jsonOf({ version: 1, reports: this.reports, faults: this.#faults })}\n`);
    if (this.#isInterrupted) return 130;
    if (this.#faults.length > 0) return 2;
    return this.reports.every(isFine) ? 0 : 1;
  }

  #checked(): readonly Checked[] {
    return [
      ...this.reports.map((each) => {
        const { fixture: name = '', graph } = each;
        return checkedOf({ name, graph, text: this.textOf(each) }, foundBy(each), isFine(each));
      }),
      ...this.#faults.map(({ fixture: name, code, message }): Checked => {
        return { name, graph: '', verdict: code, outcome: 'error', text: message, sentence: message };
      }),
    ];
  }
}

/** What an order alone brings about depends on the order; all else that the finding lists follows from it. */
export function foundBy({ verdict, finding, divergences = finding?.divergences ?? [] }: ExploreReport): Reported {
  const [first, ...others] = divergences.keys();
  const isOrder = finding !== undefined && (finding.deaths ?? finding.faults) === undefined;
  if (first === undefined || !isOrder) return { verdict, divergences };
  return {
    verdict,
    divergences,
    roots: [{ place: first, class: 'order-dependent', mayBe: [], behind: [], leadsTo: others }],
  };
}
