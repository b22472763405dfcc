import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientNodeApi } from '../../../operators/runtime/client-node-api.js';
import { findCluster } from '../../../operators/runtime/cluster-config.js';
import { inCluster } from '../../../operators/runtime/in-cluster.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

let directory: string;
let files: { readonly token: string; readonly ca: string };
let server: Server;
let env: Record<string, string>;
const tokens: (string | undefined)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'in-cluster-'));
  files = { token: join(directory, 'token'), ca: join(directory, 'ca.crt') };
  const key = join(directory, 'key.pem');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', files.ca],
    ],
    { stdio: 'ignore' },
  );
  server = createServer({ key: await readFile(key), cert: await readFile(files.ca) }, (request, response) => {
    tokens.push(request.headers.authorization);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"metadata":{"resourceVersion":"1"}}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

test("a pod trusts the cluster's certificate, and sends the token that the kubelet has renewed", async () => {
  const clock = new ManualClock();
  const api = new ClientNodeApi({ config: inCluster(env, files), clock });
  await writeFile(files.token, 'first\n');
  await api.list(RESOURCE.pod);
  await writeFile(files.token, 'second\n');
  await clock.advance(10_000);
  await api.list(RESOURCE.pod);
  await api.close();
  expect(tokens).toEqual(['Bearer first', 'Bearer second']);
});

test('the address of an IPv6 cluster stands in brackets', () => {
  const config = inCluster({ KUBERNETES_SERVICE_HOST: 'fd00:10::1', KUBERNETES_SERVICE_PORT: '443' }, files);
  expect(config.server).toBe('https://[fd00:10::1]:443');
});

test('an environment without the address of the server is said', () => {
  expect(() => inCluster({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, files)).toThrow(
    'KUBERNETES_SERVICE_HOST="10.0.0.1" and KUBERNETES_SERVICE_PORT=""',
  );
});

test('an empty token is said, and is not sent', async () => {
  await writeFile(files.token, '\n');
  await expect(inCluster(env, files).authenticate()).rejects.toThrow(`${files.token} is empty`);
});

test('a kubeconfig that KUBECONFIG names goes before all', async () => {
  const path = join(directory, 'config');
  await writeFile(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: 'https://named:1' } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const before = process.env['KUBECONFIG'];
  process.env['KUBECONFIG'] = path;
  try {
    expect((await findCluster(process.env)).server).toBe('https://named:1');
  } finally {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  }
});
