import type { SourceNode } from '../../source/source-node.js';
import { at, implied, keyNode, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

/** `healthCheck` of a container with the defaults that Copilot fills in as soon as one field is given. */
export function healthCheckOf(manifest: Manifest, section: SourceNode | undefined): SourceNode | undefined {
  if (section === undefined || membersOf(section).length === 0) return undefined;
  const seconds = (key: string, otherwise: number): SourceNode =>
    manifest.seconds(at(section, key)) ?? implied(otherwise, section);
  const command = at(section, 'command');
  const everyday = ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'].map((word) => implied(word, section));
  return object(section, [
    ['command', command?.kind === 'scalar' ? list(command, [command]) : (command ?? list(section, everyday))],
    ['interval', seconds('interval', 10)],
    ['timeout', seconds('timeout', 5)],
    ['retries', at(section, 'retries') ?? implied(2, section)],
    ['startPeriod', seconds('start_period', 0)],
  ]);
}

/** `dependsOn` of a container from a map of container name to condition. */
export function dependsOnOf(section: SourceNode | undefined): SourceNode | undefined {
  if (section === undefined) return undefined;
  const entries = membersOf(section).map((member) => {
    const condition = textOf(member.value);
    if (condition === undefined || condition === '') return undefined;
    return object(member.value, [
      ['containerName', keyNode(member)],
      ['condition', made(condition.toUpperCase(), member.value)],
    ]);
  });
  return list(section, entries);
}

/** `mountPoints` from the mount points of a sidecar; a volume is mounted read-only unless the manifest says otherwise. */
export function sidecarMountPoints(section: SourceNode | undefined): SourceNode | undefined {
  if (section?.kind !== 'array') return undefined;
  return list(
    section,
    section.items.map((item) => mountPoint(item, at(item, 'source_volume'))),
  );
}

/** One mount point from a section with `path` and `read_only`. */
export function mountPoint(section: SourceNode, volume: SourceNode | undefined): SourceNode {
  return object(section, [
    ['sourceVolume', volume],
    ['containerPath', at(section, 'path')],
    ['readOnly', at(section, 'read_only') ?? implied(true, section)],
  ]);
}

/** `repositoryCredentials` from the ARN of a secret. */
export function credentialsOf(secret: SourceNode | undefined): SourceNode | undefined {
  return secret === undefined ? undefined : object(secret, [['credentialsParameter', secret]]);
}
