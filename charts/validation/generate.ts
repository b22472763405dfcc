/**
 * Writes `schemas/*.generated.json`, what manifests are validated against, from upstream's published schemas.
 *
 * `npm run schemas` asks the Go tool (`go mod download`) for each module, so it needs Go and its module proxy; nothing
 * else in the project does. A module that is already unpacked somewhere is named by an argument instead:
 *
 *     npm run schemas -- k8s.io/kubernetes@v1.36.3=/src/kubernetes
 *
 * To follow a new patch release or a new custom resource, change the sources below or in `source/crds.ts`, run it and
 * read the difference: the files hold one definition a line.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { KUBERNETES_VERSIONS, type KubernetesVersion } from '../port/kubernetes-version.js';
import type { CustomResourceSchemas, DefinitionVariant, KubernetesSchemas, SchemaNode } from './schema-data.js';
import { CRD_SOURCES, readCrds, shareRepeatedParts } from './source/crds.js';
import { type OpenApiDefinitions, readKubernetesModule } from './source/openapi.js';

/** The patch release that stands for each target. */
const KUBERNETES_MODULES: Readonly<Record<KubernetesVersion, string>> = {
  '1.33': 'k8s.io/kubernetes@v1.33.13',
  '1.34': 'k8s.io/kubernetes@v1.34.4',
  '1.35': 'k8s.io/kubernetes@v1.35.4',
  '1.36': 'k8s.io/kubernetes@v1.36.3',
};

/**
 * One table for all versions: a definition that did not change is there once.
 *
 * @throws Error when the versions do not have the same kinds
 */
export function mergeVersions(versions: ReadonlyMap<KubernetesVersion, OpenApiDefinitions>): KubernetesSchemas {
  const kinds = new Map<string, string>();
  const variants = new Map<string, Map<string, { versions: KubernetesVersion[]; schema: SchemaNode }>>();
  for (const [version, { kinds: ofVersion, definitions }] of versions) {
    for (const [kind, name] of ofVersion) {
      if ((kinds.get(kind) ?? name) !== name)
        throw new Error(`${kind} is ${name} in ${version} but ${String(kinds.get(kind))} before`);
      kinds.set(kind, name);
    }
    for (const [name, schema] of definitions) {
      const forms = variants.get(name) ?? new Map<string, { versions: KubernetesVersion[]; schema: SchemaNode }>();
      const text = JSON.stringify(schema);
      const form = forms.get(text) ?? { versions: [], schema };
      form.versions.push(version);
      variants.set(name, forms.set(text, form));
    }
  }
  const definitions = [...variants].map(([name, forms]): [string, DefinitionVariant[]] => [name, [...forms.values()]]);
  return {
    sources: Object.fromEntries([...versions.keys()].map((version) => [version, KUBERNETES_MODULES[version]])),
    kinds: sorted(kinds),
    definitions: sorted(definitions),
  };
}

function sorted<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** JSON with one line for each entry of each table, so that a difference between releases can be read. */
export function formatTables(tables: object): string {
  const lines = Object.entries(tables).map(([name, table]) => {
    const isTable = typeof table === 'object' && table !== null && !Array.isArray(table);
    if (!isTable) return `${JSON.stringify(name)}:${JSON.stringify(table)}`;
    const entries = Object.entries(table).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    return `${JSON.stringify(name)}:{\n${entries.join(',\n')}\n}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** @returns the folder of a Go module, from the arguments or from the Go tool's cache, which it fills when needed */
function moduleFolder(module: string, given: ReadonlyMap<string, string>): string {
  const folder = given.get(module);
  if (folder !== undefined) return folder;
  const printed = execFileSync('go', ['mod', 'download', '-json', module], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-mod=mod' },
  });
  const { Dir } = JSON.parse(printed) as { readonly Dir?: string };
  if (Dir === undefined) throw new Error(`go mod download gave no folder for ${module}; name one as ${module}=FOLDER`);
  return Dir;
}

function main(args: readonly string[]): void {
  const given = new Map(
    args.map((arg): [string, string] => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]),
  );
  const versions = new Map(
    KUBERNETES_VERSIONS.map((version) => [
      version,
      readKubernetesModule(moduleFolder(KUBERNETES_MODULES[version], given)),
    ]),
  );
  const crds = CRD_SOURCES.flatMap((source) => [...readCrds(source, moduleFolder(source.module, given))]);
  const customResources: CustomResourceSchemas = {
    sources: CRD_SOURCES.map(({ module }) => module),
    resources: Object.fromEntries(crds.map(([kind, { plural, namespaced }]) => [kind, { plural, namespaced }])),
    ...shareRepeatedParts(new Map(crds.map(([kind, { schema }]) => [kind, schema]))),
  };
  const folder = join(projectRoot(), 'charts/validation/schemas');
  mkdirSync(folder, { recursive: true });
  write(join(folder, 'kubernetes.generated.json'), mergeVersions(versions));
  write(join(folder, 'custom-resources.generated.json'), customResources);
}

function write(file: string, tables: object): void {
  const text = formatTables(tables);
  writeFileSync(file, text);
  process.stdout.write(`wrote ${file}: ${Math.ceil(text.length / 1024)} KiB\n`);
}

/** The project's folder: the nearest one upward that holds package.json. */
function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2));
