import { METRIC } from './metric-names.js';

/** A rule as Prometheus reads it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: 'critical' | 'warning' | 'info' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** Holds for one of these reasons, in some time. */
const held = (reasons: string, window: string): string =>
  `sum by (reason) (increase(${METRIC.decisions}{action="Hold", reason=~"${reasons}"}[${window}])) > 0`;

function rule(
  alert: string,
  severity: AlertRule['labels']['severity'],
  expr: string,
  duration: string,
  summary: string,
  description: string,
): AlertRule {
  return { alert, expr, for: duration, labels: { severity }, annotations: { summary, description } };
}

const RULES: readonly AlertRule[] = [
  rule(
    'TranshipOperatorAbsent',
    'critical',
    `absent(${METRIC.leader})`,
    '5m',
    'No Tranship operator reports metrics.',
    'Nothing is healed. Look at its pods: kubectl -n tranship-system get pods',
  ),
  rule(
    'TranshipOperatorWithoutLeader',
    'critical',
    `sum(${METRIC.leader}) == 0`,
    '2m',
    'No replica of the Tranship operator leads.',
    'Nothing is healed. Its log says why the Lease cannot be held; the API server may be slow or refuse it.',
  ),
  rule(
    'TranshipOperatorTwoLeaders',
    'critical',
    `sum(${METRIC.leader}) > 1`,
    '1m',
    'Two replicas of the Tranship operator believe that they lead.',
    'The write fence should make this impossible beyond a scrape. Scale the operator to one replica and report it.',
  ),
  rule(
    'TranshipHealingStopped',
    'critical',
    held('Storm|ZoneOutage', '5m'),
    '1m',
    'So much is unhealthy that healing holds ({{ $labels.reason }}).',
    'The pods are not the cause: look at nodes, the zone, a dependency or a rollout. kubectl get hp -A shows where.',
  ),
  rule(
    'TranshipRestartIntensityExceeded',
    'warning',
    held('RestartIntensityExceeded', '10m'),
    '1m',
    'A workload keeps failing and is no longer replaced.',
    'Its new pods fail as the old ones did. Roll back or mend it; tranship explain says why.',
  ),
  rule(
    'TranshipHealingHeldByBudget',
    'warning',
    held('BudgetExhausted|DisruptionBudget', '5m'),
    '30m',
    'Pods have waited for half an hour to be replaced ({{ $labels.reason }}).',
    'The policy allows no more at a time, or a PodDisruptionBudget forbids it.',
  ),
  rule(
    'TranshipPolicyNotInForce',
    'warning',
    held('PolicyConflict|PolicyInvalid', '15m'),
    '5m',
    'A HealingPolicy does nothing ({{ $labels.reason }}).',
    'Two policies select the same pods, or one is not valid: kubectl get hp -A -o wide says which.',
  ),
  rule(
    'TranshipReplacementsNotReady',
    'warning',
    `sum(increase(${METRIC.replacements}[30m])) > 0 unless sum(increase(${METRIC.replacementReadyDelay}_count[30m])) > 0`,
    '15m',
    'Pods were replaced, and none of the new ones became Ready.',
    'Look for pods that are Pending or fail in the same way.',
  ),
  rule(
    'TranshipDeploymentRolledBack',
    'info',
    `increase(${METRIC.deploymentRollbacks}[10m]) > 0`,
    '0m',
    'A Deployment was rolled back to its last completed revision.',
    'The Events of the Deployment say which tasks failed and how.',
  ),
  rule(
    'TranshipReconcileErrors',
    'warning',
    `sum by (controller) (rate(${METRIC.reconcileErrors}[10m])) / sum by (controller) (rate(${METRIC.reconciles}[10m])) > 0.1`,
    '15m',
    'More than a tenth of the reconciles of {{ $labels.controller }} fail.',
    'The log names the errors.',
  ),
  rule(
    'TranshipQueueGrows',
    'warning',
    `max by (controller) (${METRIC.queueDepth}) > 100`,
    '15m',
    'The queue of {{ $labels.controller }} does not get empty.',
    'Reconciles are slower than changes: look at the latency of the API server.',
  ),
  rule(
    'TranshipApiCallsFail',
    'warning',
    `sum(rate(${METRIC.apiCalls}{code=~"5..|429|Timeout|ConnectionLost|Unavailable"}[10m])) / sum(rate(${METRIC.apiCalls}[10m])) > 0.1`,
    '10m',
    "More than a tenth of the operator's calls to the API server fail.",
    'The API server is overloaded or cannot be reached.',
  ),
  rule(
    'TranshipCacheMissedChanges',
    'warning',
    `sum by (cache) (increase(${METRIC.cacheAuditMisses}[1h])) > 0`,
    '0m',
    'The cache of {{ $labels.cache }} had missed changes.',
    'It was mended by a list, but a watch that loses changes is a fault: report it with the log.',
  ),
  rule(
    'TranshipEventsNotDelivered',
    'warning',
    `max(${METRIC.outboxLag}) > 300`,
    '10m',
    'Events have waited for more than five minutes to reach EventBridge or SNS.',
    "Look at the operator's role, the bus and the network; Events that Kubernetes forgets after an hour are lost.",
  ),
];

/** The rules as one group, the content of a Prometheus rule file. */
export function alertRules(): {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
} {
  return { groups: [{ name: 'tranship-operator', rules: RULES }] };
}
