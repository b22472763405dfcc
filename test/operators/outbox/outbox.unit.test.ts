import { afterEach, describe, expect, it } from '@jest/globals';
import { Cursor } from '../../../operators/outbox/cursor.js';
import { OUTBOX, outboxMarks, readOutboxEntry } from '../../../operators/outbox/entry.js';
import type { OutboxMessage } from '../../../operators/outbox/message.js';
import { Outbox } from '../../../operators/outbox/outbox.js';
import type { Refusal, Sink } from '../../../operators/outbox/sink.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { silentLog } from '../../../operators/runtime/log.js';
import { type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock, settle } from '../../../operators/simulator/manual-clock.js';

class RecordingSink implements Sink {
  readonly name = 'recording';
  readonly batches: (readonly OutboxMessage[])[] = [];
  refuse: (message: OutboxMessage) => Refusal | undefined = () => undefined;
  broken: Error | undefined;

  deliver(messages: readonly OutboxMessage[]): Promise<readonly Refusal[]> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    this.batches.push(messages);
    return Promise.resolve(messages.flatMap((message) => this.refuse(message) ?? []));
  }

  get pods(): unknown[] {
    return this.batches.flat().map(({ detail }) => (JSON.parse(detail) as { readonly pod: unknown }).pod);
  }

  get ids(): string[] {
    return this.batches.flat().map(({ id }) => id);
  }
}

const CURSOR = { namespace: 'tranship-system', name: 'cursor' };

class Cluster {
  readonly clock = new ManualClock();
  readonly server = new SimulatedApiServer({ clock: this.clock });
  readonly sink = new RecordingSink();
  readonly #running: { readonly stop: AbortController; readonly ended: Promise<void> }[] = [];

  say(pod: string, annotation?: string): void {
    const marks = outboxMarks({ detailType: 'ECS Task State Change', detail: { pod, lastStatus: 'RUNNING' } });
    this.server.put(RESOURCE.event, {
      metadata: {
        namespace: 'shop',
        name: `${pod}.1`,
        ...marks,
        ...(annotation === undefined ? {} : { annotations: { [OUTBOX]: annotation } }),
      },
      eventTime: '2026-01-01T00:00:00.000000Z',
    } as KubernetesObject);
  }

  outbox: Outbox | undefined;

  start(): AbortController {
    const stop = new AbortController();
    const api = this.server.api();
    this.outbox = new Outbox({
      api,
      sinks: [this.sink],
      cursor: new Cursor(api, CURSOR),
      clock: this.clock,
      random: () => 0,
      log: silentLog,
      cluster: 'prod',
    });
    this.#running.push({ stop, ended: this.outbox.run(stop.signal) });
    return stop;
  }

  async pass(milliseconds = 1): Promise<void> {
    await this.clock.advance(milliseconds);
    for (let turn = 0; turn < 40; turn += 1) await settle();
  }

  async end(): Promise<void> {
    for (const { stop } of this.#running) stop.abort();
    await this.pass(120_000);
    await Promise.all(this.#running.map(({ ended }) => ended));
  }

  get position(): string | undefined {
    return this.server.read<KubernetesObject & { data?: { position?: string } }>(RESOURCE.configMap, CURSOR)?.data
      ?.position;
  }
}

let cluster = new Cluster();
afterEach(async () => {
  await cluster.end();
  cluster = new Cluster();
});

describe('the outbox', () => {
  it('delivers what is there in the order of its storing, ten at a time, and moves the cursor once a batch', async () => {
    for (let n = 23; n > 0; n -= 1) cluster.say(`web-${n}`);
    let writes = 0;
    cluster.server.onCall = ({ verb, resource }) => {
      if (resource.plural === 'configmaps' && verb !== 'get') writes += 1;
      return undefined;
    };
    cluster.start();
    await cluster.pass();
    expect(cluster.sink.batches.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(cluster.sink.pods[0]).toBe('web-23');
    expect(cluster.sink.pods[22]).toBe('web-1');
    expect(writes).toBe(3);
  });

  it('delivers what comes, and says whose cluster and which Event it is', async () => {
    cluster.start();
    await cluster.pass();
    cluster.say('web-1');
    await cluster.pass();
    const [message] = cluster.sink.batches[0] ?? [];
    const { uid } = cluster.server.objects(RESOURCE.event)[0]?.metadata ?? {};
    expect(message).toMatchObject({ id: uid, detailType: 'ECS Task State Change' });
    expect(JSON.parse(message?.detail ?? '')).toMatchObject({
      id: uid,
      clusterArn: 'prod',
      pod: 'web-1',
      lastStatus: 'RUNNING',
    });
  });

  it('goes on after the cursor when another process takes over', async () => {
    cluster.say('web-1');
    cluster.start().abort();
    await cluster.pass();
    const first = cluster.start();
    await cluster.pass();
    first.abort();
    cluster.say('web-2');
    cluster.start();
    await cluster.pass(60_000);
    expect(cluster.sink.pods).toEqual(['web-1', 'web-2']);
  });

  it('delivers again under the same id, and loses none, when it crashes between delivery and cursor', async () => {
    cluster.say('web-1');
    cluster.say('web-2');
    cluster.server.onCall = ({ verb, resource }) =>
      resource.plural === 'configmaps' && verb !== 'get' ? new ApiError('NotLeader', 'the process is gone') : undefined;
    const first = cluster.start();
    await cluster.pass();
    first.abort();
    cluster.server.onCall = undefined;
    cluster.say('web-3');
    cluster.start();
    await cluster.pass(60_000);
    expect(cluster.sink.pods).toEqual(['web-1', 'web-2', 'web-1', 'web-2', 'web-3']);
    const [one, two, again, same] = cluster.sink.ids;
    expect([again, same]).toEqual([one, two]);
  });

  it('sends again only what was refused, later and later, and keeps the cursor until it is taken', async () => {
    let refusals = 2;
    cluster.sink.refuse = (message) => {
      if (!message.detail.includes('web-2') || refusals === 0) return undefined;
      refusals -= 1;
      return { message, code: 'ThrottlingException', final: false };
    };
    for (const pod of ['web-1', 'web-2', 'web-3']) cluster.say(pod);
    cluster.start();
    await cluster.pass();
    expect(cluster.sink.pods).toEqual(['web-1', 'web-2', 'web-3']);
    expect(cluster.position).toBeUndefined();
    await cluster.pass(500);
    expect(cluster.sink.pods.slice(3)).toEqual(['web-2']);
    await cluster.pass(500);
    expect(cluster.sink.pods.slice(3)).toEqual(['web-2']);
    await cluster.pass(500);
    expect(cluster.sink.pods.slice(3)).toEqual(['web-2', 'web-2']);
    expect(cluster.position).toBeDefined();
  });

  it('does not let a message that can never be taken keep the others waiting', async () => {
    cluster.sink.refuse = (message) =>
      message.detail.includes('web-1') ? { message, code: 'MalformedDetail', final: true } : undefined;
    cluster.say('web-1');
    cluster.start();
    await cluster.pass();
    cluster.say('web-2');
    await cluster.pass();
    expect(cluster.sink.pods).toEqual(['web-1', 'web-2']);
  });

  it('waits out a service that does not answer', async () => {
    cluster.sink.broken = new Error('connect ETIMEDOUT');
    cluster.say('web-1');
    cluster.start();
    await cluster.pass(60_000);
    expect(cluster.sink.pods).toEqual([]);
    expect(cluster.outbox?.lagMs).toBe(60_000);
    cluster.sink.broken = undefined;
    await cluster.pass(60_000);
    expect(cluster.sink.pods).toEqual(['web-1']);
    expect(cluster.outbox?.lagMs).toBe(0);
  });

  it('passes over Events that carry no entry', async () => {
    for (const [pod, text] of [
      ['web-1', '{'],
      ['web-2', '{"detailType":"EC2 Instance State-change Notification","detail":{}}'],
      ['web-3', JSON.stringify({ detailType: 'ECS Service Action', detail: { pod: 'x'.repeat(30_000) } })],
    ] as const) {
      cluster.say(pod, text);
    }
    cluster.say('web-4');
    cluster.start();
    await cluster.pass();
    expect(cluster.sink.pods).toEqual(['web-4']);
  });

  it('begins anew when the versions of the server have gone back', async () => {
    cluster.server.put(RESOURCE.configMap, { metadata: CURSOR, data: { position: '999999' } } as KubernetesObject);
    cluster.say('web-1');
    cluster.start();
    await cluster.pass();
    expect(cluster.sink.pods).toEqual(['web-1']);
  });

  it('delivers all of more Events than it holds in memory at a time', async () => {
    for (let n = 0; n < 2300; n += 1) cluster.say(`web-${n}`);
    cluster.start();
    for (let n = 0; n < 60; n += 1) await cluster.pass();
    expect(new Set(cluster.sink.pods).size).toBe(2300);
    expect(cluster.sink.pods).toHaveLength(2300);
  }, 60_000);

  it('goes on after its watch is cut', async () => {
    cluster.start();
    await cluster.pass();
    cluster.server.breakWatches();
    cluster.say('web-1');
    await cluster.pass(60_000);
    expect(cluster.sink.pods).toEqual(['web-1']);
  });
});

describe('an entry', () => {
  it('comes back as it was, and nothing else does', () => {
    const entry = { detailType: 'ECS Service Action' as const, detail: { eventName: 'SERVICE_STEADY_STATE' } };
    expect(readOutboxEntry(outboxMarks(entry).annotations[OUTBOX])).toEqual(entry);
    for (const text of [undefined, '', 'null', '[]', '{}', '{"detailType":"ECS Service Action","detail":null}']) {
      expect(readOutboxEntry(text)).toBeUndefined();
    }
  });
});
