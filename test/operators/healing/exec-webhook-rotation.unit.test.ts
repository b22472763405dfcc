import { describe, expect, test } from '@jest/globals';
import { judgeCertificate } from '../../../operators/healing/exec-webhook-certificate.js';
import { CertificateRotation } from '../../../operators/healing/exec-webhook-rotation.js';
import { readCertificate, webhookNames } from '../../../operators/healing/exec-webhook-secret.js';
import { jsonLog } from '../../../operators/runtime/log.js';
import { type KubernetesObject, RESOURCE, type Resource } from '../../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

const NAMESPACE = 'tranship-system';
const DAY = 86_400_000;
const CONFIGURATION: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
};

interface Configuration extends KubernetesObject {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string; readonly service: object } }[];
}

/** The cluster as the charts leave it. */
function installed() {
  const clock = new ManualClock();
  const server = new SimulatedApiServer({ clock });
  server.put(RESOURCE.secret, {
    metadata: { namespace: NAMESPACE, name: 'tranship-exec-webhook-certificate' },
  });
  const webhook = {
    name: 'exec.tranship.dev',
    clientConfig: { service: { namespace: NAMESPACE, name: 'tranship-exec-webhook', port: 443 } },
  };
  const configuration = { metadata: { name: 'tranship-exec' }, webhooks: [webhook] };
  server.put(CONFIGURATION, configuration);
  const log = jsonLog({ stream: { write: () => true }, clock });
  const api = server.api();
  const signal = new AbortController().signal;
  return {
    clock,
    server,
    configuration,
    rotation: new CertificateRotation({ api, namespace: NAMESPACE, clock, log }),
    signal,
    secret: async () => (await readCertificate(api, NAMESPACE, signal)).held,
    trusted: async () => {
      const { webhooks } = await api.get<Configuration>(CONFIGURATION, { name: 'tranship-exec' });
      const client = webhooks[0]?.clientConfig;
      return { bundle: Buffer.from(client?.caBundle ?? '', 'base64').toString('utf8'), service: client?.service };
    },
  };
}

const authorities = (bundle = ''): number => bundle.match(/BEGIN CERTIFICATE/g)?.length ?? 0;

describe('the rotation of the exec webhook certificate', () => {
  test('makes the first certificate and tells the API server whom to trust, and where to call', async () => {
    const { rotation, signal, secret, trusted, clock } = installed();
    expect(await rotation.keep(signal)).toBe(true);
    const held = await secret();
    expect(held && judgeCertificate(held, webhookNames(NAMESPACE), clock.now())).toBe('good');
    expect(await trusted()).toEqual({
      bundle: held?.authorities,
      service: { namespace: NAMESPACE, name: 'tranship-exec-webhook', port: 443, path: `/exec/${held?.token ?? ''}` },
    });
  });

  test('asks to be called by a path that the API server takes: its parts are DNS names, and long enough to guess nothing', async () => {
    const { rotation, signal, trusted } = installed();
    await rotation.keep(signal);
    expect((await trusted()).service).toHaveProperty('path', expect.stringMatching(/^\/exec\/[a-z0-9]{40,63}$/));
  });

  test('writes nothing while all is well', async () => {
    const { rotation, signal, server } = installed();
    await rotation.keep(signal);
    const version = server.resourceVersion;
    expect(await rotation.keep(signal)).toBe(false);
    expect(server.resourceVersion).toBe(version);
  });

  test('renews in time, and the former authority stays trusted until the replicas have the new certificate', async () => {
    const { rotation, signal, secret, clock } = installed();
    await rotation.keep(signal);
    const first = await secret();
    await clock.advance(61 * DAY);
    expect(await rotation.keep(signal)).toBe(true);
    const second = await secret();
    expect(second?.certificate).not.toBe(first?.certificate);
    expect(second?.authorities.endsWith(first?.authorities ?? 'none')).toBe(true);
    expect(second?.token).toBe(first?.token);
    await clock.advance(61 * DAY);
    await rotation.keep(signal);
    expect(authorities((await secret())?.authorities)).toBe(2);
  });

  test('trusts the new authority before it is served, whatever happens in between', async () => {
    const { rotation, signal, server, trusted } = installed();
    const order: string[] = [];
    server.onCall = (call) => void (call.verb === 'patch' && order.push(call.resource.plural));
    await rotation.keep(signal);
    expect(order).toEqual(['validatingwebhookconfigurations', 'secrets']);
    expect(authorities((await trusted()).bundle)).toBe(1);
  });

  test('tells the API server again when the manifests were applied anew', async () => {
    const { rotation, signal, server, configuration, secret, trusted } = installed();
    await rotation.keep(signal);
    server.put(CONFIGURATION, configuration);
    expect(await rotation.keep(signal)).toBe(false);
    expect((await trusted()).bundle).toBe((await secret())?.authorities);
  });

  test('replaces what somebody else put into the Secret', async () => {
    const { rotation, signal, server, secret } = installed();
    const data = Object.fromEntries(['tls.crt', 'tls.key', 'ca.crt', 'token'].map((key) => [key, 'eA==']));
    server.patch(RESOURCE.secret, { namespace: NAMESPACE, name: 'tranship-exec-webhook-certificate' }, { data });
    expect(await rotation.keep(signal)).toBe(true);
    expect(authorities((await secret())?.authorities)).toBe(1);
  });
});
