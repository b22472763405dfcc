import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ApiEventRecorder } from '../../../operators/runtime/event-recorder.js';
import { LeaderElection } from '../../../operators/runtime/leader-election.js';
import { silentLog } from '../../../operators/runtime/log.js';
import { NAME } from '../../../operators/runtime/names.js';
import { Operator } from '../../../operators/runtime/operator.js';
import { SETTINGS } from '../../../operators/runtime/options.js';
import { type KubernetesObject, RESOURCE } from '../../../operators/runtime/resource.js';
import { Telemetry } from '../../../operators/runtime/telemetry.js';
import { fenced } from '../../../operators/runtime/write-fence.js';
import { SimulatedApiServer } from '../../../operators/simulator/api-server.js';
import { ManualClock } from '../../../operators/simulator/manual-clock.js';
import { budgetFeature } from './example-controller.js';

const page = readFileSync('docs/operator-runtime.md', 'utf8');

/** The rows of the table of properties: number, links, and the test names in quotes. */
const rows = page
  .slice(page.indexOf('## The 25 properties'))
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [, number = '', , code = '', tests = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { number: Number(number), code, tests };
  });

const pathsOf = (cell: string): readonly string[] =>
  [...cell.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path]) => path ?? '');

describe('docs/operator-runtime.md', () => {
  test('has a row for each of the 25 properties', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });

  test.each(rows)('names files that exist and tests that stand in them, in row $number', ({ code, tests }) => {
    const paths = [...pathsOf(code), ...pathsOf(tests)];
    expect(paths.length).toBeGreaterThan(1);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    // A link, and then the names of tests in that file.
    const parts = tests.split(/(?=\[[^\]]*\]\(\.\.\/)/).filter((part) => part !== '');
    for (const part of parts) {
      const [path = ''] = pathsOf(part);
      const names = [...part.matchAll(/“([^”]+)”/g)].map(([, name]) => name ?? '');
      expect(names.length).toBeGreaterThan(0);
      const source = readFileSync(path, 'utf8');
      expect(
        names.filter((name) => !new RegExp(`(test|it)[^\n]*\\(\\s*['"\`]${escaped(name)}['"\`]`).test(source)),
      ).toEqual([]);
    }
  });

  test('has every setting, and no other', () => {
    for (const { flag, env } of Object.values(SETTINGS)) expect(page).toContain(`| \`${flag}\` | \`${env}\` |`);
    const flags = new Set<string>(Object.values(SETTINGS).map(({ flag }) => flag));
    const named = [...page.matchAll(/^\| `(--[a-z-]+)` \|/gm)].map(([, flag]) => flag ?? '');
    expect(named.filter((flag) => !flags.has(flag))).toEqual([]);
  });

  test('has every metric, and no other', () => {
    const names = new Set<string>(Object.values(NAME.metric));
    const named = new Set([...page.matchAll(/`(tranship_\w+)`/g)].map(([, name]) => name ?? ''));
    expect([...named].toSorted()).toEqual([...names].toSorted());
  });

  test('shows the example as it is tested', () => {
    const source = readFileSync(join(__dirname, 'example-controller.ts'), 'utf8');
    const shown = source.slice(source.indexOf('/** Keeps a PodDisruptionBudget'));
    expect(page).toContain(`\`\`\`ts\n${shown}\`\`\``);
  });
});

describe('the example controller', () => {
  test('gives each Deployment its budget, puts it back when somebody deletes it, and is quiet otherwise', async () => {
    const clock = new ManualClock();
    const server = new SimulatedApiServer({ clock });
    const telemetry = new Telemetry();
    const stop = new AbortController();
    const random = (): number => 0.5;
    const lease = { namespace: 'tranship-system', name: 'budget' };
    const election = new LeaderElection({ api: server.api(), lease, identity: 'one', clock, random });
    const api = fenced(server.api(), election);
    const events = new ApiEventRecorder({ api, clock, instance: 'one' });
    const context = { api, clock, random, log: silentLog, telemetry, events, operatorNamespace: 'tranship-system' };
    const features = [budgetFeature(context)];
    const run = new Operator({ features, election, clock, log: silentLog, telemetry }).run(stop.signal);

    const web = { namespace: 'shop', name: 'web' };
    const selector = { matchLabels: { app: 'web' } };
    const deployment: KubernetesObject & { spec: object } = { metadata: web, spec: { selector } };
    const { uid } = server.put(RESOURCE.deployment, deployment).metadata;
    await clock.advance(1000);
    const budget = () => server.read(RESOURCE.podDisruptionBudget, web);
    expect(budget()).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'Deployment', name: 'web', uid, controller: true }] },
      spec: { maxUnavailable: 1, selector },
    });
    server.remove(RESOURCE.podDisruptionBudget, web);
    await clock.advance(300_000);
    const version = budget()?.metadata.resourceVersion;
    expect(version).toMatch(/\d/);
    await clock.advance(1_200_000);
    expect(budget()?.metadata.resourceVersion).toBe(version);
    stop.abort();
    await clock.advance(1000);
    expect(await run).toBe(0);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
