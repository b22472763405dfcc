import type { Field } from '../../ecs/field.js';
import type { TargetGroupInput } from '../../ecs/input.js';
import type { Service } from '../../ecs/model/ahead-of-sdk.js';
import { ANNOTATION } from '../annotations.js';
import { withHash } from '../names.js';
import { unread } from '../not-known.js';
import type { ContainerDraft, PodDraft, PortContext } from '../pod-draft.js';
import type { PodPort } from './ports.js';
import type { ServiceDrafts } from './services.js';
import { deregistrationSeconds, markTargetGroup, readinessOf, referenceOf, targetGroupOf } from './target-groups.js';

type LoadBalancer = NonNullable<Service['loadBalancers']>[number];
type TargetType = 'ip' | 'instance';

const CONTROLLER = 'install the AWS Load Balancer Controller';

/** What a concern of load balancing needs of the pod and its surroundings. */
export interface LoadBalancing {
  readonly networkMode: string;
  readonly pod: PodDraft;
  readonly ports: readonly PodPort[];
  readonly services: ServiceDrafts;
  readonly context: PortContext;
}

/**
 * Load balancers keep their target groups, listeners and names: a TargetGroupBinding fills each target group with the
 * service's pods. The binding shares its target group, so that applying the manifests does not deregister the tasks that
 * still run on ECS.
 *
 * Where the input holds the target group and the container has no health check of its own, the target group's check
 * becomes the container's readiness probe; with the namespace's readiness gate, a pod is ready once the load balancer
 * finds it healthy, as in ECS.
 *
 * Source: ECS API `LoadBalancer`; `elbv2.k8s.aws/v1beta1`.
 *
 * @returns seconds for which targets are drained, the longest of all target groups; undefined when none is bound
 */
export function applyLoadBalancers(list: Field<LoadBalancer[]>, scene: LoadBalancing): number | undefined {
  unread(list);
  const bindings = new Bindings(scene);
  for (const item of list.items()) if (!unread(item)) bindings.bind(item);
  return bindings.drainSeconds;
}

class Bindings {
  drainSeconds: number | undefined;
  private readonly bound = new Set<string>();

  constructor(private readonly scene: LoadBalancing) {}

  bind(item: Field<LoadBalancer>): void {
    const { context } = this.scene;
    const arn = item.get('targetGroupArn');
    const group = targetGroupOf(arn, context);
    const port = this.portOf(item, group);
    const advanced = item.get('advancedConfiguration');
    unread(advanced);
    if (port === undefined) {
      for (const key of ['targetGroupArn', 'containerName', 'containerPort', 'advancedConfiguration'] as const) {
        item
          .get(key)
          .none(
            'the container port behind it is not known, so nothing is bound',
            'give containerName and containerPort',
          );
      }
      group?.definition.none('nothing is bound to it, since the container port behind it is not known');
      for (const attribute of group?.attributes.values() ?? []) attribute.none('nothing is bound to the target group');
    }
    this.markClassic(item);
    if (port === undefined) return;
    const type = this.targetType(group);
    const service = this.serviceFor(port, type);
    item
      .get('containerName')
      .near('Service.spec.selector', 'a Service selects pods; the port says which container is meant');
    item
      .get('containerPort')
      .same(['ServicePort.port', 'ServicePort.targetPort', 'TargetGroupBinding.spec.serviceRef.port']);
    if (!arn.exists) {
      advanced.none('without a target group there is no traffic to shift');
      return;
    }
    this.addBinding(arn, group, service, port, type);
    this.bindAlternate(advanced, port, type);
    const drain = deregistrationSeconds(group);
    this.drainSeconds = Math.max(this.drainSeconds ?? 0, drain);
    if (group === undefined) {
      context.findings.assume(
        `${context.title}: pods drain ${drain} s, the default, since the input does not hold the target group`,
      );
    } else markTargetGroup(group, this.applyReadiness(group, port));
    const lost =
      type === 'ip'
        ? 'a pod that the load balancer later finds unhealthy is not replaced'
        : 'nodes are the targets, so the load balancer sees the health of nodes and not of pods';
    const todo =
      arn.placeholder === undefined
        ? CONTROLLER
        : `${CONTROLLER}, and put the ARN of the target group where ${arn.placeholder} stands`;
    arn.needsAddon(`TargetGroupBinding.spec.${Object.keys(referenceOf(arn, group)).join('')}`, lost, todo);
    context.findings.require('aws-load-balancer-controller', `${context.title}: target groups`);
    if (type === 'ip')
      context.findings.require(
        'readiness-gate-namespace-label',
        `${context.title}: pods wait until the load balancer finds them healthy`,
      );
  }

  /** The port behind the load balancer; where the entry does not say, a container's only one. */
  private portOf(item: Field<LoadBalancer>, group: TargetGroupInput | undefined): PodPort | undefined {
    const container = item.get('containerName').value;
    const number = item.get('containerPort').value;
    const udp = group?.definition.get('Protocol').value === 'UDP';
    const candidates = this.scene.ports.filter(
      (port) =>
        (container === undefined || port.container === container) &&
        (number === undefined || port.containerPort === number),
    );
    const preferred = candidates.find((port) => (port.protocol === 'UDP') === udp) ?? candidates[0];
    if (number === undefined) return candidates.length === 1 ? preferred : undefined;
    if (number < 1 || number > 65535) return undefined;
    return preferred ?? { container: container ?? '', containerPort: number, protocol: udp ? 'UDP' : 'TCP' };
  }

  /** A target group's type is fixed when it is made; without knowledge of it, the one that ECS wants in this network mode. */
  private targetType(group: TargetGroupInput | undefined): TargetType {
    const known = group?.definition.get('TargetType').value;
    if (known === 'ip' || known === 'instance') return known;
    return this.scene.networkMode === 'awsvpc' || this.scene.context.fargate ? 'ip' : 'instance';
  }

  /** @returns the name of the Service that leads to the port */
  private serviceFor(port: PodPort, type: TargetType, purpose?: string): string {
    const { services, ports } = this.scene;
    const kind = type === 'instance' ? 'NodePort' : 'ClusterIP';
    const name = purpose === undefined ? services.ownName : services.furtherName(purpose);
    if (!services.open(name, port.containerPort, port, kind))
      return this.serviceFor(port, type, purpose === undefined ? 'lb' : `${purpose}-lb`);
    const twin = ports.find(
      (other) =>
        other.containerPort === port.containerPort &&
        other.container === port.container &&
        other.protocol !== port.protocol,
    );
    // A target group of protocol TCP_UDP needs both.
    if (twin !== undefined) services.open(name, twin.containerPort, twin, kind);
    return name;
  }

  private addBinding(
    arn: Field<string>,
    group: TargetGroupInput | undefined,
    service: string,
    port: PodPort,
    type: TargetType,
  ): void {
    const { context } = this.scene;
    const reference = referenceOf(arn, group);
    const [id] = Object.values<string>(reference);
    const key = `${id ?? ''} ${port.containerPort}`;
    if (this.bound.has(key)) return;
    const label = /targetgroup\/([^/]+)/.exec(id ?? '')?.[1] ?? id ?? 'targets';
    const name =
      this.bound.size === 0 ? context.name : withHash(`${context.name}-${labelled(label)}`, `${context.name}/${key}`);
    this.bound.add(key);
    context.add({
      apiVersion: 'elbv2.k8s.aws/v1beta1',
      kind: 'TargetGroupBinding',
      metadata: { name, namespace: context.namespace },
      spec: {
        serviceRef: { name: service, port: port.containerPort },
        ...reference,
        targetType: type,
        multiClusterTargetGroup: true,
      },
    });
  }

  /**
   * The other target group of a blue/green deployment. Without an operator both hold the same pods, so that it does not
   * matter to which of them the listener rule leads at the moment.
   */
  private bindAlternate(
    advanced: Field<NonNullable<LoadBalancer['advancedConfiguration']>>,
    port: PodPort,
    type: TargetType,
  ): void {
    if (!advanced.exists) return;
    const { context } = this.scene;
    const alternate = advanced.get('alternateTargetGroupArn');
    const carried = `metadata.annotations["${ANNOTATION.deployment}"]`;
    const shift = 'install the tranship operator, which moves the weights of the rule';
    if (alternate.exists) {
      const group = targetGroupOf(alternate, context);
      const preview = this.serviceFor(port, type, 'preview');
      this.addBinding(alternate, group, preview, port, type);
      if (group !== undefined) markTargetGroup(group, undefined);
      alternate.needsAddon(
        ['TargetGroupBinding.spec.targetGroupARN', carried],
        'it holds the same pods as the first one',
        shift,
      );
    }
    for (const key of ['productionListenerRule', 'testListenerRule'] as const) {
      advanced.get(key).needsAddon(carried, 'traffic is not shifted between two sets of pods', shift);
    }
    advanced
      .get('roleArn')
      .none('ECS changes the load balancer with it', 'allow the role of the operator elasticloadbalancing:ModifyRule');
  }

  private applyReadiness(group: TargetGroupInput, port: PodPort): ContainerDraft['spec']['readinessProbe'] {
    const draft = this.scene.pod.containers.find(({ ecsName }) => ecsName === port.container);
    if (draft === undefined || draft.definition.get('healthCheck').exists || draft.spec.readinessProbe !== undefined)
      return undefined;
    const probe = readinessOf(group, port);
    if (probe !== undefined) draft.spec.readinessProbe = probe;
    return probe;
  }

  private markClassic(item: Field<LoadBalancer>): void {
    item
      .get('loadBalancerName')
      .none(
        'a Classic Load Balancer cannot be filled from Kubernetes by the AWS Load Balancer Controller',
        `replace it with a Network or Application Load Balancer in front of Service ${this.scene.services.ownName}`,
      );
  }
}

/** Only what a DNS label may hold; the hash behind it keeps names apart. */
function labelled(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '');
}
