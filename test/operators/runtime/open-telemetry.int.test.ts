import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { HealthServer } from '../../../operators/runtime/health-server.js';
import { silentLog } from '../../../operators/runtime/log.js';
import { NAME } from '../../../operators/runtime/names.js';
import { observedApi } from '../../../operators/runtime/observed-api.js';
import { traced } from '../../../operators/runtime/observers.js';
import { type RunningTelemetry, startOpenTelemetry } from '../../../operators/runtime/open-telemetry.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function scrape({ metrics }: RunningTelemetry): Promise<string> {
  const server = new HealthServer({ port: 0, host: '127.0.0.1', metrics });
  const port = await server.start();
  closing.push(() => server.stop());
  return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

/** A collector that keeps what it gets. */
async function collector(): Promise<{ url: string; spans: () => readonly Span[] }> {
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      if (request.url === '/v1/traces') bodies.push(body);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const spans = (): readonly Span[] =>
    bodies
      .map((body) => JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] })
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap((scope) => scope.spans);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

interface Span {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceId: string;
  readonly status: { readonly code?: number };
}

describe('telemetry of the process', () => {
  test('a scrape shows every metric under its name, with bounded labels', async () => {
    const running = await startOpenTelemetry({ instance: 'operator-0', log: silentLog });
    closing.push(running.shutdown);
    const { telemetry } = running;
    telemetry.reconciled('healing', 'error', 0.2, new TypeError('x'));
    telemetry.queueWaited('healing', 0.01);
    telemetry.watchQueueDepth('healing', () => 3);
    telemetry.watchCacheSize('pods', () => 10_000);
    telemetry.relisted('pods', 'Gone');
    telemetry.auditMissed('pods', 2);
    telemetry.watchReconnected('pods', 'ConnectionLost');
    telemetry.apiCalled('evict', 'pods', 'DisruptionBudget', 0.02);
    telemetry.watchLeader(() => true);
    telemetry.leadershipChanged('acquired');
    telemetry.decided('OutOfMemory', 'Hold', 'Throttled');
    telemetry.replacementRequested('OutOfMemory', 'Evict', 0.4);
    telemetry.replacementReady('OutOfMemory', 12);
    telemetry.eventRecorded('OutOfMemory', 'created');
    const text = await scrape(running);
    for (const line of [
      'tranship_reconciles_total{controller="healing",result="error"} 1',
      'tranship_reconcile_errors_total{controller="healing",error_type="TypeError"} 1',
      'tranship_queue_depth{controller="healing"} 3',
      'tranship_cache_objects{cache="pods"} 10000',
      'tranship_cache_relists_total{cache="pods",reason="Gone"} 1',
      'tranship_cache_audit_misses_total{cache="pods"} 2',
      'tranship_watch_reconnects_total{cache="pods",reason="ConnectionLost"} 1',
      'tranship_api_calls_total{verb="evict",resource="pods",code="DisruptionBudget"} 1',
      'tranship_leader 1',
      'tranship_leader_transitions_total{result="acquired"} 1',
      'tranship_decisions_total{cause="OutOfMemory",action="Hold",reason="Throttled"} 1',
      'tranship_replacements_total{cause="OutOfMemory",action="Evict"} 1',
      'tranship_replacement_request_delay_seconds_bucket{cause="OutOfMemory",le="0.5"} 1',
      'tranship_replacement_request_delay_seconds_bucket{cause="OutOfMemory",le="0.25"} 0',
      'tranship_replacement_ready_delay_seconds_count{cause="OutOfMemory"} 1',
      'tranship_events_total{reason="OutOfMemory",result="created"} 1',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    const names = new Set<string>(Object.values(NAME.metric));
    const shown = [...text.matchAll(/^# TYPE (tranship_\w+)/gm)].map(([, name]) => name ?? '');
    expect(shown.filter((name) => !names.has(name))).toEqual([]);
  });

  test('calls to the API server are spans under the reconcile that made them, and errors are marked', async () => {
    const { url, spans } = await collector();
    const running = await startOpenTelemetry({ instance: 'operator-0', log: silentLog, otlpEndpoint: url });
    const clock = new ManualClock();
    const api = observedApi(new SimulatedApiServer({ clock }).api(), running.telemetry, clock);
    const reconciler = traced(
      {
        name: 'healing',
        reconcile: async () => {
          await api.list(RESOURCE.pod);
          await api.get(RESOURCE.pod, { namespace: 'shop', name: 'web-1' });
          return {};
        },
      },
      running.telemetry,
    );
    await expect(reconciler.reconcile('shop/web', new AbortController().signal)).rejects.toMatchObject({
      code: 'NotFound',
    });
    await running.shutdown();
    const [list, get, reconcile] = spans();
    expect([list?.name, get?.name, reconcile?.name]).toEqual([
      'kubernetes list',
      'kubernetes get',
      'reconcile healing',
    ]);
    expect([list?.parentSpanId, get?.parentSpanId]).toEqual([reconcile?.spanId, reconcile?.spanId]);
    expect([list?.status.code ?? 0, get?.status.code, reconcile?.status.code]).toEqual([0, 2, 2]);
  });
});
