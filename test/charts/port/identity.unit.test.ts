import { describe, expect, it } from '@jest/globals';
import { applyIdentity } from '../../../charts/port/identity.js';
import { DEFAULT_PORT_OPTIONS } from '../../../charts/port/options.js';
import { distinct, runConcern } from './run-concern.js';

const ROLE = 'arn:aws:iam::111122223333:role/web-task';
const irsa = { options: { ...DEFAULT_PORT_OPTIONS, identity: 'irsa' as const } };

describe('a task role', () => {
  it('becomes a ServiceAccount with a Pod Identity association', () => {
    const { pod, manifest, context, entry } = runConcern(applyIdentity, { taskRoleArn: ROLE });
    const account = manifest('ServiceAccount');
    expect(pod.spec.serviceAccountName).toBe(account.metadata.name);
    expect(account).toMatchObject({ metadata: { namespace: 'shop' }, automountServiceAccountToken: false });
    expect(account.metadata.annotations).toBeUndefined();
    expect(manifest('PodIdentityAssociation')).toEqual({
      apiVersion: 'eks.services.k8s.aws/v1alpha1',
      kind: 'PodIdentityAssociation',
      metadata: { name: account.metadata.name, namespace: 'shop' },
      spec: { clusterName: 'CLUSTER', namespace: 'shop', serviceAccount: account.metadata.name, roleARN: ROLE },
    });
    expect(context.findings.prerequisites.map(({ id }) => id)).toEqual(['pod-identity-agent', 'ack-eks-controller']);
    expect(context.findings.trustChanges).toMatchObject([
      {
        role: ROLE,
        statement: {
          Effect: 'Allow',
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        },
      },
    ]);
    expect(entry('taskRoleArn').fidelity).toBe('needs-addon');
  });

  it('gives no pod a token for the Kubernetes API, with a role or without', () => {
    expect(runConcern(applyIdentity, { taskRoleArn: ROLE }).pod.spec.automountServiceAccountToken).toBe(false);
    const none = runConcern(applyIdentity, {});
    expect(none.pod.spec).toEqual({ automountServiceAccountToken: false });
    expect(none.manifests).toEqual([]);
  });

  it('is found through the OIDC provider when IRSA is asked for', () => {
    const { manifest, manifests, context } = runConcern(applyIdentity, { taskRoleArn: ROLE }, irsa);
    const account = manifest('ServiceAccount');
    expect(account.metadata.annotations).toEqual({ 'eks.amazonaws.com/role-arn': ROLE });
    expect(manifests).toHaveLength(1);
    expect(context.findings.trustChanges[0]?.statement).toEqual({
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/OIDC_PROVIDER' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'OIDC_PROVIDER:sub': `system:serviceaccount:shop:${account.metadata.name}`,
          'OIDC_PROVIDER:aud': 'sts.amazonaws.com',
        },
      },
    });
  });

  it.each([
    ['Windows', { windows: true }],
    ['EKS Fargate', { fargate: true }],
  ])('uses IRSA on %s whatever is asked for, under another name than where Pod Identity is used', (_, where) => {
    const there = runConcern(applyIdentity, { taskRoleArn: ROLE }, where);
    const here = runConcern(applyIdentity, { taskRoleArn: ROLE });
    expect(there.manifest('ServiceAccount').metadata.annotations).toEqual({ 'eks.amazonaws.com/role-arn': ROLE });
    expect(there.entry('taskRoleArn').lost).toContain('Pod Identity does not reach');
    expect(distinct([...there.manifests, ...here.manifests])).toHaveLength(3);
  });

  it('has one ServiceAccount in a namespace, whichever workloads use it and however they name it', () => {
    const byArn = runConcern(applyIdentity, { taskRoleArn: ROLE }, { name: 'api', title: 'Deployment shop/api' });
    const byName = runConcern(applyIdentity, { taskRoleArn: 'web-task' });
    expect(distinct([...byArn.manifests, ...byName.manifests])).toHaveLength(2);
  });

  it('never shares a ServiceAccount with another role, though their names are alike', () => {
    const roles = [
      ROLE,
      'arn:aws:iam::111122223333:role/team-a/web-task',
      'arn:aws:iam::444455556666:role/web-task',
      'arn:aws:iam::111122223333:role/Web_Task',
      '${web_task}',
      '${web-task}',
      '<web-task>',
    ];
    const names = roles.map((role) => runConcern(applyIdentity, { taskRoleArn: role }).pod.spec.serviceAccountName);
    expect(new Set(names).size).toBe(roles.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
  });

  it.each([
    ['web-task', 'arn:aws:iam::111122223333:role/web-task'],
    ['team-a/web-task', 'arn:aws:iam::111122223333:role/team-a/web-task'],
  ])('given by the name %s is completed with the account', (name, arn) => {
    expect(runConcern(applyIdentity, { taskRoleArn: name }).manifest('PodIdentityAssociation')['spec']).toMatchObject({
      roleARN: arn,
    });
  });

  it('is in the partition of its region', () => {
    const { manifest } = runConcern(applyIdentity, { taskRoleArn: 'web-task' }, { region: 'cn-north-1' });
    expect(manifest('PodIdentityAssociation')['spec']).toMatchObject({
      roleARN: 'arn:aws-cn:iam::111122223333:role/web-task',
    });
  });

  it('asks for the account where nothing tells it, and keeps placeholders', () => {
    const unknown = runConcern(applyIdentity, { taskRoleArn: 'web-task' }, { account: undefined });
    expect(unknown.manifest('PodIdentityAssociation')['spec']).toMatchObject({
      roleARN: 'arn:aws:iam::ACCOUNT_ID:role/web-task',
    });
    expect(unknown.entry('taskRoleArn').todo).toContain('arn:aws:iam::ACCOUNT_ID:role/web-task');
    const placeholder = runConcern(applyIdentity, { taskRoleArn: '{{ task-role-arn }}' });
    expect(placeholder.manifest('PodIdentityAssociation')['spec']).toMatchObject({ roleARN: '{{ task-role-arn }}' });
  });

  it('is none when a template left it empty', () => {
    const { pod, manifests, untouched } = runConcern(applyIdentity, { taskRoleArn: '', executionRoleArn: ' ' });
    expect(pod.spec.serviceAccountName).toBeUndefined();
    expect(manifests).toEqual([]);
    expect(untouched()).toEqual(['family']);
  });
});

describe('an execution role', () => {
  const ecr = { name: 'web', image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1' };

  it('has no counterpart, and the report says who does each job that this task gives it', () => {
    const { entry, context } = runConcern(applyIdentity, {
      executionRoleArn: 'arn:aws:iam::111122223333:role/web-execution',
      containerDefinitions: [
        {
          ...ecr,
          secrets: [{ name: 'A', valueFrom: 'a' }],
          environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::shop/web.env' }],
          repositoryCredentials: { credentialsParameter: 'login' },
          logConfiguration: { logDriver: 'awslogs' },
        },
      ],
    });
    const { fidelity, lost } = entry('executionRoleArn');
    expect(fidelity).toBe('none');
    for (const job of [
      'pulling from ECR',
      'reading secrets',
      'reading registry credentials',
      'reading environment files',
      'writing CloudWatch logs',
    ]) {
      expect(lost).toContain(job);
    }
    const changes = context.findings.trustChanges.map(({ change }) => change).join('\n');
    expect(changes).toMatch(/AmazonEC2ContainerRegistryPullOnly\) to the role of the nodes/);
    expect(changes).toContain('s3:GetObject');
    expect(changes).toContain('logs:PutLogEvents');
  });

  it('names only the jobs that the task gives it', () => {
    const { entry, context } = runConcern(applyIdentity, {
      executionRoleArn: 'web-execution',
      containerDefinitions: [ecr],
    });
    expect(entry('executionRoleArn').lost).toContain('pulling from ECR');
    expect(entry('executionRoleArn').lost).not.toContain('secrets');
    expect(context.findings.trustChanges).toHaveLength(1);
  });

  it('is no loss for a task that gives it nothing to do', () => {
    const { entry, context } = runConcern(applyIdentity, {
      executionRoleArn: 'web-execution',
      containerDefinitions: [{ name: 'web', image: 'nginx' }],
    });
    expect(entry('executionRoleArn').fidelity).toBe('same');
    expect(context.findings.trustChanges).toEqual([]);
  });

  it('leaves the pulling to the Fargate profile where there are no nodes', () => {
    const { entry } = runConcern(
      applyIdentity,
      { executionRoleArn: 'web-execution', containerDefinitions: [ecr] },
      { fargate: true },
    );
    expect(entry('executionRoleArn').lost).toContain('the pod execution role of the Fargate profile');
  });
});
