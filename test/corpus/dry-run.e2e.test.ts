import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readFiles } from '../../charts/ecs/read.js';
import type { KubernetesVersion } from '../../charts/port/kubernetes-version.js';
import type { Manifest } from '../../charts/port/manifest.js';
import { manifestsOf, portInput } from '../../charts/port/port.js';
import { services, taskDefinitions } from '../charts/port/arbitraries.js';
import { dryRun, type Emitted, MARKED } from './dry-run.js';
import { CorpusServer } from './server.js';

const ACCOUNTS = 120;

let server: CorpusServer;
let version: KubernetesVersion;
beforeAll(async () => {
  server = new CorpusServer(undefined);
  version = await server.version();
});
afterAll(() => server.close());

function configMap(more: object): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'dry-run-e2e' }, ...more };
}

function store(service: string): Manifest {
  const spec = { provider: { aws: { service, region: 'eu-central-1' } } };
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: 'store', namespace: 'dry-run-e2e' },
    spec,
  };
}

/** What the server says to the objects, each with its file. */
async function rejectionsOf(emitted: readonly Emitted[]) {
  return (await dryRun(server, emitted, () => undefined)).rejections.map(({ file, words }) => `${file}: ${words}`);
}

describe('a server-side dry run', () => {
  test('rejects what built-in and custom schemas do not allow, takes the rest, and leaves nothing behind', async () => {
    const rejections = await rejectionsOf([
      { file: 'good', manifest: configMap({ data: { a: 'b' } }) },
      { file: 'unknown-field', manifest: configMap({ date: {} }) },
      { file: 'good-store', manifest: store('SecretsManager') },
      { file: 'bad-store', manifest: store('Secrets') },
    ]);
    expect(rejections.toSorted()).toEqual([
      expect.stringMatching(/^bad-store: .*service: Unsupported value: "Secrets"/),
      expect.stringMatching(/^unknown-field: .*date.*field not declared in schema/),
    ]);
    expect(await server.list('v1', 'Namespace', MARKED)).toEqual([]);
    expect(await server.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition', MARKED)).toEqual([]);
  });

  test('takes everything that any task definition and service are ported to', async () => {
    const pairs = taskDefinitions.chain((definition) =>
      services(String(definition['family'])).map((service) => [definition, service]),
    );
    const accounts = fc.sample(pairs, { numRuns: ACCOUNTS });
    const emitted = accounts.flatMap((documents, account) => {
      const files = documents.map((document, index) => ({ path: `${index}.json`, text: JSON.stringify(document) }));
      const manifests = manifestsOf(portInput(readFiles(files).input, { kubernetes: version }));
      return manifests.map((manifest) => ({ file: `${account}: ${JSON.stringify(documents)}`, manifest }));
    });
    expect(emitted.length).toBeGreaterThan(ACCOUNTS);
    expect(await rejectionsOf(emitted)).toEqual([]);
  });
});
