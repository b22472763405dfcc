import { describeManifest, type Manifest } from '../../charts/port/manifest.js';
import { type CustomResourceDefinition, customResourceDefinitions } from './custom-resource-definitions.js';
import type { CorpusServer } from './server.js';

/** An object that the port emitted, with the corpus file that it comes from. */
export interface Emitted {
  readonly file: string;
  readonly manifest: Manifest;
}

/** An object that the server would not take. */
export interface Rejection {
  readonly file: string;
  /** `Deployment shop/web`. */
  readonly object: string;
  /** The server's words. */
  readonly words: string;
}

/** What a dry run came to. */
export interface DryRun {
  /** Objects sent; the same object from two files is sent once. */
  readonly sent: ReadonlyMap<string, number>;
  readonly rejections: readonly Rejection[];
}

const MARK = { 'app.kubernetes.io/managed-by': 'tranship-corpus' } as const;
/** Selects what the dry run itself puts on the cluster: it removes this, of an interrupted run too, and nothing else. */
export const MARKED = Object.entries(MARK)
  .map(([key, value]) => `${key}=${value}`)
  .join(',');

const PARALLEL = 8;
const CRD = ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'] as const;
const NAMESPACE = ['v1', 'Namespace'] as const;

/**
 * Asks a server for a server-side dry run of every object. What the objects need to be tried is put there before and
 * removed after: the add-ons' CustomResourceDefinitions and the namespaces, as far as they are not there already.
 *
 * @param say takes one line of progress
 * @throws ApiError when the server cannot be asked
 */
export async function dryRun(
  server: CorpusServer,
  emitted: readonly Emitted[],
  say: (line: string) => void,
): Promise<DryRun> {
  const objects = new Map(emitted.map((one) => [JSON.stringify(one.manifest), one]));
  const sent = new Map<string, number>();
  const rejections: Rejection[] = [];
  try {
    await installDefinitions(server, say);
    await makeNamespaces(server, [...objects.values()], say);
    let done = 0;
    await inParallel([...objects.values()], async ({ file, manifest }) => {
      const kind = `${manifest.apiVersion} ${manifest.kind}`;
      sent.set(kind, (sent.get(kind) ?? 0) + 1);
      try {
        await server.apply(manifest, true);
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        rejections.push({ file, object: describeManifest(manifest), words });
      }
      done += 1;
      if (done % 100 === 0) say(`asked for ${done} of ${objects.size} objects, ${rejections.length} rejected`);
    });
  } finally {
    await removeAll(server, say);
  }
  return { sent, rejections };
}

/** @throws Error when the server does not serve a definition within a minute */
async function installDefinitions(server: CorpusServer, say: (line: string) => void): Promise<void> {
  const definitions = customResourceDefinitions();
  const theirs = new Set(
    (await server.list(...CRD)).filter((one) => !isMarked(one)).map(({ metadata }) => metadata.name),
  );
  const missing = definitions.filter(({ metadata }) => !theirs.has(metadata.name));
  say(`installing ${missing.length} CustomResourceDefinitions, ${definitions.length - missing.length} are there`);
  await inParallel(missing, (definition) =>
    server.apply({ ...definition, metadata: { ...definition.metadata, labels: MARK } }, false),
  );
  await server.until('the server serves the CustomResourceDefinitions', 60, async () => {
    const served = await Promise.all(missing.map(({ spec }) => server.serves(apiVersionOf(spec), spec.names.kind)));
    return !served.includes(false);
  });
}

function apiVersionOf({ group, versions }: CustomResourceDefinition['spec']): string {
  return `${group}/${versions[0].name}`;
}

async function makeNamespaces(
  server: CorpusServer,
  objects: readonly Emitted[],
  say: (line: string) => void,
): Promise<void> {
  const there = new Set((await server.list(...NAMESPACE)).map(({ metadata }) => metadata.name));
  const needed = new Set(objects.flatMap(({ manifest }) => manifest.metadata.namespace ?? []));
  const missing = [...needed].filter((name) => !there.has(name));
  say(`making ${missing.length} namespaces, ${needed.size - missing.length} are there`);
  await inParallel(missing, (name) =>
    server.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: MARK } }, false),
  );
}

async function removeAll(server: CorpusServer, say: (line: string) => void): Promise<void> {
  for (const [apiVersion, kind] of [NAMESPACE, CRD]) {
    const left = (): Promise<readonly Manifest[]> => server.list(apiVersion, kind, MARKED);
    const ours = await left();
    say(`removing ${ours.length} ${kind}s`);
    await inParallel(ours, ({ metadata }) => server.delete(apiVersion, kind, metadata.name));
    await server.until(`the ${kind}s are removed`, 180, async () => (await left()).length === 0);
  }
}

function isMarked({ metadata }: Manifest): boolean {
  return Object.entries(MARK).every(([key, value]) => metadata.labels?.[key] === value);
}

/** Does the work for every item, a few at a time. */
async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
