// The door `reprise/opentelemetry`; it needs the package `@opentelemetry/api`.
export { openTelemetry } from './open-telemetry.ts';
export type { OpenTelemetryOptions } from './open-telemetry.ts';
