import { once } from "node:events";
import { createServer, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { MonitorSnapshot } from "../snapshot.ts";
import {
  formatPrometheus,
  type PrometheusOptions,
  prometheusContentType,
  resolvePrometheusOptions,
} from "./format-prometheus.ts";
import { type RequestRules, statusOf } from "./request-check.ts";

/** Options of {@link openMetricsServer}. */
export interface MetricsServerOptions extends PrometheusOptions {
  /** Whose gauges are served. */
  readonly monitor: { recent(maxAgeMs: number): Promise<MonitorSnapshot> };
  /** 0 to 65535; 0 = a free one. Default 9464, which is registered for metrics in OpenTelemetry. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: this machine alone. */
  readonly host?: string;
  /** Names, without port, under which scrapers ask. Default those of this machine where `host` is a loopback address; else any. */
  readonly allowedHosts?: readonly string[];
  /** Token that scrapers must show as `authorization: Bearer …`. Default none. */
  readonly bearerToken?: string;
  /** Milliseconds that a measurement may be old, so that many scrapers cost one run. Default 1000. */
  readonly maxAgeMs?: number;
  /** Whether the open server keeps the process alive. Default false. */
  readonly keepAlive?: boolean;
}

/** A server of metrics that is listening. */
export interface MetricsServer {
  readonly port: number;
  /** Where a scraper on this machine finds the metrics. */
  readonly url: string;
  /** Scrapes that could not be answered, and connections that the operating system did not hand over. */
  readonly failures: number;
  /** Stops listening and cuts open connections. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const path = "/metrics";
const loopbackHosts = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Serves `GET /metrics` for Prometheus. Nothing else is served, nothing can be changed through it, and slow or many
 * clients are cut off.
 *
 * @throws the error of the operating system when the port cannot be taken, and as `formatPrometheus` for its options.
 */
export async function openMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { monitor, port = 9464, host = "127.0.0.1", maxAgeMs = 1000, keepAlive = false } = options;
  const isLoopback = host === "localhost" || host === "::1" || host.startsWith("127.");
  const hosts = options.allowedHosts ?? (isLoopback ? [...loopbackHosts, host] : undefined);
  const rules: RequestRules = {
    path,
    hosts: hosts === undefined ? undefined : new Set(hosts.map((name) => name.toLowerCase())),
    bearerToken: options.bearerToken,
  };
  let failures = 0;
  const format = resolvePrometheusOptions(options);
  const render = async (): Promise<string> => formatPrometheus(await monitor.recent(maxAgeMs), format);
  const server = createMetricsListener(rules, render, () => {
    failures += 1;
  });
  if (!keepAlive) server.unref();
  server.listen(port, host);
  await once(server, "listening");
  // Such as EMFILE at a new connection; without a listener it would end the process.
  server.on("error", () => {
    failures += 1;
  });
  const address = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  const shownHost = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    port: address.port,
    url: `http://${shownHost}:${address.port}${path}`,
    get failures() {
      return failures;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createMetricsListener(
  rules: RequestRules,
  render: () => Promise<string>,
  onFailure: () => void,
): Server {
  // A scrape is one small request: whoever takes seconds for it is no scraper.
  const limits = {
    headersTimeout: 5000,
    requestTimeout: 5000,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: 60_000,
    maxHeaderSize: 8192,
  };
  const server = createServer(limits, (request, response) => {
    const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, {
        "content-type": "text/plain; charset=utf-8",
        "content-length": String(Buffer.byteLength(body)),
        "x-content-type-options": "nosniff",
        ...headers,
      });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    const status = statusOf(request, rules);
    if (status !== 200) {
      answer(status, `${STATUS_CODES[status]}\n`, status === 405 ? { allow: "GET, HEAD" } : {});
      return;
    }
    render().then(
      (text) => answer(200, text, { "content-type": prometheusContentType }),
      () => {
        onFailure();
        answer(500, "not measured\n");
      },
    );
  });
  server.maxConnections = 32;
  return server;
}
