import type { Mark } from '../../report/fidelity.js';
import type { EcsInput, Reader } from '../input.js';
import { leavesOf, memberOfAnyCase, type SourceNode, stringOf } from '../source/source-node.js';

const STAYS: Mark = { fidelity: 'same', kubernetes: [], lost: 'the alarm stays in CloudWatch as it is' };

const STATE: Mark = { fidelity: 'same', kubernetes: [], lost: 'read-only: says how the alarm is, not what it watches' };

const TRACKING: Mark = {
  fidelity: 'same',
  kubernetes: [],
  lost: 'Application Auto Scaling made the alarm for its target tracking policy and deletes it with it',
};

const ENDS: Mark = {
  fidelity: 'none',
  kubernetes: [],
  lost: 'the alarm stays in CloudWatch, but this metric of the ECS service gets no data after the move',
  todo: 'point the alarm at the metrics of Container Insights for EKS',
};

/** Namespaces of the metrics that only ECS writes. Source: ECS Developer Guide, "Monitor Amazon ECS using CloudWatch". */
const ECS_METRICS = /^(AWS\/ECS|ECS\/)/;

/** Fields of a described alarm that `put-metric-alarm` does not take. */
const STATE_FIELDS =
  /^(AlarmArn|AlarmConfigurationUpdatedTimestamp|State\w*|EvaluationState|ActionsSuppressedBy|ActionsSuppressedReason)$/i;

/** Fields that say which metric is watched. */
const METRIC_FIELDS = /^(Namespace|MetricName|Dimensions)$/i;

/**
 * CloudWatch alarms, as `describe-alarms` answers them or `put-metric-alarm` takes them. They stay in CloudWatch and nothing
 * is rendered from them; what the port changes for them is said of each field: those on ECS's own metrics fall silent.
 *
 * @example alarmReader.recognizes({ path: 'alarms.json', root }) // for {"MetricAlarms": [{"AlarmName": "errors", …}]}
 */
export const alarmReader: Reader = {
  form: 'CloudWatch alarms',
  recognizes: ({ root }) => alarmsIn(root) !== undefined,
  read({ root }, input) {
    const alarms = alarmsIn(root) ?? [];
    if (root.kind === 'object' && !isAlarm(root)) {
      for (const { value } of root.members) {
        if (value.kind !== 'array')
          input.ledger.mark(value, {
            fidelity: 'same',
            kubernetes: [],
            lost: 'read-only: says how the call was answered',
          });
      }
    }
    for (const alarm of alarms) markAlarm(alarm, input);
  },
};

/** The alarms of a document; undefined when it is something else. */
function alarmsIn(root: SourceNode): readonly SourceNode[] | undefined {
  if (root.kind === 'array') return root.items.length > 0 && root.items.every(isAlarm) ? root.items : undefined;
  if (isAlarm(root)) return [root];
  const lists = ['MetricAlarms', 'CompositeAlarms', 'LogAlarms'].flatMap((key) => memberOfAnyCase(root, key) ?? []);
  const items = lists.flatMap((list) => (list.kind === 'array' ? list.items : [list]));
  return lists.length > 0 && items.every(isAlarm) ? items : undefined;
}

function isAlarm(node: SourceNode): boolean {
  if (memberOfAnyCase(node, 'AlarmName') === undefined) return false;
  return ['MetricName', 'Metrics', 'AlarmRule', 'AlarmArn'].some((key) => memberOfAnyCase(node, key) !== undefined);
}

function markAlarm(alarm: SourceNode, input: EcsInput): void {
  if (alarm.kind !== 'object') return;
  const { ledger } = input;
  if (/^TargetTracking-service\//.test(stringOf(memberOfAnyCase(alarm, 'AlarmName')) ?? '')) {
    ledger.mark(alarm, TRACKING);
    return;
  }
  ledger.mark(alarm, STAYS);
  for (const { key, value } of alarm.members) if (STATE_FIELDS.test(key)) ledger.mark(value, STATE);
  for (const metric of [alarm, ...metricsOf(alarm)]) {
    if (metric.kind !== 'object' || !ECS_METRICS.test(stringOf(memberOfAnyCase(metric, 'Namespace')) ?? '')) continue;
    for (const { key, value } of metric.members) {
      if (METRIC_FIELDS.test(key)) for (const leaf of leavesOf(value)) ledger.mark(leaf, ENDS);
    }
  }
}

/** The metrics of an alarm that computes with several. */
function metricsOf(alarm: SourceNode): readonly SourceNode[] {
  const queries = memberOfAnyCase(alarm, 'Metrics');
  return (queries?.kind === 'array' ? queries.items : []).flatMap(
    (query) => memberOfAnyCase(memberOfAnyCase(query, 'MetricStat'), 'Metric') ?? [],
  );
}
