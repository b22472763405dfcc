import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../operators/runtime/clock.js';
import type { Lease } from '../../operators/runtime/lease.js';
import { NAME } from '../../operators/runtime/names.js';
import { RESOURCE } from '../../operators/runtime/resource.js';
import { SimulatedApiServer } from '../../operators/simulator/api-server.js';
import { HttpApiServer } from './runtime/http-api-server.js';

const MAIN = join(__dirname, '../../build/operators/main.js');
const LEASE = { namespace: 'tranship-system', name: 'tranship-operator' };

interface Line {
  readonly message: string;
  readonly ports?: readonly string[];
}

/** An operator as a process of its own. */
class OperatorProcess {
  readonly #child: ChildProcess;
  readonly #lines: Line[] = [];
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<{ code: number | null; output: string }>;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const { PATH = '' } = process.env;
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        output += `${line}\n`;
        if (line.startsWith('{')) this.#lines.push(JSON.parse(line) as Line);
        for (const wake of this.#waiting) wake();
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        resolve({ code, output });
        for (const wake of this.#waiting) wake();
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for a line of the log. */
  async said(message: string): Promise<Line> {
    for (;;) {
      const line = this.#lines.find((candidate) => candidate.message === message);
      if (line !== undefined) return line;
      if (this.#child.exitCode !== null)
        throw new Error(`it ended without saying "${message}"\n${(await this.ended).output}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async get(path: string): Promise<{ status: number; body: string }> {
    const { ports = [] } = await this.said(NAME.log.listening);
    const response = await fetch(`http://127.0.0.1:${ports[0]}${path}`);
    return { status: response.status, body: await response.text() };
  }
}

let folder: string;
let server: SimulatedApiServer;
let http: HttpApiServer;
const started: OperatorProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'operator-'));
  server = new SimulatedApiServer({ clock: systemClock });
  http = new HttpApiServer(server.api());
  await writeFile(join(folder, 'kubeconfig'), (await http.start()).exportConfig());
});

afterEach(async () => {
  for (const operator of started.splice(0)) {
    operator.kill('SIGKILL');
    await operator.ended;
  }
  await http.stop();
  await rm(folder, { recursive: true });
});

function start(podName: string): OperatorProcess {
  const times = ['--lease-duration', '3', '--renew-deadline', '2', '--retry-period', '1'];
  const ports = ['--health-port', '0', '--metrics-port', '0', '--webhook-port', '0'];
  const operator = new OperatorProcess([...times, ...ports], {
    KUBECONFIG: join(folder, 'kubeconfig'),
    POD_NAME: podName,
  });
  started.push(operator);
  return operator;
}

describe('the operator as a process', () => {
  test('--help says what there is and ends with 0; options that cannot be used end with 2', async () => {
    const help = await new OperatorProcess(['--help']).ended;
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining('--lease-duration SECONDS') });
    const wrong = await new OperatorProcess(['--health-port', 'x'], { TRANSHIP_TOPIC: 'arn' }).ended;
    expect(wrong.code).toBe(2);
    expect(wrong.output).toMatch(/^tranship-operator: --health-port "x": must be a port/m);
    expect(wrong.output).toMatch(/^tranship-operator: TRANSHIP_TOPIC \(or --topic\) "arn": must be the ARN/m);
  }, 60_000);

  test('of two, one leads and both are ready; told to stop, it hands over at once; killed, the other takes over', async () => {
    const one = start('one');
    await one.said(NAME.log.leadershipAcquired);
    expect(await one.get('/readyz')).toMatchObject({ status: 200 });
    expect((await one.get('/metrics')).body).toContain('\ntranship_leader 1\n');

    const two = start('two');
    await two.said(NAME.log.cachesSynced);
    expect(await two.get('/readyz')).toMatchObject({ status: 200 });
    expect((await two.get('/metrics')).body).toContain('\ntranship_leader 0\n');

    one.kill('SIGTERM');
    expect((await one.ended).code).toBe(0);
    await two.said(NAME.log.leadershipAcquired);
    const holder = server.read<Lease>(RESOURCE.lease, LEASE)?.spec?.holderIdentity;
    expect(holder).toMatch(/^two_[0-9a-f-]{36}$/);

    const three = start('three');
    await three.said(NAME.log.cachesSynced);
    two.kill('SIGKILL');
    await two.ended;
    await three.said(NAME.log.leadershipAcquired);
    expect(await three.get('/livez')).toEqual({ status: 200, body: '[+] parts\nok\n' });
  }, 60_000);
});
