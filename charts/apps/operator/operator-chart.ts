import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Manifest } from '../../port/manifest.js';
import { addManifest } from '../../render.js';
import { avoidFailedNodes, canAvoidNodes } from './avoid-failed-nodes.js';
import { execWebhookConfiguration } from './exec-webhook-configuration.js';
import { healingPolicyDefinition } from './healing-policy-crd.js';
import { healingPolicyFields } from './healing-policy-fields.js';
import { monitoring } from './monitoring/index.js';
import type { OperatorOptions } from './names.js';
import { networkPolicy } from './network-policy.js';
import { operatorDeployment, operatorNamespace } from './operator-deployment.js';
import { operatorAccess, peopleAccess } from './operator-rbac.js';

/**
 * The whole installation by file, in the order in which `kubectl apply -f FOLDER` takes them. None of them holds an object
 * of a kind that another one defines, so one command is enough on a cluster that knows nothing of it yet.
 */
export function operatorManifests(options: OperatorOptions): ReadonlyMap<string, readonly Manifest[]> {
  const avoids = options.avoidNodes && canAvoidNodes(options.kubernetes);
  return new Map([
    ['0-namespace.yaml', [operatorNamespace(options)]],
    ['1-healing-policies.yaml', [healingPolicyDefinition(), ...healingPolicyFields()]],
    ['2-access.yaml', [...operatorAccess(options), ...peopleAccess()]],
    ['3-operator.yaml', [networkPolicy(options), ...operatorDeployment(options)]],
    ['4-admission.yaml', [execWebhookConfiguration(options), ...(avoids ? avoidFailedNodes() : [])]],
    ...monitoring(options),
  ]);
}

/**
 * The same as a chart, for a cdk8s app of a team's own.
 *
 * @example new OperatorChart(app, 'operator', { ...DEFAULT_OPERATOR_OPTIONS, image: 'registry.example/tranship:0.1.0' })
 */
export class OperatorChart extends Chart {
  constructor(scope: Construct, id: string, options: OperatorOptions) {
    super(scope, id);
    for (const manifests of operatorManifests(options).values())
      for (const manifest of manifests) addManifest(this, manifest);
  }
}
