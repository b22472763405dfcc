import { afterEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestContext } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent } from 'undici';
import { Credentials } from '../../../operators/runtime/credentials.js';
import { kubeconfig } from '../../../operators/runtime/kubeconfig.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';

/** Counts how often it is asked, and gives a new token and new connections each time. */
class CountingConfig extends KubeConfig {
  asked = 0;
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    this.asked += 1;
    if (this.asked === 2 && this.failSecond) throw new Error('the plugin failed');
    context.setHeaderParam('Authorization', `Bearer token-${this.asked}`);
    context.setDispatcher(new Agent());
    await Promise.resolve();
  }
  constructor(private readonly failSecond = false) {
    super();
    this.loadFromClusterAndUser({ name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true }, { name: 'u' });
  }
}

const open: Credentials[] = [];
afterEach(async () => {
  for (const credentials of open.splice(0)) await credentials.close();
});

function credentialsOf(config: KubeConfig, clock: ManualClock): Credentials {
  const credentials = new Credentials(kubeconfig(config), clock);
  open.push(credentials);
  return credentials;
}

test('calls at one time ask the kubeconfig once, and calls after 10 s ask it again', async () => {
  const clock = new ManualClock();
  const config = new CountingConfig();
  const credentials = credentialsOf(config, clock);
  await Promise.all(Array.from({ length: 50 }, () => credentials.access()));
  await clock.advance(9_999);
  expect((await credentials.access()).headers).toMatchObject({ Authorization: 'Bearer token-1' });
  await clock.advance(1);
  expect((await credentials.access()).headers).toMatchObject({ Authorization: 'Bearer token-2' });
  expect(config.asked).toBe(2);
});

test('a server that did not accept them has the kubeconfig asked at once', async () => {
  const credentials = credentialsOf(new CountingConfig(), new ManualClock());
  await credentials.access();
  credentials.forget();
  expect((await credentials.access()).headers).toMatchObject({ Authorization: 'Bearer token-2' });
});

test('a failure is not kept: the next call asks again', async () => {
  const clock = new ManualClock();
  const credentials = credentialsOf(new CountingConfig(true), clock);
  await credentials.access();
  await clock.advance(10_000);
  await expect(credentials.access()).rejects.toThrow('the plugin failed');
  expect((await credentials.access()).headers).toMatchObject({ Authorization: 'Bearer token-3' });
});

test('the token of a service account is read from its file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'credentials-'));
  const tokenFile = join(directory, 'token');
  await writeFile(tokenFile, 'from-the-file');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true },
    { name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile } } },
  );
  const { headers } = await credentialsOf(config, new ManualClock()).access();
  expect(headers).toMatchObject({ Authorization: 'Bearer from-the-file' });
  await rm(directory, { recursive: true });
});
