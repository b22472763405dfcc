import {
  type Attributes,
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  ProxyTracerProvider,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import { isApiError } from './api-error.js';
import type { ReconcileOutcome } from './controller.js';
import { NAME } from './names.js';

const { metric, attribute } = NAME;

/** Seconds. Reconciles and calls take milliseconds; the last bucket is the timeout. */
const SHORT = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds. A replacement takes from a fraction of a second (asked for) to half an hour (throttled). */
const LONG = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800];

/**
 * What the operators measure. One method for each thing that happens; names, units and labels are in here and in
 * `names.ts`, so that code which observes does not know OpenTelemetry.
 *
 * Labels are bounded: controllers, caches, resources, causes and reasons, never names of objects.
 *
 * @example
 * const telemetry = new Telemetry(); // measures nothing: for tests
 * const telemetry = new Telemetry(meter, tracer);
 */
export class Telemetry {
  readonly #reconciles: Counter;
  readonly #reconcileErrors: Counter;
  readonly #reconcileDuration: Histogram;
  readonly #queueLatency: Histogram;
  readonly #relists: Counter;
  readonly #auditMisses: Counter;
  readonly #watchReconnects: Counter;
  readonly #apiCalls: Counter;
  readonly #apiCallDuration: Histogram;
  readonly #leaderTransitions: Counter;
  readonly #decisions: Counter;
  readonly #replacements: Counter;
  readonly #requestDelay: Histogram;
  readonly #readyDelay: Histogram;
  readonly #events: Counter;

  constructor(
    /** For instruments of a feature's own; take their names from `names.ts`. */
    readonly meter: Meter = createNoopMeter(),
    readonly tracer: Tracer = new ProxyTracerProvider().getTracer(NAME.service),
  ) {
    const counter = (name: string, description: string): Counter => meter.createCounter(name, { description });
    const histogram = (name: string, description: string, explicitBucketBoundaries: number[]): Histogram =>
      meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries } });
    this.#reconciles = counter(metric.reconciles, 'Reconciles, by controller and result');
    this.#reconcileErrors = counter(metric.reconcileErrors, 'Reconciles that failed, by controller and kind of error');
    this.#reconcileDuration = histogram(metric.reconcileDuration, 'How long reconciles take', SHORT);
    this.#queueLatency = histogram(metric.queueLatency, 'How long keys wait in the queue', SHORT);
    this.#relists = counter(metric.cacheRelists, 'Lists that a cache made, by reason');
    this.#auditMisses = counter(
      metric.cacheAuditMisses,
      'Differences between a cache and the server that an audit found',
    );
    this.#watchReconnects = counter(metric.watchReconnects, 'Watches opened again, by reason');
    this.#apiCalls = counter(metric.apiCalls, 'Calls to the API server, by verb, resource and code');
    this.#apiCallDuration = histogram(metric.apiCallDuration, 'How long calls to the API server take', SHORT);
    this.#leaderTransitions = counter(metric.leaderTransitions, 'Terms of leadership that this process began or ended');
    this.#decisions = counter(metric.decisions, 'Decisions, by cause, action and reason for holding');
    this.#replacements = counter(metric.replacements, 'Pods that were replaced, by cause and action');
    this.#requestDelay = histogram(metric.replacementRequestDelay, 'From the signal to the request', LONG);
    this.#readyDelay = histogram(metric.replacementReadyDelay, 'From the signal to the new pod being Ready', LONG);
    this.#events = counter(metric.events, 'Events, by reason and what became of them');
  }

  /** A reconcile ended. @param seconds how long it took @param error what it threw */
  reconciled(controller: string, outcome: ReconcileOutcome, seconds: number, error?: unknown): void {
    const labels = { [attribute.controller]: controller };
    this.#reconciles.add(1, { ...labels, [attribute.result]: outcome });
    this.#reconcileDuration.record(seconds, labels);
    if (error !== undefined) this.#reconcileErrors.add(1, { ...labels, [attribute.errorType]: errorType(error) });
  }

  /** A key was taken after waiting so long since it was due. */
  queueWaited(controller: string, seconds: number): void {
    this.#queueLatency.record(seconds, { [attribute.controller]: controller });
  }

  /** Reads the depth of a queue at each scrape. */
  watchQueueDepth(controller: string, depth: () => number): void {
    this.gauge(metric.queueDepth, 'Keys that wait in the queue', depth, { [attribute.controller]: controller });
  }

  /** Reads the size of a cache at each scrape. */
  watchCacheSize(cache: string, size: () => number): void {
    this.gauge(metric.cacheObjects, 'Objects in the cache', size, { [attribute.cache]: cache });
  }

  /** @param reason as `Initial`, `Gone`, `Audit` */
  relisted(cache: string, reason: string): void {
    this.#relists.add(1, { [attribute.cache]: cache, [attribute.reason]: reason });
  }

  auditMissed(cache: string, differences: number): void {
    this.#auditMisses.add(differences, { [attribute.cache]: cache });
  }

  /** @param reason as `Ended`, `ConnectionLost`, `Silent` */
  watchReconnected(cache: string, reason: string): void {
    this.#watchReconnects.add(1, { [attribute.cache]: cache, [attribute.reason]: reason });
  }

  /** @param code `OK`, or the code of the ApiError @param seconds how long it took; none for a watch, which lasts */
  apiCalled(verb: string, resource: string, code: string, seconds?: number): void {
    const labels = { [attribute.verb]: verb, [attribute.resource]: resource };
    this.#apiCalls.add(1, { ...labels, [attribute.code]: code });
    if (seconds !== undefined) this.#apiCallDuration.record(seconds, labels);
  }

  /** Reads at each scrape whether this process leads. */
  watchLeader(isLeader: () => boolean): void {
    this.gauge(metric.leader, '1 while this process leads', () => (isLeader() ? 1 : 0), {});
  }

  /** @param change as `acquired`, `lost`, `released` */
  leadershipChanged(change: string): void {
    this.#leaderTransitions.add(1, { [attribute.result]: change });
  }

  /** @param action as `Evict`, `Hold` @param reason why it is held */
  decided(cause: string, action: string, reason = ''): void {
    this.#decisions.add(1, { [attribute.cause]: cause, [attribute.action]: action, [attribute.reason]: reason });
  }

  /** The replacement was asked for, so long after its cause was to be seen. */
  replacementRequested(cause: string, action: string, seconds: number): void {
    this.#replacements.add(1, { [attribute.cause]: cause, [attribute.action]: action });
    this.#requestDelay.record(seconds, { [attribute.cause]: cause });
  }

  /** The new pod is Ready, so long after the cause was to be seen. */
  replacementReady(cause: string, seconds: number): void {
    this.#readyDelay.record(seconds, { [attribute.cause]: cause });
  }

  /** @param result as `created`, `exists`, `deduplicated`, `failed` */
  eventRecorded(reason: string, result: string): void {
    this.#events.add(1, { [attribute.reason]: reason, [attribute.result]: result });
  }

  /** A value that is read at each scrape. */
  gauge(name: string, description: string, read: () => number, labels: Attributes): void {
    this.meter.createObservableGauge(name, { description }).addCallback((observer) => observer.observe(read(), labels));
  }

  /**
   * Runs work in a span that is the parent of every span which starts within it. An error ends the span with status
   * ERROR and is thrown on.
   */
  async inSpan<T>(
    name: string,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
    kind: SpanKind = SpanKind.INTERNAL,
  ): Promise<T> {
    return await this.tracer.startActiveSpan(name, { attributes, kind }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.setAttribute(attribute.errorType, errorType(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

/** The kind of an error as a label: the code of an ApiError, else the name of its class. Few values, whatever is thrown. */
export function errorType(error: unknown): string {
  if (isApiError(error)) return error.code;
  return error instanceof Error ? error.constructor.name : typeof error;
}
