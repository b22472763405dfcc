import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  type ScalableTarget,
  type ScalingPolicy,
  type ScheduledAction,
} from '@aws-sdk/client-application-auto-scaling';
import type { Service } from '@aws-sdk/client-ecs';
import type { LiveAccount } from './account.js';
import { allPages, batchesOf, type Page, sortedBy, sortedTexts } from './paging.js';
import { nameOfService } from './services.js';

/** Resource ids a `DescribeScalableTargets` call. Source: Application Auto Scaling API. */
const RESOURCES_A_CALL = 50;

/**
 * Policies and scheduled actions can be asked for one resource at a time, or all of ECS in the region together, of which a
 * page holds 10. Beyond so many resources the latter takes fewer calls in most accounts.
 */
const ASKED_ONE_BY_ONE = 20;

/** All scaling of one service. */
export interface ServiceScaling {
  /** Name of the service. */
  readonly service: string;
  readonly ScalableTargets: readonly ScalableTarget[];
  readonly ScalingPolicies: readonly ScalingPolicy[];
  readonly ScheduledActions: readonly ScheduledAction[];
}

/** How the services scale, in the order of their names; services that do not scale are left out. */
export async function readScaling(
  account: LiveAccount,
  services: readonly Service[],
): Promise<readonly ServiceScaling[]> {
  const names = sortedTexts(services.map(nameOfService));
  const idOf = (service: string): string => `service/${account.cluster}/${service}`;
  const targets = await readTargets(account, names.map(idOf));
  const scaled = sortedTexts(targets.flatMap(({ ResourceId }) => ResourceId ?? []));
  if (scaled.length === 0) return [];
  account.progress(`scaling: ${scaled.length} of ${names.length} services scale`);
  const scopes = scaled.length > ASKED_ONE_BY_ONE ? [undefined] : scaled;
  const policies = (await Promise.all(scopes.map((id) => readPolicies(account, id)))).flat();
  const actions = (await Promise.all(scopes.map((id) => readScheduledActions(account, id)))).flat();
  return names.flatMap((service) => {
    const own = <T extends { ResourceId?: string | undefined }>(items: readonly T[]): readonly T[] =>
      items.filter(({ ResourceId }) => ResourceId === idOf(service));
    const scaling = {
      service,
      ScalableTargets: sortedBy(own(targets), ({ ScalableDimension }) => ScalableDimension ?? ''),
      ScalingPolicies: sortedBy(own(policies), ({ PolicyARN }) => PolicyARN ?? ''),
      ScheduledActions: sortedBy(own(actions), ({ ScheduledActionARN }) => ScheduledActionARN ?? ''),
    };
    return scaling.ScalableTargets.length === 0 ? [] : [scaling];
  });
}

/** Names of the alarms that run the scaling policies. */
export function alarmsOfScaling(scaling: readonly ServiceScaling[]): readonly string[] {
  return scaling.flatMap(({ ScalingPolicies }) =>
    ScalingPolicies.flatMap(({ Alarms = [] }) => Alarms.flatMap(({ AlarmName }) => AlarmName ?? [])),
  );
}

async function readTargets(account: LiveAccount, ids: readonly string[]): Promise<readonly ScalableTarget[]> {
  const action = 'application-autoscaling:DescribeScalableTargets';
  const lost = 'which services scale is not seen, so they get no autoscaler';
  const answers = await Promise.all(
    batchesOf(ids, RESOURCES_A_CALL).map((batch) =>
      everything(account, action, lost, async (token) => {
        const command = new DescribeScalableTargetsCommand({ ...asked(token), ResourceIds: [...batch] });
        const page = await account.clients.applicationAutoScaling.send(command);
        return { items: page.ScalableTargets, next: page.NextToken };
      }),
    ),
  );
  return answers.flat();
}

async function readPolicies(account: LiveAccount, id: string | undefined): Promise<readonly ScalingPolicy[]> {
  const lost = 'what services scale by is not seen; only their limits are carried';
  return everything(account, 'application-autoscaling:DescribeScalingPolicies', lost, async (token) => {
    const command = new DescribeScalingPoliciesCommand(asked(token, id));
    const page = await account.clients.applicationAutoScaling.send(command);
    return { items: page.ScalingPolicies, next: page.NextToken };
  });
}

async function readScheduledActions(account: LiveAccount, id: string | undefined): Promise<readonly ScheduledAction[]> {
  const lost = 'scaling by the clock is not seen and not carried';
  return everything(account, 'application-autoscaling:DescribeScheduledActions', lost, async (token) => {
    const command = new DescribeScheduledActionsCommand(asked(token, id));
    const page = await account.clients.applicationAutoScaling.send(command);
    return { items: page.ScheduledActions, next: page.NextToken };
  });
}

async function everything<T>(
  { calls }: LiveAccount,
  action: string,
  lost: string,
  page: (token: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const found = await calls.optional({ lost }, () =>
    allPages(action, (token) => calls.send(action, () => page(token))),
  );
  return found ?? [];
}

function asked(
  token: string | undefined,
  id?: string,
): { ServiceNamespace: 'ecs'; NextToken?: string; ResourceId?: string } {
  return {
    ServiceNamespace: 'ecs',
    ...(token === undefined ? {} : { NextToken: token }),
    ...(id === undefined ? {} : { ResourceId: id }),
  };
}
