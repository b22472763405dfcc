import type { Field } from '../ecs/field.js';
import type { TaskDefinition } from '../ecs/model/ahead-of-sdk.js';
import { parseTemplatedArn } from '../ecs/templated-arn.js';
import { dnsLabel, withHash } from './names.js';
import { unread } from './not-known.js';
import type { PodDraft, PortContext } from './pod-draft.js';

/**
 * `environmentFiles`: each S3 object becomes a Secret that the reader creates from it with a command that the report
 * gives, and that the container reads with `envFrom`. While the Secret is missing, the pod waits, as an ECS task without
 * its file does not start.
 *
 * Why not a download by an init container: `envFrom` reads no files, and `fileKeyRef` (1.35) must name each variable, which
 * only the file tells. Why a Secret and not a ConfigMap: such files tend to hold passwords.
 *
 * In ECS the first of several files wins, in `envFrom` the last, so the order is turned round; `environment` and
 * `secrets` win over both. One object of S3 is one Secret of the namespace, whichever workloads use it.
 *
 * Source: ECS API `EnvironmentFile`; amazon-ecs-agent `MergeEnvironmentVariablesFromEnvfiles`.
 */
export function applyEnvironmentFiles(_definition: Field<TaskDefinition>, pod: PodDraft, context: PortContext): void {
  for (const { definition, spec } of pod.containers) {
    const names: string[] = [];
    unread(definition.get('environmentFiles'));
    for (const file of definition.get('environmentFiles').items()) {
      if (unread(file)) continue;
      const value = file.get('value');
      file.get('type').same([], 's3 is the only type');
      if (value.value === undefined || value.value === '') {
        file.none('an environment file without an ARN');
        continue;
      }
      const arn = value.value;
      const name = secretName(arn);
      if (!names.includes(name)) names.push(name);
      value.near(
        'Container.envFrom.secretRef',
        'read from S3 when the Secret is created, not at each task start; lines that kubectl refuses, such as those with an invalid name, must go',
        `create Secret ${context.namespace}/${name}: ${command(arn, name, context.namespace)}`,
      );
    }
    const sources = names.reverse().map((name) => ({ secretRef: { name, optional: false } }));
    if (sources.length > 0) spec.envFrom = [...(spec.envFrom ?? []), ...sources];
  }
}

/** Name of the Secret for a file: its own name, and a hash of the ARN, since folders share file names. */
function secretName(arn: string): string {
  const base = (parseTemplatedArn(arn)?.resource ?? arn).replace(/^.*\//s, '').replace(/\.env$/, '');
  return withHash(dnsLabel(`env-${base}`, 56), arn);
}

/** ECS ignores lines without `=`; kubectl would look such names up in the caller's own environment. */
function command(arn: string, name: string, namespace: string): string {
  const object = parseTemplatedArn(arn)?.resource ?? arn;
  const url = `s3://${object}`;
  return `aws s3 cp ${/^[\w./:-]+$/.test(url) ? url : quoted(url)} - | grep = | kubectl create secret generic ${name} --namespace ${namespace} --from-env-file=/dev/stdin`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
