import type { AppSpecInput } from '../../../charts/ecs/input.js';
import { applyDeployment, type DeploymentResult } from '../../../charts/port/deployment.js';
import type { Manifest } from '../../../charts/port/manifest.js';
import type { PodDraft, PortContext } from '../../../charts/port/pod-draft.js';
import { Ledger } from '../../../charts/report/ledger.js';
import { draftOf, serviceOf, taskOf, testContext, workloadOf } from './context.js';

const BALANCED = { hasLoadBalancer: true };
const ANNOTATION = 'tranship.dev/deployment-configuration';

/** What became of a service's counts, updates and tags. */
export interface Deployed {
  readonly result: DeploymentResult;
  readonly context: PortContext & { readonly manifests: Manifest[] };
  readonly pod: PodDraft;
  readonly ledger: Ledger;
  readonly configuration: Record<string, unknown>;
}

/** Runs the deployment concern on a service of one container; without a service, on the task alone. */
export function deploy(
  service: object | undefined,
  given: {
    network?: { hasLoadBalancer: boolean; healthCheckGracePeriodSeconds?: number };
    autoscaled?: boolean;
    task?: object;
    appSpec?: (ledger: Ledger) => AppSpecInput;
  } = {},
): Deployed {
  const ledger = new Ledger();
  const { definition } = taskOf(
    given.task ?? { family: 'web', containerDefinitions: [{ name: 'app', image: 'app' }] },
    ledger,
  );
  const appSpec = given.appSpec?.(ledger);
  const workload = workloadOf(definition, {
    ...(service === undefined
      ? {}
      : {
          service: {
            document: 'service.json',
            ids: [],
            name: 'web',
            definition: serviceOf(service, ledger).definition,
            diagnostics: [],
          },
        }),
    ...(appSpec === undefined ? {} : { appSpec }),
  });
  const context = testContext({ workload });
  const pod = draftOf(definition);
  const result = applyDeployment(pod, context, given.network ?? BALANCED, { autoscaled: given.autoscaled ?? false });
  const configuration = JSON.parse(result.annotations[ANNOTATION] ?? '{}') as Record<string, unknown>;
  return { result, context, pod, ledger, configuration };
}
