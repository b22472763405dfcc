import type { PortContext } from '../pod-draft.js';

/** One entry of `ScaledObject.spec.triggers`; KEDA takes all metadata as text. Source: KEDA ScaledObject specification. */
export interface Trigger {
  readonly type: 'aws-cloudwatch' | 'cpu' | 'memory' | 'cron';
  readonly name?: string;
  readonly metricType?: 'Utilization' | 'Value' | 'AverageValue';
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationRef?: { readonly name: string };
}

/** What a scaling policy watches. */
export type Metric =
  | { readonly kind: 'resource'; readonly resource: 'cpu' | 'memory'; readonly utilization: number }
  | { readonly kind: 'cloudwatch'; readonly trigger: Trigger };

/** Why a policy has no metric in Kubernetes, and what to do. */
export interface NoMetric {
  readonly kind: 'none';
  readonly lost: string;
  readonly todo: string;
}

/** The TriggerAuthentication by which KEDA reads CloudWatch; one in each namespace. */
export const AUTHENTICATION = 'keda-aws';

/** Target tracking looks at one minute at a time; KEDA takes the newest minute of the last five that has a value. */
const PERIOD_SECONDS = '60';
const COLLECTION_SECONDS = '300';

/** What KEDA asks CloudWatch for: one metric, or an expression. */
export type CloudWatchQuery =
  | {
      readonly namespace: string;
      readonly metricName: string;
      readonly dimensions: readonly { readonly name: string; readonly value: string }[];
      readonly statistic: string;
      readonly unit?: string;
    }
  | { readonly expression: string };

/**
 * A CloudWatch trigger. The target is compared with the value as it is (`Value`), not divided by the pods: metrics that
 * target tracking takes are per task, or fall as tasks are added. Without data KEDA does not scale, as AWS does not.
 */
export function cloudWatchTrigger(query: CloudWatchQuery, target: number, context: PortContext): Trigger {
  const asked =
    'expression' in query
      ? { expression: query.expression }
      : {
          namespace: query.namespace,
          metricName: query.metricName,
          dimensionName: query.dimensions.map(({ name }) => name).join(';'),
          dimensionValue: query.dimensions.map(({ value }) => value).join(';'),
          metricStat: query.statistic,
          ...(query.unit === undefined ? {} : { metricUnit: query.unit }),
        };
  if (context.region === undefined) {
    context.findings.assume(
      `${context.title}: the input names no AWS region; put it in the place of REGION, or give --region`,
    );
  }
  return {
    type: 'aws-cloudwatch',
    metricType: 'Value',
    metadata: {
      ...asked,
      targetMetricValue: String(target),
      minMetricValue: '0',
      ignoreNullValues: 'false',
      metricStatPeriod: PERIOD_SECONDS,
      metricCollectionTime: COLLECTION_SECONDS,
      awsRegion: context.region ?? 'REGION',
    },
    authenticationRef: { name: AUTHENTICATION },
  };
}
