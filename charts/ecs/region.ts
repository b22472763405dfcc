import { parseArn } from './arn.js';
import { leavesOf, type SourceNode } from './source/source-node.js';

/** Region and account that the ARNs and ECR images of a document agree on; undefined where they name none or several. */
export interface Home {
  readonly region?: string;
  readonly account?: string;
}

/**
 * Looks through all strings of a node for ARNs, ECR images and `awslogs-region`.
 *
 * @example homeOf(task) // { region: 'eu-west-1', account: '123456789012' }
 */
export function homeOf(nodes: readonly (SourceNode | undefined)[]): Home {
  const regions = new Set<string>();
  const accounts = new Set<string>();
  for (const node of nodes) {
    if (node === undefined) continue;
    for (const leaf of leavesOf(node)) {
      if (leaf.kind !== 'scalar' || typeof leaf.value !== 'string' || leaf.value.length > 2048) continue;
      const arn = leaf.value.startsWith('arn:') ? parseArn(leaf.value) : undefined;
      const registry = leaf.value.includes('.dkr.ecr.')
        ? /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/.exec(leaf.value)
        : null;
      const region = arn?.region ?? registry?.[2];
      const account = arn?.account ?? registry?.[1];
      if (region !== undefined && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) regions.add(region);
      if (account !== undefined && /^\d{12}$/.test(account)) accounts.add(account);
    }
  }
  const [region, ...otherRegions] = regions;
  const [account, ...otherAccounts] = accounts;
  return {
    ...(region !== undefined && otherRegions.length === 0 ? { region } : {}),
    ...(account !== undefined && otherAccounts.length === 0 ? { account } : {}),
  };
}
