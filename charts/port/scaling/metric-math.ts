import type { TargetTrackingMetricDataQuery } from '@aws-sdk/client-application-auto-scaling';
import type { Field } from '../../ecs/field.js';
import type { CloudWatchQuery } from './metric.js';

/** CloudWatch takes no longer expression. Source: CloudWatch API `MetricDataQuery.Expression`. */
const MAXIMUM_LENGTH = 2048;
/** Target tracking looks at one minute at a time. */
const PERIOD_SECONDS = 60;

type Query = Field<TargetTrackingMetricDataQuery>;

/** Metric math that cannot be written as one expression. */
export class MetricMathError extends Error {
  override readonly name = 'MetricMathError';
}

/**
 * Metric math as the one query that KEDA can make. KEDA sends an expression alone, without the queries whose ids it
 * names, so each id is replaced: a metric by a search that finds just that metric, an expression by itself.
 *
 * Source: KEDA `aws_cloudwatch_scaler.go`; CloudWatch user guide, "search expression syntax".
 *
 * @throws MetricMathError when there is nothing to return, ids refer to each other in a circle, or the text gets too long
 * @example // m1 / m2, with m1 the length of a queue and m2 the number of running tasks
 * metricMath(queries) // { expression: "SUM(SEARCH('{AWS/SQS,QueueName} …', 'Sum', 60)) / SUM(SEARCH(…))" }
 */
export function metricMath(queries: readonly Query[]): CloudWatchQuery {
  const byId = new Map(queries.map((query) => [query.get('Id').value ?? '', query]));
  const returned = queries.filter((query) => query.get('ReturnData').value !== false);
  // By default every query returns data; Application Auto Scaling then takes the expression over its metrics.
  const result = returned.findLast((query) => query.get('Expression').exists) ?? returned.at(-1);
  if (result === undefined) throw new MetricMathError('no query returns data');
  if (!result.get('Expression').exists) return metricOf(result);
  return { expression: expand(result.get('Expression').value ?? '', byId, new Set([result.get('Id').value ?? ''])) };
}

function metricOf(query: Query): CloudWatchQuery {
  const stat = query.get('MetricStat');
  const metric = stat.get('Metric');
  const namespace = metric.get('Namespace').value;
  const metricName = metric.get('MetricName').value;
  if (namespace === undefined || metricName === undefined) throw new MetricMathError('a query names no metric');
  const dimensions = metric.get('Dimensions').items();
  const unit = stat.get('Unit').value;
  return {
    namespace,
    metricName,
    dimensions: dimensions.map((item) => ({
      name: item.get('Name').value ?? '',
      value: item.get('Value').value ?? '',
    })),
    statistic: stat.get('Stat').value ?? 'Average',
    ...(unit === undefined ? {} : { unit }),
  };
}

/** Replaces the ids in an expression; texts in quotation marks stay. */
function expand(expression: string, byId: ReadonlyMap<string, Query>, open: ReadonlySet<string>): string {
  if (/\bMETRICS\s*\(/i.test(expression)) throw new MetricMathError('METRICS() means all queries, and KEDA sends one');
  let length = 0;
  const expanded = expression.replaceAll(/"[^"]*"|'[^']*'|\b[a-z]\w*\b/g, (word) => {
    const query = byId.get(word);
    const text = query === undefined ? word : replacement(word, query, byId, open);
    length += text.length;
    if (length > MAXIMUM_LENGTH) throw tooLong();
    return text;
  });
  if (expanded.length > MAXIMUM_LENGTH) throw tooLong();
  return expanded;
}

function replacement(id: string, query: Query, byId: ReadonlyMap<string, Query>, open: ReadonlySet<string>): string {
  if (open.has(id)) throw new MetricMathError(`the query ${id} refers to itself`);
  const inner = query.get('Expression').value;
  return inner === undefined ? searchFor(metricOf(query)) : `(${expand(inner, byId, new Set([...open, id]))})`;
}

/**
 * An expression that has the values of exactly one metric: the sum over a search that finds no other.
 *
 * @throws MetricMathError for names that a search cannot quote
 */
export function searchFor(query: CloudWatchQuery): string {
  if ('expression' in query) return query.expression;
  const { namespace, metricName, dimensions, statistic } = query;
  const texts = [namespace, metricName, statistic, ...dimensions.flatMap(({ name, value }) => [name, value])];
  if (texts.some((text) => /["'{}\\]/.test(text)))
    throw new MetricMathError('a name has characters that a search cannot quote');
  const quoted = (name: string): string => (/^[\w/]+$/.test(name) ? name : `"${name}"`);
  const schema = [namespace, ...dimensions.map(({ name }) => name)].map(quoted);
  const terms = [`MetricName="${metricName}"`, ...dimensions.map(({ name, value }) => `${quoted(name)}="${value}"`)];
  return `SUM(SEARCH('{${schema.join(',')}} ${terms.join(' ')}', '${statistic}', ${PERIOD_SECONDS}))`;
}

function tooLong(): MetricMathError {
  return new MetricMathError(`the expression gets longer than CloudWatch takes (${MAXIMUM_LENGTH} characters)`);
}
