// Errors as the code of nodes throws them: of every class that a journal keeps and of one that it does not.
import fc from 'fast-check';

/** What an error is made from. */
export interface ErrorPlan {
  readonly made: 'Error' | 'TypeError' | 'RangeError' | 'SyntaxError' | 'AggregateError' | 'DOMException' | 'HttpError';
  readonly message: string;
  /** A name that its class does not give it. */
  readonly name?: string | undefined;
  readonly fields: { readonly [name: string]: unknown };
  readonly cause?: ErrorPlan | string | undefined;
  readonly errors: readonly (ErrorPlan | number)[];
}

/** A class of the user's, as libraries have them. */
export class HttpError extends TypeError {
  override readonly name: string = 'HttpError';
  get status(): number {
    return 500;
  }
}

const words = fc.constantFrom('', 'no', 'no route', 'first\n    at nowhere (x.ts:1:1)', 'a: b', 'ü');
const fields = fc.dictionary(
  fc.constantFrom('code', 'status', 'errors', 'detail', '__proto__', 'constructor', 'toString'),
  fc.oneof(fc.constantFrom('E_GONE', 42, null, undefined), fc.record({ at: fc.date() })),
  { maxKeys: 3 },
);

export const errorPlans: fc.Arbitrary<ErrorPlan> = fc.letrec<{ plan: ErrorPlan }>((tie) => ({
  plan: fc.record({
    made: fc.constantFrom(
      'Error',
      'TypeError',
      'RangeError',
      'SyntaxError',
      'AggregateError',
      'DOMException',
      'HttpError',
    ),
    message: words,
    name: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc.constantFrom('TypeError', 'AbortError', 'Mine'),
    ),
    fields,
    cause: fc.oneof({ maxDepth: 2 }, fc.constant(undefined), fc.constant('a text'), tie('plan')),
    errors: fc.oneof({ maxDepth: 2 }, fc.constant([]), fc.array(fc.oneof(tie('plan'), fc.nat(9)), { maxLength: 2 })),
  }),
})).plan;

export function errorOfPlan({ made, message, name, fields: own, cause, errors }: ErrorPlan): Error {
  const options = cause === undefined ? undefined : { cause: typeof cause === 'string' ? cause : errorOfPlan(cause) };
  const error = newError(made, message, errors, options, name);
  if (name !== undefined && made !== 'DOMException') Object.defineProperty(error, 'name', { value: name });
  for (const [key, value] of Object.entries(own))
    Object.defineProperty(error, key, { value, enumerable: true, configurable: true });
  return error;
}

function newError(
  made: ErrorPlan['made'],
  message: string,
  errors: ErrorPlan['errors'],
  options: ErrorOptions | undefined,
  name: string | undefined,
): Error {
  if (made === 'AggregateError') {
    const inner = errors.map((each) => (typeof each === 'number' ? each : errorOfPlan(each)));
    return new AggregateError(inner, message, options);
  }
  if (made === 'DOMException') return new DOMException(message, name);
  if (made === 'HttpError') return new HttpError(message, options);
  return new { Error, TypeError, RangeError, SyntaxError }[made](message, options);
}

/** Everything that code can tell of an error. */
export function viewOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(viewOf);
  if (!(value instanceof Error)) return value;
  const own = Object.fromEntries(Object.getOwnPropertyNames(value).map((key) => [key, Reflect.get(value, key)]));
  const { cause, errors, ...rest } = own;
  return {
    ...rest,
    isOf: [TypeError, RangeError, SyntaxError, AggregateError, DOMException, HttpError].map(
      (kind) => value instanceof kind,
    ),
    text: [value.name, value.message, String(value.stack), String(Reflect.get(value, 'code'))],
    enumerable: Object.keys(value).sort(),
    isFrozen: Object.isFrozen(value),
    cause: viewOf(cause),
    errors: viewOf(errors),
  };
}
