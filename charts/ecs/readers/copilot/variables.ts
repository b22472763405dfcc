import type { SourceMember, SourceNode } from '../../source/source-node.js';
import { at, implied, keyNode, list, made, membersOf, object, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';

/** `environment` of a container from a map of variables. */
export function environmentOf(manifest: Manifest, variables: SourceNode | undefined): SourceNode | undefined {
  if (variables === undefined) return undefined;
  const entries = membersOf(variables).map((member) => {
    const value = variableOf(manifest, member);
    return value === undefined
      ? undefined
      : object(member.value, [
          ['name', keyNode(member)],
          ['value', value],
        ]);
  });
  return list(variables, entries);
}

function variableOf(manifest: Manifest, member: SourceMember): SourceNode | undefined {
  if (member.value.kind === 'scalar' && member.value.value === null) return made('', member.value);
  return manifest.stringOrExport(member.value, 'a variable');
}

/**
 * `secrets` of a container, or secret options of a log driver: an SSM parameter's name or ARN, `secretsmanager: NAME`, or
 * the export of another stack. Region and account that are not known are left empty in an ARN.
 */
export function secretsOf(manifest: Manifest, secrets: SourceNode | undefined): SourceNode | undefined {
  if (secrets === undefined) return undefined;
  const entries = membersOf(secrets).map((member) => {
    const valueFrom = valueFromOf(manifest, member.value);
    return valueFrom === undefined
      ? undefined
      : object(member.value, [
          ['name', keyNode(member)],
          ['valueFrom', valueFrom],
        ]);
  });
  return list(secrets, entries);
}

function valueFromOf(manifest: Manifest, node: SourceNode): SourceNode | undefined {
  if (node.kind === 'scalar' && node.value === null) return undefined;
  const named = at(node, 'secretsmanager');
  const name = textOf(named);
  if (named === undefined || name === undefined) return manifest.stringOrExport(node, 'a secret');
  const { region = '', account = '' } = manifest.options;
  return made(`arn:aws:secretsmanager:${region}:${account}:secret:${name}`, named);
}

/**
 * `environmentFiles` of a container: Copilot uploads the file to its bucket when it deploys, so that the object's ARN is the
 * parameter `envFile.WORKLOAD` or `envFile.WORKLOAD.CONTAINER`.
 */
export function environmentFilesOf(
  manifest: Manifest,
  file: SourceNode | undefined,
  container: string,
): SourceNode | undefined {
  if (file === undefined) return undefined;
  const subject = container === manifest.name ? container : `${manifest.name}.${container}`;
  const value = manifest.parameter(`envFile.${subject}`, `\${env_file of ${subject}}`, file, file);
  return list(file, [
    object(file, [
      ['type', implied('s3', file)],
      ['value', value],
    ]),
  ]);
}
