import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ExecMarker } from '../../../operators/healing/exec-webhook-mark.js';
import { makeCertificate } from '../../../operators/healing/exec-webhook-certificate.js';
import { readCertificate, webhookNames, writeCertificate } from '../../../operators/healing/exec-webhook-secret.js';
import { ExecWebhookServer } from '../../../operators/healing/exec-webhook-server.js';
import type { HealingPolicySpec } from '../../../operators/healing/healing-policy.js';
import { Interning } from '../../../operators/healing/interning.js';
import { projectPod } from '../../../operators/healing/project-pod.js';
import { projectPolicy } from '../../../operators/healing/project-policy.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { jsonLog } from '../../../operators/runtime/log.js';
import { ObjectCache } from '../../../operators/runtime/object-cache.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

const NAMESPACE = 'tranship-system';
const [NAME = ''] = webhookNames(NAMESPACE);
const TOKEN = 'a-token-that-nobody-knows';
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

type Spec = Omit<HealingPolicySpec, 'selector'>;

/** A cluster with one pod, `shop/web-1`, and policies that select it; a replica of the operator serves the webhook. */
async function cluster(policies: readonly Spec[], labels: Readonly<Record<string, string>> = { app: 'web' }) {
  // TLS looks at the machine's own clock.
  const clock = new ManualClock(Date.now());
  const server = new SimulatedApiServer({ clock });
  const api = server.api();
  const pod = { namespace: 'shop', name: 'web-1' };
  server.put(RESOURCE.pod, { metadata: { ...pod, labels } });
  for (const [index, spec] of policies.entries()) {
    const metadata = { namespace: 'shop', name: `policy-${index}` };
    server.put(RESOURCE.healingPolicy, {
      metadata,
      spec: { ...spec, selector: { matchLabels: { app: 'web' } } },
    } as never);
  }
  server.put(RESOURCE.secret, { metadata: { namespace: NAMESPACE, name: 'tranship-exec-webhook-certificate' } });
  const stop = new AbortController();
  const common = { api, clock, random: () => 0.5 };
  const interning = new Interning();
  const pods = new ObjectCache({ ...common, resource: RESOURCE.pod, project: (raw) => projectPod(raw, interning) });
  const cached = new ObjectCache({ ...common, resource: RESOURCE.healingPolicy, project: projectPolicy });
  const log = jsonLog({ stream: { write: () => true }, clock });
  const listening = Promise.withResolvers<number>();
  const webhook = new ExecWebhookServer({
    api,
    namespace: NAMESPACE,
    port: 0,
    marker: new ExecMarker({ api, pods, policies: cached, clock, log }),
    clock,
    log,
    onListening: listening.resolve,
  });
  const store = async (): Promise<string> => {
    const made = await makeCertificate(webhookNames(NAMESPACE), clock.now());
    const held = { ...made, authorities: made.authority, token: TOKEN };
    const read = await readCertificate(api, NAMESPACE, stop.signal);
    await writeCertificate(api, NAMESPACE, held, read, 'test');
    return made.authority;
  };
  const authority = await store();
  const running = [pods.run(stop.signal), cached.run(stop.signal), webhook.run(stop.signal)];
  ends.push(async () => {
    stop.abort();
    await Promise.allSettled(running);
  });
  await Promise.all([pods.whenSynced(stop.signal), cached.whenSynced(stop.signal)]);
  const port = await listening.promise;
  return {
    clock,
    server,
    store,
    annotations: async () => (await api.get(RESOURCE.pod, pod)).metadata.annotations,
    send: (body: unknown, path = `/exec/${TOKEN}`, ca = authority) => post(port, ca, path, body),
  };
}

/** What the API server does: it trusts the bundle, and expects the name of the Service. */
function post(port: number, ca: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>();
  const call = request({ host: '127.0.0.1', port, path, ca, servername: NAME, method: 'POST', agent: false });
  call.on('error', reject);
  call.on('response', (response) => {
    json(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
  });
  call.end(typeof body === 'string' ? body : JSON.stringify(body));
  return promise;
}

function review(more: object = {}): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'review-1',
      operation: 'CONNECT',
      namespace: 'shop',
      name: 'web-1',
      subResource: 'exec',
      userInfo: { username: 'alice' },
      object: { kind: 'PodExecOptions', command: ['sh', '-c', 'echo secret'] },
      ...more,
    },
  };
}

const allowed = (warnings: readonly string[] = []): object => ({
  status: 200,
  body: expect.objectContaining({
    response: { uid: 'review-1', allowed: true, ...(warnings.length === 0 ? {} : { warnings }) },
  }),
});

const WATCHES: Spec = { causes: { exec: { enabled: true, afterSeconds: 600 } } };
const seconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

describe('an exec into a pod', () => {
  test('is let through, noted in the pod with its time and user, and answered with what follows', async () => {
    const { send, annotations, clock } = await cluster([WATCHES]);
    const warning = `HealingPolicy shop/policy-0 replaces this pod from ${seconds(clock.now() + 600_000)} on, since it may no longer be what its image says`;
    expect(await send(review())).toEqual(allowed([warning]));
    expect(await annotations()).toEqual({
      'tranship.dev/exec': seconds(clock.now()),
      'tranship.dev/exec-by': 'alice',
    });
  });

  test('is noted once: who comes later finds the time of the first', async () => {
    const { send, annotations, clock } = await cluster([WATCHES]);
    await send(review());
    const first = await annotations();
    await clock.advance(60_000);
    await send(review({ userInfo: { username: 'bob' }, subResource: 'attach' }));
    expect(await annotations()).toEqual(first);
  });

  test('keeps the annotations that the pod has, and waits out another writer', async () => {
    const { send, annotations, server } = await cluster([WATCHES]);
    const pod = { namespace: 'shop', name: 'web-1' };
    server.patch(RESOURCE.pod, pod, { metadata: { annotations: { team: 'shop' } } });
    let others = 0;
    server.onCall = ({ verb, resource }) => {
      if (verb !== 'patch' || resource.plural !== 'pods' || others > 0) return undefined;
      others++;
      server.patch(RESOURCE.pod, pod, { metadata: { labels: { touched: 'yes' } } });
      return undefined;
    };
    await send(review());
    expect(others).toBe(1);
    expect(Object.keys((await annotations()) ?? {}).sort()).toEqual([
      'team',
      'tranship.dev/exec',
      'tranship.dev/exec-by',
    ]);
  });

  test.each<[string, readonly Spec[]]>([
    ['no policy selects the pod', []],
    ['the policy does not look at execs', [{}]],
    ['two policies select it, so that neither acts', [WATCHES, WATCHES]],
  ])('leaves no trace where %s', async (_why, policies) => {
    const { send, annotations } = await cluster(policies);
    expect(await send(review())).toEqual(allowed());
    expect(await annotations()).toBeUndefined();
  });

  test('of a dry run is told what would follow, and leaves no trace', async () => {
    const { send, annotations } = await cluster([WATCHES]);
    expect(await send(review({ dryRun: true }))).toEqual(allowed([expect.stringContaining('replaces') as never]));
    expect(await annotations()).toBeUndefined();
  });

  test('is let through when it cannot be noted', async () => {
    const { send, server } = await cluster([WATCHES]);
    server.onCall = ({ verb, resource }) =>
      verb === 'patch' && resource.plural === 'pods' ? new ApiError('Forbidden', 'no') : undefined;
    expect(await send(review())).toEqual(allowed([expect.stringContaining('could not note this') as never]));
  });
});

describe('the webhook', () => {
  test('answers nobody who does not know its path', async () => {
    const { send, annotations } = await cluster([WATCHES]);
    for (const path of ['/exec', '/exec/', `/exec/${TOKEN}x`, `/exec/${TOKEN.slice(1)}`])
      expect(await send(review(), path)).toMatchObject({ status: 404 });
    expect(await annotations()).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['null', 'null'],
    ['no review', { request: {} }],
    ['a review of something else', review({ operation: 'CREATE' })],
    ['a pod that is no name', review({ name: { $ne: '' } })],
    ['a huge body', 'x'.repeat(300_000)],
  ])('refuses %s', async (_what, body) => {
    const { send } = await cluster([WATCHES]);
    expect(await send(body)).toMatchObject({ status: 400 });
  });

  test('serves a new certificate without a restart', async () => {
    const { send, store, clock } = await cluster([]);
    const next = await store();
    await expect(send(review(), undefined, next)).rejects.toThrow(/certificate/);
    await clock.advance(30_000);
    expect(await send(review(), undefined, next)).toEqual(allowed());
  });
});
