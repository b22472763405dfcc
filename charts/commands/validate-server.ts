import { spawn } from 'node:child_process';
import { text as textOf } from 'node:stream/consumers';
import { describeManifest, type Manifest } from '../port/manifest.js';
import { renderYaml } from '../render.js';
import { CommandError, EXIT } from './exit-codes.js';

/** An object that the API server does not take. */
export interface ServerRefusal {
  /** `Deployment shop/web`. */
  readonly object: string;
  /** What the server or kubectl said, one sentence a line. */
  readonly reasons: readonly string[];
}

/** The answer of a server-side dry run. */
export interface ServerAnswer {
  /** The context that was asked, from the kubeconfig. */
  readonly context: string;
  readonly refusals: readonly ServerRefusal[];
  /** Namespaces that are not there yet; what stands in them cannot be tried before they are. */
  readonly missingNamespaces: readonly string[];
}

/** Of more objects than this the server says no without being asked why, one by one. */
const MOST_ASKED = 50;

/**
 * Asks the API server of the current context what it would do with the objects (`kubectl apply --server-side
 * --dry-run=server`). Nothing is changed. Objects are sent one namespace at a time, so that kind and name tell them apart
 * in kubectl's answer; those that it does not list as taken are sent again one by one, since not every refusal names
 * its object.
 *
 * @throws CommandError when kubectl is not there, has no context, or does not reach a server
 */
export async function validateOnServer(
  manifests: readonly Manifest[],
  onBatch?: (done: number, total: number) => void,
): Promise<ServerAnswer> {
  const context = (await kubectl(['config', 'current-context'])).output.trim();
  if (context === '') {
    throw unusable('kubectl has no current context (choose one: kubectl config use-context NAME)');
  }
  const batches = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const key = manifest.metadata.namespace ?? '';
    const batch = batches.get(key);
    if (batch === undefined) batches.set(key, [manifest]);
    else batch.push(manifest);
  }
  const refusals: ServerRefusal[] = [];
  const missingNamespaces: string[] = [];
  let done = 0;
  for (const [namespace, batch] of batches) {
    const { refused, lines } = await ask(batch, context);
    if (lines.some((line) => line.includes(`namespaces "${namespace}" not found`))) {
      missingNamespaces.push(namespace);
      refusals.push(...refused.flatMap((manifest) => unknownKind(manifest, lines)));
    } else {
      for (const [index, manifest] of refused.entries()) {
        const reasons = index < MOST_ASKED ? (await ask([manifest], context)).lines : [];
        refusals.push({ object: describeManifest(manifest), reasons });
      }
    }
    onBatch?.(++done, batches.size);
  }
  return { context, refusals, missingNamespaces };
}

const APPLY = ['apply', '--server-side', '--dry-run=server', '--field-manager=tranship', '-f', '-'] as const;

/** What kubectl says when no server answers, or not to this user. Seen with kubectl 1.32. */
const UNREACHED =
  /connection refused|was refused|unable to connect to the server|no such host|i\/o timeout|failed to download openapi|must be logged in to the server|\(Unauthorized\)|x509:|getting credentials/i;

/** Where advice on conflicts begins, which goes on for ten lines. */
const ADVICE = 'Please review the fields above';

/** Sends objects; says which of them were not taken, and what was said. */
async function ask(
  batch: readonly Manifest[],
  context: string,
): Promise<{ readonly refused: readonly Manifest[]; readonly lines: readonly string[] }> {
  const { code, output, errors } = await kubectl(APPLY, renderYaml(batch));
  if (code === 0) return { refused: [], lines: [] };
  const said = errors.split(ADVICE, 1)[0] ?? '';
  const all = said.split('\n').map((line) => line.trim());
  // Lines that begin like E1123 are kubectl's own log.
  const lines = [...new Set(all.filter((line) => line !== '' && !/^[EIW]\d{4} /.test(line)))];
  const unreached = lines.find((line) => UNREACHED.test(line));
  if (unreached !== undefined) throw unusable(`context ${context} cannot be used: ${unreached}`);
  // A line of success reads `deployment.apps/web serverside-applied (server dry run)`.
  const taken = new Set(output.split('\n').map((line) => line.split(' ', 1)[0] ?? ''));
  return { refused: batch.filter((manifest) => !taken.has(resultName(manifest))), lines };
}

/** What is wrong with an object whatever its namespace: the server does not know its kind. */
function unknownKind(manifest: Manifest, lines: readonly string[]): readonly ServerRefusal[] {
  const { kind, metadata } = manifest;
  const reasons = lines.filter(
    (line) => line.includes(`no matches for kind "${kind}"`) && line.includes(`name: "${metadata.name}"`),
  );
  return reasons.length === 0 ? [] : [{ object: describeManifest(manifest), reasons }];
}

function unusable(message: string): CommandError {
  return new CommandError(EXIT.usage, `--validate server: ${message}`);
}

function resultName({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/', 1)[0] ?? ''}` : '';
  return `${kind.toLowerCase()}${group}/${metadata.name}`;
}

interface Answer {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

async function kubectl(parameters: readonly string[], input = ''): Promise<Answer> {
  const child = spawn('kubectl', parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? EXIT.fault));
  });
  // kubectl may end before it has read everything; its exit code tells more than the broken pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const [output, errors, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended]);
    return { code, output, errors };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CommandError(
      EXIT.usage,
      '--validate server: kubectl is not in PATH (install it, or use --validate offline)',
      { cause: error },
    );
  }
}
