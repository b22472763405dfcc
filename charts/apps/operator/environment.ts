import { NAMES, type OperatorOptions, PORTS } from './names.js';

/** One variable of a container. Source: Kubernetes `EnvVar`. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

/** What the operator reads once when it starts. */
export function operatorEnvironment(options: OperatorOptions): readonly EnvironmentVariable[] {
  const { eventBus, topic, region, otlpEndpoint } = options;
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    // Collect garbage rather than grow into the container's limit of 256 MiB. Small semi-spaces take 25 MB less from the start.
    { name: 'NODE_OPTIONS', value: '--max-old-space-size=160 --max-semi-space-size=4' },
    { name: 'TRANSHIP_LEASE_NAME', value: NAMES.lease },
    { name: 'TRANSHIP_HEALTH_PORT', value: String(PORTS.health) },
    ...optional('TRANSHIP_EVENT_BUS', eventBus),
    ...optional('TRANSHIP_TOPIC', topic),
    ...optional('AWS_REGION', region),
    ...optional('OTEL_EXPORTER_OTLP_ENDPOINT', otlpEndpoint),
  ];
}

function optional(name: string, value: string | undefined): readonly EnvironmentVariable[] {
  return value === undefined ? [] : [{ name, value }];
}
