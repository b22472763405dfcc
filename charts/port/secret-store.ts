import type { SecretService } from '../ecs/secret-reference.js';
import { executionRole } from './execution-role.js';
import { dnsLabel, withHash } from './names.js';
import type { PortContext } from './pod-draft.js';
import { serviceAccountFor } from './service-account.js';

/** What stands for a region that neither the input nor the options tell. */
export const UNKNOWN_REGION = 'REGION';

/** How the report calls the role of the External Secrets operator. */
const OPERATOR_ROLE = 'External Secrets operator role';

/** What a reader of each service must be allowed. */
const READ_ACTION: Readonly<Record<SecretService, string>> = {
  SecretsManager: 'secretsmanager:GetSecretValue',
  ParameterStore: 'ssm:GetParameter',
};

/** Label of each service for names of objects. */
const SERVICE_LABEL: Readonly<Record<SecretService, string>> = {
  SecretsManager: 'secrets-manager',
  ParameterStore: 'parameter-store',
};

/** `secrets-manager`, or `secrets-manager.eu-west-1` for another region than the workload's own. */
export function storeLabel(context: PortContext, service: SecretService, region: string | undefined): string {
  const own = region === undefined || region === context.region;
  return own ? SERVICE_LABEL[service] : `${SERVICE_LABEL[service]}.${regionLabel(region)}`;
}

/**
 * The SecretStore that reads a service in a region, one per namespace, service, region and execution role.
 *
 * ECS reads secrets with the execution role, so the store uses that role too: by IRSA through a ServiceAccount of the
 * role that no pod runs under; otherwise the operator's own identity assumes it, since the operator cannot take on a
 * ServiceAccount that has its role from Pod Identity. Pods thus get no permission on secrets that their tasks did not have.
 *
 * Source: external-secrets.io/v1 `AWSProvider`; External Secrets documentation, "AWS Authentication".
 *
 * @param region of the secret; the workload's own when absent
 * @returns the store's name
 */
export function secretStoreFor(context: PortContext, service: SecretService, region: string | undefined): string {
  const { namespace, options, findings } = context;
  const role = executionRole(context);
  const where = region ?? context.region ?? UNKNOWN_REGION;
  const name = [SERVICE_LABEL[service], regionLabel(where), ...(role === undefined ? [] : [role.label])].join('.');
  const aws: Record<string, unknown> = { service, region: where };
  if (role !== undefined && options.identity === 'irsa') {
    const account = serviceAccountFor(context, role, 'irsa', `SecretStore ${namespace}/${name}`);
    aws['auth'] = { jwt: { serviceAccountRef: { name: account } } };
  } else if (role !== undefined) {
    aws['role'] = role.arn;
    findings.trust({
      role: role.text,
      change:
        'let the role of the External Secrets operator assume it, and grant that role sts:AssumeRole on it; put the operator’s role in place of EXTERNAL_SECRETS_ROLE_ARN',
      statement: { Effect: 'Allow', Principal: { AWS: 'EXTERNAL_SECRETS_ROLE_ARN' }, Action: 'sts:AssumeRole' },
    });
  }
  if (role === undefined) {
    findings.trust({
      role: OPERATOR_ROLE,
      change: `grant ${READ_ACTION[service]} on what ${context.title} reads: its execution role is not in the input`,
    });
  } else if (service === 'ParameterStore') {
    findings.trust({
      role: role.text,
      change:
        'grant ssm:GetParameter where it has ssm:GetParameters: ECS reads several parameters in one call, the operator one',
    });
  }
  context.share({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace },
    spec: { provider: { aws } },
  });
  findings.require('external-secrets', `secrets of ${context.title}`);
  if (where === UNKNOWN_REGION) {
    findings.assume(
      `the region of SecretStore ${namespace}/${name} is not in the input; put it in place of ${UNKNOWN_REGION}`,
    );
  }
  return name;
}

/** A region's name as part of an object's name; two regions never share one, placeholders included. */
function regionLabel(region: string): string {
  const label = dnsLabel(region);
  return label === region ? label : withHash(label, region);
}
