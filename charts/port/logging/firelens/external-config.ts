import type { Field } from '../../../ecs/field.js';
import { parseTemplatedArn } from '../../../ecs/templated-arn.js';
import { dnsLabel, withHash } from '../../names.js';
import type { PortContext } from '../../pod-draft.js';
import { valueProblem } from '../fluent-bit-config.js';

/** The workload's own configuration that the router includes. */
export interface ExternalConfig {
  /** Its path in the router. */
  readonly path: string;
  /** ConfigMap that holds it under the key `external.conf`; absent when the image has the file. */
  readonly configMap?: string;
}

/** Paths that the ECS agent uses. Source: amazon-ecs-agent `S3ConfigPathFluentbit`, `S3ConfigPathFluentd`. */
const DOWNLOADED = { fluentbit: '/fluent-bit/etc/external.conf', fluentd: '/fluentd/etc/external.conf' } as const;

/** `config-file-type` and `config-file-value` of a router. What is in S3 comes into a ConfigMap by a command of the report. */
export function externalConfig(
  options: Field<Record<string, string>>,
  router: 'fluentbit' | 'fluentd',
  context: PortContext,
): ExternalConfig | undefined {
  const type = options.get('config-file-type');
  const value = options.get('config-file-value');
  const text = value.value;
  if (text === undefined || (type.value !== 's3' && type.value !== 'file')) {
    type.none(
      'no file is included: config-file-type must be s3 or file, with config-file-value',
      'correct the options: ECS could not start this task either',
    );
    value.none('no file is included', 'set config-file-type to s3 or file');
    return undefined;
  }
  const problem = valueProblem(text);
  if (problem !== undefined) {
    type.none('no file is included');
    value.none(`the value ${problem}; no configuration can include it`, 'correct the value');
    return undefined;
  }
  if (type.value === 'file') {
    type.same('ConfigMap.data (log router): @INCLUDE', 'the file is in the image');
    value.same('ConfigMap.data (log router): @INCLUDE');
    return { path: text };
  }
  const object = parseTemplatedArn(text)?.resource ?? text;
  const configMap = withHash(dnsLabel(`firelens-${object.replace(/^.*\//s, '').replace(/\.conf$/, '')}`, 56), text);
  type.near('PodSpec.volumes.configMap', 'read from S3 when the ConfigMap is created, not at each task start');
  value.near(
    'PodSpec.volumes.configMap',
    'the file comes from a ConfigMap; while it is missing, the pod waits, as an ECS task without its file does not start',
    `create ConfigMap ${context.namespace}/${configMap}: ${command(object, configMap, context.namespace)}`,
  );
  return { path: DOWNLOADED[router], configMap };
}

function command(object: string, name: string, namespace: string): string {
  const url = `s3://${object}`;
  const quoted = /^[\w./:-]+$/.test(url) ? url : `'${url.replaceAll("'", "'\\''")}'`;
  return `aws s3 cp ${quoted} - | kubectl create configmap ${name} --namespace ${namespace} --from-file=external.conf=/dev/stdin`;
}
