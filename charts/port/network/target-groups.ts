import type { IProbe } from 'kubernetes-models/v1';
import type { Field } from '../../ecs/field.js';
import type { TargetGroupInput } from '../../ecs/input.js';
import type { PortContext } from '../pod-draft.js';

/** Key of the attribute that says how long ELB sends no new requests to a target but lets old ones end. */
const DEREGISTRATION = 'deregistration_delay.timeout_seconds';
/** Source: ELB API `TargetGroupAttribute`: 0 to 3600, default 300. */
const DEREGISTRATION_SECONDS = 300;
export const LONGEST_DEREGISTRATION_SECONDS = 3600;

/** Defaults of a health check. Source: ELB API `CreateTargetGroup`. */
const INTERVAL_SECONDS = 30;
const TIMEOUT_SECONDS = 5;
const UNHEALTHY_THRESHOLD = 2;

/** The target group that a load balancer entry names by its ARN, or by a reference within a template. */
export function targetGroupOf(arn: Field<string>, context: PortContext): TargetGroupInput | undefined {
  const names = [arn.value, arn.placeholder].filter((name) => name !== undefined);
  return context.workload.targetGroups.find(({ ids }) => names.some((name) => ids.includes(name)));
}

/** Seconds between a target's deregistration and its end. */
export function deregistrationSeconds(group: TargetGroupInput | undefined): number {
  const text = group?.attributes.get(DEREGISTRATION)?.value;
  if (text === undefined || !/^\d{1,4}$/.test(text)) return DEREGISTRATION_SECONDS;
  return Math.min(LONGEST_DEREGISTRATION_SECONDS, Number(text));
}

/** How the binding names the target group: by ARN where there is one, since names are the template's to change. */
export function referenceOf(
  arn: Field<string>,
  group: TargetGroupInput | undefined,
): { readonly targetGroupARN: string } | { readonly targetGroupName: string } {
  const written = arn.value ?? '';
  const real = [written, ...(group?.ids ?? [])].find((id) => id.startsWith('arn:'));
  if (real !== undefined) return { targetGroupARN: real };
  const name = group?.definition.get('Name');
  if (name?.value !== undefined && name.placeholder === undefined) return { targetGroupName: name.value };
  return { targetGroupARN: written };
}

/**
 * The target group's health check as a readiness probe of the container behind it, so that a pod joins Services and
 * leaves them as the load balancer would decide. A check that an HTTP probe cannot mean (gRPC, success codes outside
 * 200 to 399) becomes a TCP probe of the same port.
 *
 * @param port what `traffic-port` stands for
 * @returns undefined when the check is off or its port is not one of TCP
 */
export function readinessOf(
  group: TargetGroupInput,
  port: { readonly containerPort: number; readonly protocol: 'TCP' | 'UDP' },
): IProbe | undefined {
  const { definition } = group;
  if (definition.get('HealthCheckEnabled').value === false) return undefined;
  const written = definition.get('HealthCheckPort').value ?? 'traffic-port';
  if (written === 'traffic-port' && port.protocol === 'UDP') return undefined;
  const number = written === 'traffic-port' ? port.containerPort : /^\d{1,5}$/.test(written) ? Number(written) : 0;
  if (number < 1 || number > 65535) return undefined;
  const probe = {
    periodSeconds: atLeastOne(definition.get('HealthCheckIntervalSeconds').value, INTERVAL_SECONDS),
    timeoutSeconds: atLeastOne(definition.get('HealthCheckTimeoutSeconds').value, TIMEOUT_SECONDS),
    failureThreshold: atLeastOne(definition.get('UnhealthyThresholdCount').value, UNHEALTHY_THRESHOLD),
  };
  if (!probedByHttp(group)) return { tcpSocket: { port: number }, ...probe };
  const scheme = definition.get('HealthCheckProtocol').value === 'HTTPS' ? ('HTTPS' as const) : ('HTTP' as const);
  const path = definition.get('HealthCheckPath').value ?? '/';
  return { httpGet: { path: path === '' ? '/' : path, port: number, scheme }, ...probe };
}

/**
 * Marks the target group's own fields. It stays as it is and where it is: the binding fills it from Kubernetes.
 *
 * @param probe the readiness probe that was made of its health check, if one was
 */
export function markTargetGroup(group: TargetGroupInput, probe: IProbe | undefined): void {
  const { definition } = group;
  definition.same('TargetGroupBinding', 'the target group stays as it is');
  const type = definition.get('TargetType');
  if (type.value === 'lambda' || type.value === 'alb')
    type.none(`a target group of type ${type.value} takes no tasks and no pods`);
  else type.same('TargetGroupBinding.spec.targetType');
  for (const [key, attribute] of group.attributes) {
    if (key === DEREGISTRATION)
      attribute.same('Container.lifecycle.preStop.sleep.seconds', 'plus 5 s for the controller to react');
    else attribute.same('TargetGroupBinding', 'stays with the target group');
  }
  if (probe === undefined) return;
  const copied = 'the load balancer goes on checking; the kubelet checks the same';
  const near = (key: 'HealthCheckPath' | 'HealthCheckPort' | 'HealthCheckProtocol', field: string): unknown =>
    definition
      .get(key)
      .near(
        `Container.readinessProbe.${field}`,
        probe.httpGet === undefined ? `${copied} port, but only that it accepts connections` : copied,
      );
  near('HealthCheckPath', 'httpGet.path');
  near('HealthCheckPort', probe.httpGet === undefined ? 'tcpSocket.port' : 'httpGet.port');
  near('HealthCheckProtocol', probe.httpGet === undefined ? 'tcpSocket' : 'httpGet.scheme');
  definition.get('HealthCheckIntervalSeconds').same('Container.readinessProbe.periodSeconds');
  definition.get('HealthCheckTimeoutSeconds').same('Container.readinessProbe.timeoutSeconds');
  definition.get('UnhealthyThresholdCount').same('Container.readinessProbe.failureThreshold');
  definition
    .get('HealthyThresholdCount')
    .near(
      'TargetGroupBinding',
      'for the kubelet one success is enough; the readiness gate waits for the load balancer',
    );
  const success = 'for the kubelet every status from 200 to 399 is a success';
  definition
    .get('Matcher')
    .near(
      'Container.readinessProbe.httpGet',
      probe.httpGet === undefined ? `${copied} port, but only that it accepts connections` : success,
    );
}

function probedByHttp({ definition }: TargetGroupInput): boolean {
  const group = definition.get('Protocol').value ?? 'HTTP';
  const check = definition.get('HealthCheckProtocol').value ?? (group === 'HTTP' || group === 'HTTPS' ? 'HTTP' : 'TCP');
  if (check !== 'HTTP' && check !== 'HTTPS') return false;
  if (definition.get('ProtocolVersion').value === 'GRPC') return false;
  const codes = definition.get('Matcher').get('HttpCode').value?.match(/\d+/g) ?? [];
  return codes.every((code) => Number(code) >= 200 && Number(code) < 400);
}

function atLeastOne(value: number | undefined, otherwise: number): number {
  return value !== undefined && value >= 1 ? value : otherwise;
}
