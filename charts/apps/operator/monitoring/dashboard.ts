import { METRIC } from './metric-names.js';
import { layOut, type Query, type Row } from './panels.js';

const JOB = '{job=~"$job"}';

/** What happened a second, by some labels. */
function rate(metric: string, by: string, filter = JOB): Query {
  return {
    expr: `sum by (${by}) (rate(${metric}${filter}[$__rate_interval]))`,
    legend: by
      .split(', ')
      .map((label) => `{{${label}}}`)
      .join(' '),
  };
}

function quantiles(metric: string): readonly Query[] {
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le) (rate(${metric}_bucket${JOB}[$__rate_interval])))`,
    legend: `p${quantile * 100}`,
  }));
}

const HELD = '{job=~"$job", action="Hold"}';

const ROWS: readonly Row[] = [
  {
    title: 'Healing',
    panels: [
      {
        title: 'Replacements by cause',
        description: 'Pods that were replaced, a second.',
        unit: 'ops',
        queries: [rate(METRIC.replacements, 'cause, action')],
      },
      {
        title: 'Held back by reason',
        description: 'Pods that are wrong and were left alone, and why: the budget, the storm guard, a dry run …',
        unit: 'ops',
        queries: [rate(METRIC.decisions, 'reason', HELD)],
      },
      {
        title: 'From the signal to the request',
        description:
          'From the moment when a failure was to be seen until its pod was asked to go, waits of the policy included.',
        unit: 's',
        queries: quantiles(METRIC.replacementRequestDelay),
      },
      {
        title: 'From the signal to the new pod being Ready',
        description: 'What a user of the workload notices.',
        unit: 's',
        queries: quantiles(METRIC.replacementReadyDelay),
      },
      {
        title: 'Deployments',
        description: 'Tasks of new revisions that failed, and revisions that were rolled back.',
        unit: 'short',
        queries: [
          { expr: `sum(increase(${METRIC.deploymentFailures}${JOB}[$__rate_interval]))`, legend: 'failures' },
          { expr: `sum(increase(${METRIC.deploymentRollbacks}${JOB}[$__rate_interval]))`, legend: 'rollbacks' },
        ],
      },
      {
        title: 'Kubernetes Events by reason',
        description: 'What the operator said, and whether the API server took it.',
        unit: 'ops',
        queries: [rate(METRIC.events, 'reason, result')],
      },
    ],
  },
  {
    title: 'The operator',
    panels: [
      {
        title: 'Leaders',
        description: 'One, and never two.',
        unit: 'short',
        stat: true,
        queries: [{ expr: `sum(${METRIC.leader}${JOB})`, legend: 'leaders' }],
      },
      {
        title: 'Reconciles',
        description: 'By controller and result.',
        unit: 'ops',
        queries: [rate(METRIC.reconciles, 'controller, result')],
      },
      {
        title: 'Reconciles that failed',
        description: 'By controller and kind of error; they are tried again with a growing delay.',
        unit: 'ops',
        queries: [rate(METRIC.reconcileErrors, 'controller, error_type')],
      },
      {
        title: 'How long reconciles take',
        description: 'Calls to the API server included.',
        unit: 's',
        queries: quantiles(METRIC.reconcileDuration),
      },
      {
        title: 'Keys that wait',
        description: 'Depth of the queues.',
        unit: 'short',
        queries: [{ expr: `sum by (controller) (${METRIC.queueDepth}${JOB})`, legend: '{{controller}}' }],
      },
      {
        title: 'How long keys wait',
        description: 'From the moment when they are due.',
        unit: 's',
        queries: quantiles(METRIC.queueLatency),
      },
      {
        title: 'Changes of leadership',
        description: 'Terms that began or ended.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (result) (increase(${METRIC.leaderTransitions}${JOB}[$__rate_interval]))`,
            legend: '{{result}}',
          },
        ],
      },
    ],
  },
  {
    title: 'API server and caches',
    panels: [
      {
        title: 'Calls',
        description: 'By verb and answer.',
        unit: 'ops',
        queries: [rate(METRIC.apiCalls, 'verb, code')],
      },
      {
        title: 'How long calls take',
        description: 'Until the answer is there, retries included.',
        unit: 's',
        queries: quantiles(METRIC.apiCallDuration),
      },
      {
        title: 'Cached objects',
        description: 'By cache.',
        unit: 'short',
        queries: [{ expr: `max by (cache) (${METRIC.cacheObjects}${JOB})`, legend: '{{cache}}' }],
      },
      {
        title: 'Lists and watches begun anew',
        description: 'Now and then is usual; all the time is a sick connection or API server.',
        unit: 'ops',
        queries: [rate(METRIC.cacheRelists, 'cache, reason'), rate(METRIC.watchReconnects, 'cache, reason')],
      },
      {
        title: 'Changes that a watch missed',
        description: 'Differences that the audit found between a cache and the API server. None is right.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (cache) (increase(${METRIC.cacheAuditMisses}${JOB}[$__rate_interval]))`,
            legend: '{{cache}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Events to AWS',
    panels: [
      {
        title: 'Delivered and failed',
        description: 'To EventBridge and SNS.',
        unit: 'ops',
        queries: [
          { expr: `sum(rate(${METRIC.outboxDelivered}${JOB}[$__rate_interval]))`, legend: 'delivered' },
          { expr: `sum(rate(${METRIC.outboxErrors}${JOB}[$__rate_interval]))`, legend: 'failed' },
        ],
      },
      {
        title: 'Age of the oldest event that waits',
        description: 'It grows while AWS cannot be reached; nothing is lost while the Events are there.',
        unit: 's',
        queries: [{ expr: `max(${METRIC.outboxLag}${JOB})`, legend: 'age' }],
      },
    ],
  },
];

/** The dashboard, as Grafana imports it. */
export function dashboard(): object {
  return {
    uid: 'tranship-operator',
    title: 'Tranship operator',
    tags: ['tranship', 'kubernetes'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        {
          name: 'job',
          type: 'query',
          label: 'Job',
          datasource: { type: 'prometheus', uid: '${datasource}' },
          query: `label_values(${METRIC.leader}, job)`,
          includeAll: true,
          multi: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
          refresh: 2,
        },
      ],
    },
    panels: layOut(ROWS),
  };
}
