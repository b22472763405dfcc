import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Faults, openLocal } from './faults.js';
import { stubImage } from './images.js';
import type { Kubectl } from './kubectl.js';
import { namespaceFor } from './namespace.js';

describe('failures brought about on the test cluster', () => {
  let kubectl: Kubectl;
  let faults: Faults;
  let namespace: string;

  beforeAll(async () => {
    const cluster = await openLocal(process.env);
    kubectl = cluster.processes.kubectl;
    faults = new Faults(cluster.processes);
    namespace = await namespaceFor(kubectl, 'faults');
    await kubectl.apply(['steady', 'killed'].map((name) => pod(namespace, name)));
    await kubectl.text(['wait', 'pod', '--all', '--for=condition=Ready', `--namespace=${namespace}`, '--timeout=60s']);
  });

  afterAll(async () => {
    await kubectl.text(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('kill a container by a signal that it cannot catch', async () => {
    await faults.killContainer({ namespace, pod: 'killed', container: 'stub' }, 'SIGKILL');
    await waitFor('killed', 'jsonpath={.status.phase}=Failed');
    const code = await kubectl.text([
      'get',
      'pod',
      'killed',
      `--namespace=${namespace}`,
      '--output=jsonpath={.status.containerStatuses[0].state.terminated.exitCode}',
    ]);
    expect(code).toBe('137');
  });

  it('end the API server, which keeps what it knew when it is back', async () => {
    await faults.killApiServer();
    await expect(kubectl.text(['get', 'namespaces', '--request-timeout=2s'])).rejects.toThrow(/refused/);
    await faults.startApiServer();
    expect(await kubectl.text(['get', 'pod', 'steady', `--namespace=${namespace}`, '--output=name'])).toBe(
      'pod/steady\n',
    );
  });

  it('stop a node, which Kubernetes notices, and start it again with other containers', async () => {
    const before = await containerOf('steady');
    await faults.stopNode('node-b');
    try {
      await kubectl.text(['wait', 'node/node-b', '--for=condition=Ready=Unknown', '--timeout=90s']);
      await waitFor('steady', 'condition=Ready=false');
    } finally {
      await faults.startNode('node-b');
    }
    await kubectl.text(['wait', 'node/node-b', '--for=condition=Ready', '--timeout=90s']);
    await waitFor('steady', 'condition=Ready');
    expect(await containerOf('steady')).not.toBe(before);
  });

  async function waitFor(name: string, condition: string): Promise<void> {
    await kubectl.text(['wait', `pod/${name}`, `--for=${condition}`, `--namespace=${namespace}`, '--timeout=90s']);
  }

  function containerOf(name: string): Promise<string> {
    return kubectl.text([
      'get',
      'pod',
      name,
      `--namespace=${namespace}`,
      '--output=jsonpath={.status.containerStatuses[0].containerID}',
    ]);
  }
});

/** A pod on node-b; one named `killed` is not restarted. */
function pod(namespace: string, name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      nodeName: 'node-b',
      restartPolicy: name === 'killed' ? 'Never' : 'Always',
      containers: [{ name: 'stub', image: stubImage }],
    },
  };
}
