import type { Service } from '@aws-sdk/client-ecs';
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type TargetGroup,
  type TargetGroupAttribute,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { parseArn } from '../arn.js';
import { counter, type LiveAccount } from './account.js';
import { batchesOf, sortedBy, sortedTexts } from './paging.js';

/** Target groups a call. Source: ELB API, DescribeTargetGroups; beyond 20 ARNs it refuses the call. */
const TARGET_GROUPS_A_CALL = 20;

const ACTION = 'elasticloadbalancing:DescribeTargetGroups';

/** A target group with its attributes, where they could be read. */
export interface DescribedTargetGroup {
  readonly targetGroup: TargetGroup;
  readonly attributes?: readonly TargetGroupAttribute[];
}

/** The target groups that the services register their tasks in, by ARN; both of a blue/green pair. */
export async function readTargetGroups(
  account: LiveAccount,
  services: readonly Service[],
): Promise<readonly DescribedTargetGroup[]> {
  const arns = sortedTexts(services.flatMap(targetGroupsOf));
  const answers = await Promise.all(batchesOf(arns, TARGET_GROUPS_A_CALL).map((batch) => describe(account, batch)));
  const groups = sortedBy(answers.flat(), ({ TargetGroupArn }) => TargetGroupArn ?? '');
  const count = counter(account, 'target groups', groups.length);
  return Promise.all(
    groups.map(async (targetGroup) => {
      const attributes = await attributesOf(account, targetGroup);
      count(1);
      return { targetGroup, ...(attributes === undefined ? {} : { attributes }) };
    }),
  );
}

function targetGroupsOf(service: Service): readonly string[] {
  const balancers = [
    ...(service.loadBalancers ?? []),
    ...(service.taskSets ?? []).flatMap((taskSet) => taskSet.loadBalancers ?? []),
  ];
  return balancers
    .flatMap(({ targetGroupArn, advancedConfiguration }) => [
      targetGroupArn ?? [],
      advancedConfiguration?.alternateTargetGroupArn ?? [],
    ])
    .flat()
    .filter((arn) => parseArn(arn)?.service === 'elasticloadbalancing');
}

/** One target group that is gone makes ELB refuse all of a call, so each is then asked for by itself. */
async function describe(account: LiveAccount, arns: readonly string[]): Promise<readonly TargetGroup[]> {
  const { calls, clients } = account;
  const lost = 'how long it drains and how it checks health is not seen; ELB’s defaults stand in';
  const of = arns.map(nameOfTargetGroup);
  const answer = await calls.optional({ ...(of.length === 1 ? { of: of[0] ?? '' } : {}), lost }, () =>
    calls.send(ACTION, async () => {
      try {
        return await clients.elasticLoadBalancing.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [...arns] }));
      } catch (error) {
        if (error instanceof TargetGroupNotFoundException) return 'not found' as const;
        throw error;
      }
    }),
  );
  if (answer !== 'not found') return answer?.TargetGroups ?? [];
  if (arns.length > 1) return (await Promise.all(arns.map((arn) => describe(account, [arn])))).flat();
  const todo = 'take it out of the service, or make it again';
  calls.note({ call: ACTION, of, why: 'there is no such target group', lost: 'no pod can be registered in it', todo });
  return [];
}

async function attributesOf(
  account: LiveAccount,
  targetGroup: TargetGroup,
): Promise<readonly TargetGroupAttribute[] | undefined> {
  const { calls, clients } = account;
  const { TargetGroupArn } = targetGroup;
  if (TargetGroupArn === undefined) return undefined;
  const about = {
    of: targetGroup.TargetGroupName ?? nameOfTargetGroup(TargetGroupArn),
    lost: 'how long it drains is not seen; ELB’s default of 300 s stands in',
  };
  const answer = await calls.optional(about, () =>
    calls.send('elasticloadbalancing:DescribeTargetGroupAttributes', () =>
      clients.elasticLoadBalancing.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })),
    ),
  );
  return answer === undefined ? undefined : sortedBy(answer.Attributes ?? [], ({ Key }) => Key ?? '');
}

/**
 * @example nameOfTargetGroup('arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/0123456789abcdef') // 'web'
 */
export function nameOfTargetGroup(arn: string): string {
  return parseArn(arn)?.resource.split('/')[1] ?? arn;
}
