import { randomUUID } from 'node:crypto';
import type { Kubectl } from './kubectl.js';

/**
 * Makes a namespace for one test file, under a name that none before has had, so that files do not meet each other.
 *
 * @returns its name, usable once the service account that pods run under is there
 * @example const namespace = await namespaceFor(kubectl, 'healing'); // 'healing-1f0c9a3e'
 */
export async function namespaceFor(kubectl: Kubectl, what: string): Promise<string> {
  const namespace = `${what}-${randomUUID().slice(0, 8)}`;
  await kubectl.text(['create', 'namespace', namespace]);
  await kubectl.text(['wait', 'serviceaccount/default', '--for=create', `--namespace=${namespace}`, '--timeout=60s']);
  return namespace;
}
