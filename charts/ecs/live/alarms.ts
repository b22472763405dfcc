import { type CompositeAlarm, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Service } from '@aws-sdk/client-ecs';
import type { LiveAccount } from './account.js';
import { allPages, batchesOf, sortedBy, sortedTexts } from './paging.js';

/** Names a call. Source: CloudWatch API, DescribeAlarms. */
const ALARMS_A_CALL = 100;

/** One alarm, in the list of `describe-alarms` that it belongs to. */
export interface DescribedAlarm {
  readonly name: string;
  readonly arn: string;
  readonly answer:
    | { readonly MetricAlarms: readonly MetricAlarm[] }
    | { readonly CompositeAlarms: readonly CompositeAlarm[] };
}

/** Names of the alarms that stop a deployment of the services. */
export function alarmsOfDeployments(services: readonly Service[]): readonly string[] {
  return services.flatMap((service) => service.deploymentConfiguration?.alarms?.alarmNames ?? []);
}

/** The alarms of these names, in the order of their ARNs. */
export async function readAlarms(account: LiveAccount, names: readonly string[]): Promise<readonly DescribedAlarm[]> {
  const { calls, clients } = account;
  const action = 'cloudwatch:DescribeAlarms';
  const answers = await Promise.all(
    batchesOf(sortedTexts(names), ALARMS_A_CALL).map(async (batch) => {
      const lost = 'what the alarms of deployments and scaling policies measure is not seen';
      const found = await calls.optional({ lost }, () =>
        allPages(action, async (token) => {
          const command = new DescribeAlarmsCommand({
            AlarmNames: [...batch],
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
            ...(token === undefined ? {} : { NextToken: token }),
          });
          const page = await calls.send(action, () => clients.cloudWatch.send(command));
          return { items: alarmsIn(page.MetricAlarms ?? [], page.CompositeAlarms ?? []), next: page.NextToken };
        }),
      );
      if (found !== undefined) noteMissing(account, action, batch, found);
      return found ?? [];
    }),
  );
  const alarms = sortedBy(answers.flat(), ({ arn }) => arn);
  if (alarms.length > 0) account.progress(`alarms: ${alarms.length}`);
  return alarms;
}

function alarmsIn(metric: readonly MetricAlarm[], composite: readonly CompositeAlarm[]): readonly DescribedAlarm[] {
  const namesOf = ({ AlarmName = '', AlarmArn = AlarmName }: MetricAlarm | CompositeAlarm) => ({
    name: AlarmName,
    arn: AlarmArn,
  });
  return [
    ...metric.map((alarm) => ({ ...namesOf(alarm), answer: { MetricAlarms: [alarm] } })),
    ...composite.map((alarm) => ({ ...namesOf(alarm), answer: { CompositeAlarms: [alarm] } })),
  ];
}

function noteMissing(
  { calls }: LiveAccount,
  call: string,
  names: readonly string[],
  found: readonly DescribedAlarm[],
): void {
  const known = new Set(found.map(({ name }) => name));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length === 0) return;
  const why = 'CloudWatch has no metric alarm or composite alarm of the name';
  const lost = 'what it measures is not seen';
  calls.note({
    call,
    of: missing,
    why,
    lost,
    todo: 'take the name out of the service or policy, or make the alarm again',
  });
}
