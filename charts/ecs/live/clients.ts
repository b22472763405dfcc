import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { LiveAccountError } from './live-account-error.js';

/** The AWS clients that a reading uses, all of one account and region. */
export interface LiveClients {
  readonly ecs: ECSClient;
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
  readonly applicationAutoScaling: ApplicationAutoScalingClient;
  readonly eventBridge: EventBridgeClient;
  readonly scheduler: SchedulerClient;
  readonly cloudWatch: CloudWatchClient;
}

/**
 * How calls are made: `adaptive` slows down before AWS has to throttle, and nothing waits for an answer for ever.
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
 */
const SETTINGS = {
  retryMode: 'adaptive',
  maxAttempts: 8,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000 },
} as const;

/**
 * Clients that find credentials, and the region where none is given, as the AWS command line does: in the environment, in
 * the shared configuration files, from single sign-on, or from the machine's role.
 *
 * @param region such as `eu-west-1`
 * @throws LiveAccountError `no-region` when no region is given or configured
 * @example const clients = await liveClients('eu-west-1')
 */
export async function liveClients(region?: string): Promise<LiveClients> {
  const settings = { ...SETTINGS, ...(region === undefined ? {} : { region }) };
  const ecs = new ECSClient(settings);
  // Asked once and passed on, so that all clients are sure to look at the same region.
  const found = { ...SETTINGS, region: await regionOf(ecs) };
  return {
    ecs,
    elasticLoadBalancing: new ElasticLoadBalancingV2Client(found),
    applicationAutoScaling: new ApplicationAutoScalingClient(found),
    eventBridge: new EventBridgeClient(found),
    scheduler: new SchedulerClient(found),
    cloudWatch: new CloudWatchClient(found),
  };
}

/**
 * The region that a client calls.
 *
 * @throws LiveAccountError `no-region`
 */
export async function regionOf(client: ECSClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    const problem = 'no AWS region is given, and none is configured';
    throw new LiveAccountError('no-region', { problem, fix: 'give --region eu-west-1, or set AWS_REGION' }, { cause });
  }
}

/** Closes the connections, so that the program may end at once. */
export function closeClients(clients: LiveClients): void {
  for (const client of Object.values<{ destroy(): void }>({ ...clients })) client.destroy();
}
