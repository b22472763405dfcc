/**
 * How the port grows with the number of services: `npm run bench -- port [FOLDER] [COUNT…]`.
 *
 * Services are copies, under other names, of the inputs of a folder (the example account when none is given). Each size
 * runs in a process of its own, so that its peak of memory is its own. Beside the whole port stands what cdk8s alone
 * needs to synthesize the same objects.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { type InputFile, readFiles } from '../../charts/ecs/read.js';
import { manifestsOf, type PortedWorkload, portInput } from '../../charts/port/port.js';
import { addManifest, renderFiles } from '../../charts/render.js';
import type { Manifest } from '../../charts/port/manifest.js';
import { createManifestValidator } from '../../charts/validation/validate.js';

const SIZES = [10, 100, 1000, 10_000];

/** One size's figures; times are CPU seconds (user and system) of this process. */
interface Figures {
  /** ECS services only; the tasks and schedules that come with the folder are ported too, and their cost is in the times. */
  readonly services: number;
  readonly objects: number;
  readonly portSeconds: number;
  readonly validateSeconds: number;
  readonly cdk8sSeconds: number;
  readonly peakMebibytes: number;
}

export async function run(words: readonly string[]): Promise<void> {
  const folder =
    words.find((word) => !/^\d+$/.test(word)) ?? join(import.meta.dirname, '../../../charts/apps/example-account');
  const sizes = words.filter((word) => /^\d+$/.test(word)).map(Number);
  process.stdout.write(
    'services   objects   port CPU s   per service ms   objects/s   validate s   cdk8s alone s   peak MiB   growth\n',
  );
  let before: Figures | undefined;
  for (const size of sizes.length > 0 ? sizes : SIZES) {
    const output = execFileSync(
      process.execPath,
      ['--max-old-space-size=12288', import.meta.filename, 'measure', folder, String(size)],
      { encoding: 'utf8', maxBuffer: 1 << 20 },
    );
    const figures = JSON.parse(output) as Figures;
    process.stdout.write(`${row(figures, before)}\n`);
    before = figures;
  }
}

function row(figures: Figures, before: Figures | undefined): string {
  const { services, objects, portSeconds, validateSeconds, cdk8sSeconds, peakMebibytes } = figures;
  // The exponent of growth between two sizes: 1 is linear, 2 quadratic.
  const growth =
    before === undefined
      ? ''
      : (Math.log(portSeconds / before.portSeconds) / Math.log(services / before.services)).toFixed(2);
  const cells: [string, number][] = [
    [String(services), 8],
    [String(objects), 10],
    [portSeconds.toFixed(2), 13],
    [((portSeconds * 1000) / services).toFixed(2), 17],
    [(objects / portSeconds).toFixed(0), 12],
    [validateSeconds.toFixed(2), 13],
    [cdk8sSeconds.toFixed(2), 16],
    [peakMebibytes.toFixed(0), 11],
    [growth, 9],
  ];
  return cells.map(([text, width]) => text.padStart(width)).join('');
}

/** Inputs for a number of services: each copy lives in a cluster of its own, so that all names are distinct. */
function inputsFor(folder: string, services: number): readonly InputFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .sort();
  const originals = names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  const once = portInput(readFiles(originals.map(({ name, text }) => ({ path: name, text }))).input).workloads.filter(
    isService,
  ).length;
  const copies = Math.ceil(services / Math.max(1, once));
  return Array.from({ length: copies }, (_, copy) => copy).flatMap((copy) =>
    originals.map(({ name, text }) => ({ path: `${copy}/${name}`, text: renamed(text, copy) })),
  );
}

/** A file of the account under the names of its copy: cluster and task definition families. */
function renamed(text: string, copy: number): string {
  return text
    .replaceAll(/\b(cluster|service)\/shop\b/g, `$1/shop-${copy}`)
    .replaceAll(':task-definition/', `:task-definition/c${copy}-`)
    .replaceAll(/("family":\s*")/g, `$1c${copy}-`);
}

function isService({ workload }: PortedWorkload): boolean {
  return workload.service !== undefined;
}

function cpuSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 1e6;
}

function measure(folder: string, size: number): Figures {
  const files = inputsFor(folder, size);
  const copies = new Set(files.map((file) => file.path.split('/', 1)[0])).size;
  let manifests: readonly Manifest[] = [];
  let services = 0;
  const portSeconds = cpuSeconds(() => {
    const port = portInput(readFiles(files).input, { kubernetes: '1.35' });
    manifests = manifestsOf(port);
    services = port.workloads.filter(isService).length;
    renderFiles(port);
  });
  const validator = createManifestValidator('1.35');
  const validateSeconds = cpuSeconds(() => {
    for (const manifest of manifests)
      if (validator.validate(manifest).length > 0)
        throw new Error(`invalid: ${manifest.kind} ${manifest.metadata.name}`);
  });
  const peakMebibytes = process.resourceUsage().maxRSS / 1024;
  // One app a copy of the account, as anyone would write it by hand: an app is quadratic in its charts.
  const perApp = Math.ceil(manifests.length / copies);
  const cdk8sSeconds = cpuSeconds(() => {
    for (let start = 0; start < manifests.length; start += perApp) {
      const chart = new Chart(new App(), 'objects');
      for (const manifest of manifests.slice(start, start + perApp)) addManifest(chart, manifest);
      Yaml.stringify(...(chart.toJson() as unknown[]));
    }
  });
  return { services, objects: manifests.length, portSeconds, validateSeconds, cdk8sSeconds, peakMebibytes };
}

if (process.argv[2] === 'measure') {
  process.stdout.write(JSON.stringify(measure(process.argv[3] ?? '', Number(process.argv[4]))));
}
