import type { IncomingMessage, ServerResponse } from 'node:http';
import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Log } from './log.js';
import { NAME } from './names.js';
import { Telemetry } from './telemetry.js';

export interface OpenTelemetryOptions {
  /** OTLP over HTTP; `/v1/traces` is added. @default - no traces are made, and the SDK for them is not loaded */
  readonly otlpEndpoint?: string;
  /** `service.instance.id`, as the name of the pod. */
  readonly instance: string;
  readonly log: Log;
}

/** Telemetry of a process that reports. */
export interface RunningTelemetry {
  readonly telemetry: Telemetry;
  /** Answers a scrape. */
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sends what is left, for as long as the collector answers. Metrics of the process itself end with it. */
  readonly shutdown: () => Promise<void>;
}

/**
 * Starts OpenTelemetry: metrics for Prometheus to scrape, and traces if there is where to send them.
 *
 * The SDK for traces costs 20 MB of memory, so it is loaded only then. Nothing else is read from `OTEL_*` variables but
 * what its exporter takes (`OTEL_EXPORTER_OTLP_HEADERS` and the like).
 */
export async function startOpenTelemetry(options: OpenTelemetryOptions): Promise<RunningTelemetry> {
  const { otlpEndpoint, instance, log } = options;
  const diagnostic = (text: string): void => log.warn(NAME.log.telemetryDiagnostic, { diagnostic: text });
  diag.setLogger(
    { error: diagnostic, warn: diagnostic, info: () => undefined, debug: () => undefined, verbose: () => undefined },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const resource = resourceFromAttributes({ 'service.name': NAME.service, 'service.instance.id': instance });
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const meters = new MeterProvider({ resource, readers: [exporter] });
  const meter = meters.getMeter(NAME.service);
  const stopTraces = otlpEndpoint === undefined ? undefined : await startTraces(otlpEndpoint, resource);
  const telemetry = new Telemetry(meter, trace.getTracer(NAME.service));
  observeProcess(telemetry);
  return {
    telemetry,
    metrics: (request, response) => exporter.getMetricsRequestHandler(request, response),
    shutdown: async () => {
      await stopTraces?.();
      await meters.shutdown();
    },
  };
}

async function startTraces(
  endpoint: string,
  resource: ReturnType<typeof resourceFromAttributes>,
): Promise<() => Promise<void>> {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const url = endpoint.endsWith('/v1/traces') ? endpoint : `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    traceExporter: new OTLPTraceExporter({ url }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return () => sdk.shutdown();
}

/** Names that Prometheus' own client libraries have for these. */
function observeProcess(telemetry: Telemetry): void {
  telemetry.gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss(), {});
  telemetry.gauge(
    'process_start_time_seconds',
    'When the process started',
    () => Date.now() / 1000 - process.uptime(),
    {},
  );
}
