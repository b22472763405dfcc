/**
 * The annotations and labels that this project puts on objects. Manifests work without anyone reading them; an operator
 * that does can give the ECS behaviour that Kubernetes has no field for.
 */
export const ANNOTATION = {
  /** On pods: Kubernetes names of the essential containers, comma-separated. The end of one is the end of the pod. */
  essential: 'tranship.dev/essential',
  /** On pods: JSON map from container name to `{attemptPeriodSeconds, ignoredExitCodes}` of its ECS restart policy. */
  restartPolicy: 'tranship.dev/restart-policy',
  /** On pods: JSON map from container name to its ECS stopTimeout in seconds. */
  stopTimeout: 'tranship.dev/stop-timeout',
  /** On pods: JSON list of `{container, dependsOn, condition}` that the pod's container order could not express. */
  dependsOn: 'tranship.dev/depends-on',
  /** On pods: `start-first` when an unhealthy task is replaced before it is stopped, and after how many seconds. */
  replaceUnhealthy: 'tranship.dev/replace-unhealthy',
  /** On workloads: JSON of the ECS deployment configuration: strategy, percents, circuit breaker, alarms, bake time, hooks. */
  deployment: 'tranship.dev/deployment-configuration',
  /** On pod templates: `family:revision`. Never a label, never a selector: both are immutable. */
  taskDefinition: 'tranship.dev/task-definition',
  /** On objects: the ECS name, where the Kubernetes name differs from it. */
  ecsName: 'tranship.dev/ecs-name',
  /** On objects: the ARN of the ECS object they come from. */
  ecsArn: 'tranship.dev/ecs-arn',
  /** Prefix for ECS tags: `tags.tranship.dev/KEY`. */
  tagPrefix: 'tags.tranship.dev/',
  /** On pods: JSON map from container name to its Docker labels. */
  dockerLabels: 'tranship.dev/docker-labels',
  /** On pods: JSON map from container name to its ulimits, for a node agent or an operator that can set them. */
  ulimits: 'tranship.dev/ulimits',
  /** On pods: JSON of capacity provider strategy items with base and weight. */
  capacityProviders: 'tranship.dev/capacity-provider-strategy',
} as const;

/** Labels, all from Kubernetes' recommended set, and the node label prefix for ECS custom attributes. */
export const LABEL = {
  name: 'app.kubernetes.io/name',
  partOf: 'app.kubernetes.io/part-of',
  managedBy: 'app.kubernetes.io/managed-by',
  /** Prefix of node labels that carry ECS instance attributes. */
  nodeAttributePrefix: 'ecs.tranship.dev/',
} as const;
