export {
  formatPrometheus,
  type PrometheusOptions,
  prometheusContentType,
} from "./format-prometheus.ts";
export { type MetricsServer, type MetricsServerOptions, openMetricsServer } from "./metrics-server.ts";
