import type { IHorizontalPodAutoscalerBehavior } from 'kubernetes-models/autoscaling/v2';
import { LABEL } from '../annotations.js';
import type { Manifest } from '../manifest.js';
import type { PortContext } from '../pod-draft.js';
import { AUTHENTICATION, type Trigger } from './metric.js';

/** What an autoscaler scales. */
export interface ScaleTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** What both kinds of autoscaler say. */
export interface AutoscalerDraft {
  readonly target: ScaleTarget;
  readonly minimum: number;
  readonly maximum: number;
  readonly behavior: IHorizontalPodAutoscalerBehavior | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** Percent of the request, by resource; of several policies for one, the lowest target. */
  readonly resources: ReadonlyMap<'cpu' | 'memory', number>;
}

/** A HorizontalPodAutoscaler, for the metrics that Kubernetes itself has. Source: `autoscaling/v2`. */
export function horizontalPodAutoscaler(draft: AutoscalerDraft, context: PortContext): Manifest {
  const { target, minimum, maximum, behavior, resources } = draft;
  context.findings.require('metrics-server', `${context.title}: scaling by ${[...resources.keys()].join(' and ')}`);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(draft, context),
    spec: {
      scaleTargetRef: { ...target },
      minReplicas: minimum,
      maxReplicas: maximum,
      metrics: [...resources].map(([name, averageUtilization]) => ({
        type: 'Resource',
        resource: { name, target: { type: 'Utilization', averageUtilization } },
      })),
      ...(behavior === undefined ? {} : { behavior }),
    },
  };
}

/**
 * A KEDA ScaledObject, for everything else. KEDA makes a HorizontalPodAutoscaler of its own, and of two for one
 * Deployment each would undo what the other did; so CPU and memory are triggers too.
 *
 * @param cooldownSeconds how long all triggers must be quiet before the last pod goes; for a minimum of 0
 */
export function scaledObject(
  draft: AutoscalerDraft,
  triggers: readonly Trigger[],
  cooldownSeconds: number,
  context: PortContext,
): Manifest {
  const { target, minimum, maximum, behavior, resources } = draft;
  const { findings } = context;
  findings.require(
    'keda',
    `${context.title}: scaling by ${[...new Set(triggers.map(({ type }) => type))].join(' and ')}`,
  );
  if (resources.size > 0)
    findings.require('metrics-server', `${context.title}: scaling by ${[...resources.keys()].join(' and ')}`);
  if (triggers.some(({ authenticationRef }) => authenticationRef !== undefined)) shareAuthentication(context);
  const own = [...resources].map(
    ([type, value]): Trigger => ({ type, metricType: 'Utilization', metadata: { value: String(value) } }),
  );
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: metadata(draft, context),
    spec: {
      scaleTargetRef: { ...target },
      minReplicaCount: minimum,
      maxReplicaCount: maximum,
      ...(minimum === 0 ? { cooldownPeriod: cooldownSeconds } : {}),
      ...(behavior === undefined ? {} : { advanced: { horizontalPodAutoscalerConfig: { behavior } } }),
      triggers: named([...own, ...triggers]),
    },
  };
}

/** KEDA refuses two triggers of one name. */
function named(triggers: readonly Trigger[]): readonly Trigger[] {
  const taken = new Set<string>();
  return triggers.map((trigger) => {
    const { name } = trigger;
    if (name === undefined) return trigger;
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
    taken.add(free);
    return free === name ? trigger : { ...trigger, name: free };
  });
}

function shareAuthentication(context: PortContext): void {
  context.share({
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: { name: AUTHENTICATION, namespace: context.namespace },
    spec: { podIdentity: { provider: 'aws' } },
  });
  context.findings.trust({
    role: 'the role of the ServiceAccount keda-operator',
    change: 'allow cloudwatch:GetMetricData, so that KEDA can read the metrics that services scale by',
  });
}

function metadata({ annotations }: AutoscalerDraft, context: PortContext): Manifest['metadata'] {
  return {
    name: context.name,
    namespace: context.namespace,
    labels: { [LABEL.name]: context.name, [LABEL.managedBy]: 'tranship' },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}
