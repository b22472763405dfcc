import { describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../../charts/port/manifest.js';
import { entryOf } from './context.js';
import { deploy } from './deploy.js';

describe('the replicas of a service', () => {
  it('are the desired count', () => {
    expect(deploy({ desiredCount: 3 }).result.spec).toMatchObject({ replicas: 3 });
    expect(deploy({ desiredCount: 0 }).result.spec).toMatchObject({ replicas: 0 });
  });

  it('are left to the autoscaler when there is one', () => {
    const { result, ledger } = deploy({ desiredCount: 3 }, { autoscaled: true });
    expect(result.spec).not.toHaveProperty('replicas');
    expect(result.spec).toMatchObject({ strategy: { rollingUpdate: { maxSurge: '100%', maxUnavailable: '0%' } } });
    expect(entryOf(ledger, 'desiredCount').kubernetes).toEqual(['HorizontalPodAutoscaler.spec.minReplicas']);
  });

  it('are 1 where the input does not say, and the port says that it assumed so', () => {
    const { result, context } = deploy({ serviceName: 'web' });
    expect(result.spec).toMatchObject({ replicas: 1 });
    expect(context.findings.assumptions).toEqual([
      'Deployment shop/web: 1 replica, since the input names no desired count',
    ]);
    expect(deploy(undefined).result.spec).toMatchObject({ replicas: 1 });
  });

  it('are 1 where the count is an unresolved reference, and the report names it', () => {
    const { result, context, ledger } = deploy({ text: '{"desiredCount": ${DesiredCount}}' });
    expect(result.spec).toMatchObject({ replicas: 1 });
    expect(context.findings.assumptions.join()).toContain('${DesiredCount} is not known');
    expect(entryOf(ledger, 'desiredCount')).toMatchObject({
      fidelity: 'near',
      lost: expect.stringContaining('is not known'),
    });
  });
});

describe('the update of a service', () => {
  it('has absolute bounds, since Kubernetes rounds a surge percentage the other way', () => {
    const { result } = deploy({
      desiredCount: 3,
      deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 50 },
    });
    expect(result.spec).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    });
  });

  it('has the defaults of ECS where the service names no percentages', () => {
    expect(deploy({ desiredCount: 2 }).result.spec).toMatchObject({
      strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
    });
  });

  it('takes one pod down where ECS would wait for ever, and says so loudly', () => {
    const { result, context, ledger } = deploy({
      desiredCount: 1,
      deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 100 },
    });
    expect(result.spec).toMatchObject({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } });
    const lost =
      '100% and 100% of 1 tasks leave no room for an update: ECS would wait for ever, here one pod is taken down at a time';
    expect(entryOf(ledger, 'deploymentConfiguration.maximumPercent')).toMatchObject({ fidelity: 'near', lost });
    expect(entryOf(ledger, 'deploymentConfiguration.minimumHealthyPercent')).toMatchObject({ fidelity: 'near', lost });
    expect(context.findings.assumptions).toEqual([
      'Deployment shop/web: maxUnavailable 1, since 100% and 100% of 1 tasks leave no room for an update',
    ]);
  });

  it('counts a pod as ready after 40 s when nothing checks its health, as ECS does', () => {
    const checked = {
      family: 'web',
      containerDefinitions: [{ name: 'app', image: 'app', healthCheck: { command: ['CMD', 'true'] } }],
    };
    const unchecked = {
      family: 'web',
      containerDefinitions: [{ name: 'app', image: 'app', healthCheck: { command: ['NONE'] } }],
    };
    const aside = {
      family: 'web',
      containerDefinitions: [{ name: 'app', essential: false, healthCheck: { command: ['CMD', 'true'] } }],
    };
    const network = { hasLoadBalancer: false };
    expect(deploy({}, { network }).result.spec.minReadySeconds).toBe(40);
    expect(deploy({}, { network, task: unchecked }).result.spec.minReadySeconds).toBe(40);
    expect(deploy({}, { network, task: aside }).result.spec.minReadySeconds).toBe(40);
    expect(deploy({}, { network, task: checked }).result.spec).not.toHaveProperty('minReadySeconds');
    expect(deploy({}).result.spec).not.toHaveProperty('minReadySeconds');
  });

  it('has a deadline beyond the grace period of all its rounds', () => {
    const network = { hasLoadBalancer: true, healthCheckGracePeriodSeconds: 120 };
    const slow = { desiredCount: 10, deploymentConfiguration: { maximumPercent: 110, minimumHealthyPercent: 100 } };
    expect(deploy(slow, { network }).result.spec).toMatchObject({ progressDeadlineSeconds: 600 + 10 * 120 });
    expect(deploy({ desiredCount: 10 }, { network }).result.spec).toMatchObject({ progressDeadlineSeconds: 720 });
  });
});

describe('the disruption budget of a service', () => {
  const budgetOf = (service: object, given = {}): Manifest[] => deploy(service, given).context.manifests;

  it('keeps the healthy percentage while nodes are drained', () => {
    const [budget] = budgetOf({ desiredCount: 4, deploymentConfiguration: { minimumHealthyPercent: 50 } });
    expect(budget).toEqual({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        minAvailable: '50%',
        selector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    });
  });

  it('lets one pod go where it would otherwise block every drain', () => {
    expect(budgetOf({ desiredCount: 4 })[0]).toMatchObject({ spec: { maxUnavailable: 1 } });
    expect(budgetOf({ desiredCount: 1, deploymentConfiguration: { minimumHealthyPercent: 50 } })[0]).toMatchObject({
      spec: { maxUnavailable: 1 },
    });
  });

  it('is left out when nothing must stay, for daemons, and for tasks that no service runs', () => {
    expect(budgetOf({ desiredCount: 4, deploymentConfiguration: { minimumHealthyPercent: 0 } })).toEqual([]);
    expect(budgetOf({ schedulingStrategy: 'DAEMON', deploymentConfiguration: { minimumHealthyPercent: 50 } })).toEqual(
      [],
    );
    expect(deploy(undefined).context.manifests).toEqual([]);
  });
});

describe('a daemon', () => {
  it('becomes a DaemonSet of which all pods may stop at once, the default of the ECS API', () => {
    const { result, pod } = deploy({ schedulingStrategy: 'DAEMON' });
    expect(result.kind).toBe('DaemonSet');
    expect(result.spec).toEqual({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
    });
    expect(pod.spec.priorityClassName).toBe('system-node-critical');
  });

  it('keeps its healthy percentage', () => {
    const { result } = deploy({
      schedulingStrategy: 'DAEMON',
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
    });
    expect(result.spec).toMatchObject({ updateStrategy: { rollingUpdate: { maxUnavailable: '50%' } } });
  });

  it('lets one pod stop where none may, and says so', () => {
    const { result, context } = deploy({
      schedulingStrategy: 'DAEMON',
      deploymentConfiguration: { minimumHealthyPercent: 100 },
    });
    expect(result.spec).toMatchObject({ updateStrategy: { rollingUpdate: { maxUnavailable: 1 } } });
    expect(context.findings.assumptions).toHaveLength(1);
  });
});
