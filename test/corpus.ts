/**
 * Ports every file of a folder by itself and checks what must hold for any input: no crash, no field without an entry,
 * a position and a reason for every refusal, and nothing but valid manifests. Run by `npm run corpus -- FOLDER…`.
 *
 * With `--validate server` it then asks the API server of a context for a dry run of every manifest that it emitted for
 * that server's version.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { formatDiagnostic } from '../charts/ecs/diagnostic.js';
import { readFiles } from '../charts/ecs/read.js';
import { KUBERNETES_VERSIONS, type KubernetesVersion } from '../charts/port/kubernetes-version.js';
import { manifestsOf, portInput } from '../charts/port/port.js';
import { renderFiles } from '../charts/render.js';
import { FIDELITIES } from '../charts/report/fidelity.js';
import { createManifestValidator } from '../charts/validation/validate.js';
import { dryRun, type Emitted } from './corpus/dry-run.js';
import { CorpusServer } from './corpus/server.js';

const READABLE = /\.(json|ya?ml|jsonnet)$/i;

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function count(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** @param emit takes every manifest of every version */
function main(
  roots: readonly string[],
  verbose: boolean,
  emit: (version: KubernetesVersion, emitted: Emitted) => void,
): number {
  const counts = new Map<string, number>();
  const faults: string[] = [];
  const refusals: string[] = [];
  const validators = new Map(KUBERNETES_VERSIONS.map((version) => [version, createManifestValidator(version)]));
  const files = roots.flatMap((root) =>
    filesBelow(root)
      .filter((path) => READABLE.test(path))
      .map((path) => ({ root, path })),
  );
  for (const { root, path } of files) {
    const name = relative(root, path) || path;
    count(counts, 'files');
    try {
      const text = readFileSync(path, 'utf8');
      for (const version of KUBERNETES_VERSIONS) {
        const { input, documents } = readFiles([{ path: name, text }]);
        const port = portInput(input, { kubernetes: version });
        renderFiles(port);
        for (const manifest of manifestsOf(port)) {
          count(counts, `manifests ${version}`);
          emit(version, { file: name, manifest });
          for (const finding of validators.get(version)?.validate(manifest) ?? [])
            faults.push(`${name}: ${version}: ${finding.object}: ${finding.path}: ${finding.message}`);
        }
        if (version !== KUBERNETES_VERSIONS[2]) continue;
        for (const document of documents) count(counts, `form: ${document.form ?? 'unknown'}`);
        for (const workload of port.workloads) count(counts, `workloads ${workload.outcome}`);
        for (const fidelity of FIDELITIES)
          count(counts, `fields ${fidelity}`, port.entries.filter((entry) => entry.fidelity === fidelity).length);
        for (const entry of port.entries)
          if (entry.untouched)
            faults.push(
              `${name}:${entry.position.line}:${entry.position.column}: ${entry.path}: no translation deals with it`,
            );
        const findings = [...port.diagnostics, ...port.workloads.flatMap((workload) => workload.diagnostics)];
        for (const finding of findings) {
          count(counts, `findings ${finding.severity}`);
          if (finding.severity === 'refused') refusals.push(formatDiagnostic(finding));
          if (finding.severity === 'refused' && (finding.message === '' || finding.position.line < 1))
            faults.push(`${name}: a refusal without reason or position: ${finding.code}`);
        }
      }
    } catch (error) {
      faults.push(`${name}: crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  for (const [key, value] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    process.stdout.write(`${String(value).padStart(8)}  ${key}\n`);
  if (verbose) for (const refusal of refusals) process.stdout.write(`refused  ${refusal}\n`);
  for (const fault of faults) process.stdout.write(`FAULT  ${fault}\n`);
  process.stdout.write(`${faults.length === 0 ? 'all hold' : `${faults.length} faults`}: ${files.length} files\n`);
  return faults.length === 0 && files.length > 0 ? 0 : 1;
}

/** @returns the exit code: 1 when the server rejects anything */
async function askServer(
  server: CorpusServer,
  version: KubernetesVersion,
  emitted: readonly Emitted[],
): Promise<number> {
  const began = performance.now();
  const say = (line: string): void =>
    void process.stderr.write(`[${String(Math.floor((performance.now() - began) / 1000)).padStart(4)} s] ${line}\n`);
  const { sent, rejections } = await dryRun(server, emitted, say);
  for (const [kind, objects] of [...sent].sort(([a], [b]) => (a < b ? -1 : 1)))
    process.stdout.write(`${String(objects).padStart(8)}  ${kind}\n`);
  for (const { file, object, words } of rejections) process.stdout.write(`REJECTED  ${file}: ${object}: ${words}\n`);
  const asked = [...sent.values()].reduce((sum, objects) => sum + objects, 0);
  process.stdout.write(
    `${rejections.length} of ${asked} objects rejected by the server of context ${server.context} (Kubernetes ${version})\n`,
  );
  return rejections.length === 0 ? 0 : 1;
}

async function run(roots: readonly string[], verbose: boolean, server: CorpusServer): Promise<number> {
  try {
    const target = await server.version();
    const emitted: Emitted[] = [];
    const code = main(roots, verbose, (version, one) => void (version === target && emitted.push(one)));
    return Math.max(code, await askServer(server, target, emitted));
  } finally {
    await server.close();
  }
}

const USAGE = 'usage: npm run corpus -- FOLDER… [--refusals] [--validate offline|server] [--context NAME]\n';

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { refusals: { type: 'boolean' }, validate: { type: 'string' }, context: { type: 'string' } },
  });
  const { refusals = false, validate = 'offline', context } = values;
  if (positionals.length === 0 || !['offline', 'server'].includes(validate)) throw new Error(USAGE);
  process.exitCode =
    validate === 'server'
      ? await run(positionals, refusals, new CorpusServer(context))
      : main(positionals, refusals, () => undefined);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message.trimEnd() : String(error)}\n`);
  process.exitCode = 2;
}
