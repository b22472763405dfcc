import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroupInput } from '../../../charts/ecs/input.js';
import type { Manifest } from '../../../charts/port/manifest.js';
import { applyNetwork, type NetworkResult } from '../../../charts/port/network.js';
import type { PodDraft, PortContext } from '../../../charts/port/pod-draft.js';
import { Ledger } from '../../../charts/report/ledger.js';
import { draftOf, rootOf, serviceOf, taskOf, testContext, workloadOf } from './context.js';

/** The target group of the tests' load balancers. */
export const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-web/0123456789abcdef';

/** What the network concerns made of a task and its service. */
export interface Networked {
  readonly network: NetworkResult;
  readonly pod: PodDraft;
  readonly context: PortContext & { readonly manifests: Manifest[] };
  readonly ledger: Ledger;
  readonly kinds: (kind: string) => readonly Manifest[];
}

/** What runs the task, and what the input holds beside it. */
export interface Given {
  readonly service?: object;
  readonly groups?: readonly {
    readonly group: object;
    readonly attributes?: Record<string, string>;
    readonly ids?: readonly string[];
  }[];
  readonly context?: Partial<PortContext>;
}

/** Runs the network concerns on a task of family `web`. */
export function connect(task: object, given: Given = {}): Networked {
  const ledger = new Ledger();
  const { definition } = taskOf({ family: 'web', ...task }, ledger);
  const targetGroups = (given.groups ?? []).map(({ group, attributes = {}, ids = [ARN] }, index): TargetGroupInput => {
    const fields = rootOf<Record<string, string>>(ledger, `attributes${index}.json`, attributes);
    return {
      document: `group${index}.json`,
      ids,
      definition: rootOf<CreateTargetGroupCommandInput>(
        ledger,
        `group${index}.json`,
        group,
        'elastic-load-balancing-v2.CreateTargetGroupInput',
      ),
      attributes: new Map(fields.entries().map(([key, field]) => [key, field])),
      diagnostics: [],
    };
  });
  const workload = workloadOf(definition, {
    targetGroups,
    ...(given.service === undefined
      ? {}
      : {
          service: {
            document: 'service.json',
            ids: [],
            name: 'web',
            definition: serviceOf(given.service, ledger).definition,
            diagnostics: [],
          },
        }),
  });
  const context = testContext({ workload, ...given.context });
  const pod = draftOf(definition);
  const network = applyNetwork(definition, pod, context);
  return {
    network,
    pod,
    context,
    ledger,
    kinds: (kind) => context.manifests.filter((manifest) => manifest.kind === kind),
  };
}

/** A task of one container with these port mappings. */
export function listening(...portMappings: object[]): { networkMode: string; containerDefinitions: object[] } {
  return { networkMode: 'awsvpc', containerDefinitions: [{ name: 'app', image: 'app', portMappings }] };
}

/** A service with one load balancer in front of port 8080. */
export const BALANCED = { loadBalancers: [{ targetGroupArn: ARN, containerName: 'app', containerPort: 8080 }] };
