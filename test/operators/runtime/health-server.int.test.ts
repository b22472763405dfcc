import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Check, HealthServer } from '../../../operators/runtime/health-server.js';

let server: HealthServer | undefined;
afterEach(() => server?.stop());

async function serve(checks: { live?: readonly Check[]; ready?: readonly Check[] }): Promise<number> {
  server = new HealthServer({
    port: 0,
    host: '127.0.0.1',
    live: () => checks.live ?? [],
    ready: () => checks.ready ?? [],
    metrics: (_, response) => response.end('tranship_leader 1\n'),
  });
  return await server.start();
}

async function get(port: number, path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { status: response.status, body: await response.text() };
}

describe('the health server', () => {
  test('answers 200 while all checks hold and names those that do not', async () => {
    const port = await serve({
      live: [{ name: 'election', ok: true }],
      ready: [
        { name: 'cache pods', ok: true, detail: '12 objects' },
        { name: 'cache nodes', ok: false, detail: 'first list is not complete' },
      ],
    });
    expect(await get(port, '/livez')).toEqual({ status: 200, body: '[+] election\nok\n' });
    expect(await get(port, '/readyz?verbose')).toEqual({
      status: 503,
      body: '[+] cache pods: 12 objects\n[-] cache nodes: first list is not complete\nfailed\n',
    });
  });

  test('serves the metrics on the same port, and nothing else', async () => {
    const port = await serve({});
    expect(await get(port, '/metrics')).toEqual({ status: 200, body: 'tranship_leader 1\n' });
    expect(await get(port, '/')).toMatchObject({ status: 404 });
    expect(await get(port, '/livez', 'POST')).toMatchObject({ status: 405 });
  });

  test('a port that is taken is an error of start', async () => {
    const port = await serve({});
    const second = new HealthServer({
      port,
      host: '127.0.0.1',
      live: () => [],
      ready: () => [],
      metrics: () => undefined,
    });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('stop does not wait for a client that keeps its connection open', async () => {
    const port = await serve({});
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('connect', resolve));
    await server?.stop();
    await closed;
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow('fetch failed');
  });
});
