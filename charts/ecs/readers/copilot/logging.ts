import type { SourceNode } from '../../source/source-node.js';
import { asText, at, booleanOf, implied, list, made, membersOf, object, textMap, textOf } from '../derived/nodes.js';
import type { Manifest } from './manifest.js';
import { environmentFilesOf, environmentOf, secretsOf } from './variables.js';

/** The log router that Copilot adds when `logging` is used. Source: `internal/pkg/manifest/workload_ecs.go` of aws/copilot-cli. */
export const LOG_ROUTER = 'firelens_log_router';
const LOG_ROUTER_IMAGE = 'public.ecr.aws/aws-observability/aws-for-fluent-bit:stable';

/** The `awslogs` configuration that Copilot gives every container: the workload's own log group. */
export function cloudWatchLogs(manifest: Manifest, where: SourceNode): SourceNode {
  const { region } = manifest.options;
  return object(where, [
    ['logDriver', implied('awslogs', where)],
    [
      'options',
      object(where, [
        ['awslogs-region', region === undefined ? undefined : implied(region, where)],
        ['awslogs-group', manifest.named(`/copilot/${manifest.resourceName}`, where)],
        ['awslogs-stream-prefix', implied('copilot', where)],
      ]),
    ],
  ]);
}

/** Whether the workload's own log goes through FireLens; `retention` alone does not make it. */
export function usesLogRouter(manifest: Manifest): boolean {
  return membersOf(manifest.get('logging')).some(
    ({ key, value }) => key !== 'retention' && !(value.kind === 'scalar' && value.value === null),
  );
}

/** `logConfiguration` of the main container. */
export function logConfigurationOf(manifest: Manifest): SourceNode {
  const logging = manifest.get('logging');
  manifest.coverage.none(
    at(logging, 'retention'),
    'retention belongs to the CloudWatch log group, which no manifest makes',
    'set it on the log group that the log agent writes to',
  );
  if (logging === undefined || !usesLogRouter(manifest)) return cloudWatchLogs(manifest, logging ?? manifest.root);
  return object(logging, [
    ['logDriver', implied('awsfirelens', logging)],
    ['options', textMap(at(logging, 'destination'))],
    ['secretOptions', secretsOf(manifest, at(logging, 'secretOptions'))],
  ]);
}

/** The Fluent Bit container that `logging` asks for, or undefined. */
export function logRouterOf(manifest: Manifest): SourceNode | undefined {
  const logging = manifest.get('logging');
  if (logging === undefined || !usesLogRouter(manifest)) return undefined;
  const metadata = at(logging, 'enableMetadata');
  const config = at(logging, 'configFilePath');
  const image = at(logging, 'image');
  const metadataText = String(booleanOf(metadata) ?? true);
  return object(logging, [
    ['name', implied(LOG_ROUTER, logging)],
    ['image', image === undefined || textOf(image) === undefined ? implied(LOG_ROUTER_IMAGE, logging) : asText(image)],
    ['environment', environmentOf(manifest, at(logging, 'variables'))],
    ['environmentFiles', environmentFilesOf(manifest, at(logging, 'env_file'), LOG_ROUTER)],
    ['secrets', secretsOf(manifest, at(logging, 'secrets'))],
    [
      'firelensConfiguration',
      object(logging, [
        ['type', implied('fluentbit', logging)],
        [
          'options',
          object(logging, [
            [
              'enable-ecs-log-metadata',
              metadata === undefined ? implied(metadataText, logging) : made(metadataText, metadata),
            ],
            ['config-file-type', config === undefined ? undefined : implied('file', config)],
            ['config-file-value', config],
          ]),
        ],
      ]),
    ],
    ['logConfiguration', cloudWatchLogs(manifest, logging)],
  ]);
}

/**
 * The collector that `observability.tracing: awsxray` adds.
 * Source: `templates/workloads/partials/cf/sidecars.yml` of aws/copilot-cli.
 */
export function tracingCollectorOf(manifest: Manifest): SourceNode | undefined {
  const tracing = manifest.get('observability', 'tracing');
  if (tracing === undefined) return undefined;
  if (textOf(tracing)?.toLowerCase() !== 'awsxray') {
    manifest.reject(tracing, 'the only tracing vendor that Copilot knows is awsxray');
    return undefined;
  }
  manifest.say(
    'note',
    'tracing-collector',
    tracing,
    'the collector of awsxray finds its resource attributes on ECS; in a pod they are missing',
    'observability.tracing',
    'give it a configuration with the eks or k8sattributes detector',
  );
  return object(tracing, [
    ['name', made('aws-otel-collector', tracing)],
    ['image', made('public.ecr.aws/aws-observability/aws-otel-collector:v0.17.0', tracing)],
    ['command', list(tracing, [implied('--config=/etc/ecs/ecs-xray.yaml', tracing)])],
    ['logConfiguration', cloudWatchLogs(manifest, tracing)],
  ]);
}
