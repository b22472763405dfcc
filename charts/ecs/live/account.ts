import { DescribeClustersCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { parseArn, shortName } from '../arn.js';
import type { Calls } from './calls.js';
import type { LiveClients } from './clients.js';
import { LiveAccountError } from './live-account-error.js';

/** What every part of a reading needs: the clients, the cluster that is read, and where to tell how it goes. */
export interface LiveAccount {
  readonly clients: LiveClients;
  readonly calls: Calls;
  /** Short name. */
  readonly cluster: string;
  readonly clusterArn: string;
  /** Tells the user what is done; a short text without a final period. */
  readonly progress: (text: string) => void;
}

/** Counts what is done of a list and tells it, as `services: 20 of 23`. */
export function counter(account: LiveAccount, what: string, total: number): (more: number) => void {
  let done = 0;
  return (more) => {
    done += more;
    account.progress(`${what}: ${done} of ${total}`);
  };
}

/**
 * The cluster's ARN, which schedules name it by.
 *
 * @param name short name or ARN
 * @throws LiveAccountError `cluster-not-found` when there is none of the name, or it was deleted
 */
export async function findCluster(
  client: ECSClient,
  calls: Calls,
  name: string,
  region: string,
): Promise<{ readonly cluster: string; readonly clusterArn: string }> {
  const action = 'ecs:DescribeClusters';
  const { clusters = [] } = await calls.send(action, () =>
    client.send(new DescribeClustersCommand({ clusters: [name] })),
  );
  const [cluster] = clusters;
  if (cluster?.clusterArn === undefined || cluster.status === 'INACTIVE') {
    const what = cluster?.status === 'INACTIVE' ? 'was deleted' : 'does not exist';
    const problem = `ECS cluster ${JSON.stringify(name.slice(0, 300))} ${what} in ${region}`;
    const fix = `see those that do: aws ecs list-clusters --region ${region}`;
    throw new LiveAccountError('cluster-not-found', { action, problem, fix });
  }
  return { cluster: cluster.clusterName ?? shortName(cluster.clusterArn), clusterArn: cluster.clusterArn };
}

/** The region in a cluster's ARN; undefined for a cluster given by name. */
export function regionOfCluster(name: string): string | undefined {
  const region = parseArn(name)?.region;
  return region === '' ? undefined : region;
}
