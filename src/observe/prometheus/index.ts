// The door `reprise/prometheus`; it needs the package `prom-client`.
export { prometheus } from './prometheus.ts';
export type { PrometheusOptions } from './prometheus.ts';
