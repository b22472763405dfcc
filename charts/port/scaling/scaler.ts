/** The object that the scaling of a service becomes. */
export type Scaler = 'HorizontalPodAutoscaler' | 'ScaledObject';

/** Where the two keep the same things. */
export const PATHS = {
  HorizontalPodAutoscaler: {
    minimum: 'HorizontalPodAutoscaler.spec.minReplicas',
    maximum: 'HorizontalPodAutoscaler.spec.maxReplicas',
    metrics: 'HorizontalPodAutoscaler.spec.metrics',
    behavior: 'HorizontalPodAutoscaler.spec.behavior',
  },
  ScaledObject: {
    minimum: 'ScaledObject.spec.minReplicaCount',
    maximum: 'ScaledObject.spec.maxReplicaCount',
    metrics: 'ScaledObject.spec.triggers',
    behavior: 'ScaledObject.spec.advanced.horizontalPodAutoscalerConfig.behavior',
  },
} as const satisfies Readonly<Record<Scaler, Readonly<Record<string, string>>>>;
