import { describe, expect, it } from '@jest/globals';
import type { Field } from '../../../charts/ecs/field.js';
import type { PortContext } from '../../../charts/port/pod-draft.js';
import { entryOf, rootOf } from './context.js';
import { deploy } from './deploy.js';

/** Prerequisites by id, with what they are for. */
function needs(context: PortContext, id: string): readonly string[] {
  return context.findings.prerequisites.filter((each) => each.id === id).map(({ why }) => why);
}

describe('what only an operator can do', () => {
  it('stands in an annotation in the names of ECS', () => {
    const { configuration, context } = deploy({
      desiredCount: 2,
      deploymentController: { type: 'ECS' },
      deploymentConfiguration: {
        strategy: 'CANARY',
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        bakeTimeInMinutes: 10,
        canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 5 },
        deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration: { type: 'COUNT', value: 4 } },
        alarms: { enable: true, rollback: true, alarmNames: ['errors'] },
        lifecycleHooks: [
          {
            hookTargetArn: 'arn:aws:lambda:eu-west-1:111122223333:function:check',
            roleArn: 'arn:aws:iam::111122223333:role/hook',
            lifecycleStages: ['POST_SCALE_UP'],
            hookDetails: { depth: 2 },
          },
        ],
      },
      loadBalancers: [
        {
          targetGroupArn: 'blue',
          containerName: 'app',
          containerPort: 80,
          advancedConfiguration: { alternateTargetGroupArn: 'green', productionListenerRule: 'rule', roleArn: 'role' },
        },
      ],
    });
    expect(configuration).toEqual({
      strategy: 'CANARY',
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      deploymentController: 'ECS',
      deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration: { type: 'COUNT', value: 4 } },
      alarms: { enable: true, rollback: true, alarmNames: ['errors'] },
      bakeTimeInMinutes: 10,
      lifecycleHooks: [
        {
          hookTargetArn: 'arn:aws:lambda:eu-west-1:111122223333:function:check',
          lifecycleStages: ['POST_SCALE_UP'],
          hookDetails: { depth: 2 },
        },
      ],
      canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 5 },
      loadBalancers: [{ targetGroupArn: 'blue', alternateTargetGroupArn: 'green', productionListenerRule: 'rule' }],
    });
    expect(needs(context, 'tranship-operator')).toEqual([
      'Deployment shop/web: CANARY deployment, bake time, deployment circuit breaker, deployment alarms, lifecycle hooks',
    ]);
  });

  it.each(['BLUE_GREEN', 'LINEAR', 'CANARY'])(
    'falls back to a rolling update for %s and says that it needs the operator',
    (strategy) => {
      const { result, ledger } = deploy({ desiredCount: 2, deploymentConfiguration: { strategy } });
      expect(result.spec).toMatchObject({
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
      });
      expect(entryOf(ledger, 'deploymentConfiguration.strategy')).toMatchObject({
        fidelity: 'needs-addon',
        lost: expect.stringContaining('the update is a rolling one'),
        todo: expect.stringContaining('tranship operator'),
      });
    },
  );

  it('is nothing for a plain rolling update', () => {
    const { context, configuration } = deploy({
      desiredCount: 2,
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: false, rollback: false } },
    });
    expect(needs(context, 'tranship-operator')).toEqual([]);
    expect(configuration).toMatchObject({ strategy: 'ROLLING', maximumPercent: 200, minimumHealthyPercent: 100 });
  });

  it('includes the hooks of a CodeDeploy appspec', () => {
    const hooks = [{ event: 'AfterAllowTestTraffic', lambda: 'check' }];
    const { configuration, ledger } = deploy(
      { desiredCount: 2, deploymentController: { type: 'CODE_DEPLOY' } },
      {
        appSpec: (book) => {
          const root: Field<unknown> = rootOf(book, 'appspec.json', { Hooks: [{ AfterAllowTestTraffic: 'check' }] });
          return { document: 'appspec.json', ids: [], hooks, root, diagnostics: [] };
        },
      },
    );
    expect(configuration).toMatchObject({ deploymentController: 'CODE_DEPLOY', appSpec: { hooks } });
    expect(entryOf(ledger, 'deploymentController.type').fidelity).toBe('needs-addon');
    expect(entryOf(ledger, 'Hooks[0].AfterAllowTestTraffic').fidelity).toBe('needs-addon');
  });

  it('does not include task sets, which an outside controller makes', () => {
    const { ledger } = deploy({ desiredCount: 2, deploymentController: { type: 'EXTERNAL' } });
    expect(entryOf(ledger, 'deploymentController.type').fidelity).toBe('none');
  });
});

describe('the tags of a service', () => {
  const tags = [
    { key: 'team', value: 'shop' },
    { key: 'cost centre/α', value: '7' },
  ];

  it('become annotations of the workload, and of the pods when ECS propagates them', () => {
    const { result, pod } = deploy({ desiredCount: 1, tags, propagateTags: 'SERVICE' });
    expect(result.annotations).toMatchObject({ 'tags.tranship.dev/team': 'shop' });
    expect(pod.annotations.get('tags.tranship.dev/team')).toBe('shop');
    const keys = Object.keys(result.annotations).filter((key) => key.startsWith('tags.'));
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^tags\.tranship\.dev\/[A-Za-z0-9][A-Za-z0-9._-]{0,61}[A-Za-z0-9]$/);
  });

  it('stay off the pods otherwise', () => {
    expect(deploy({ desiredCount: 1, tags }).pod.annotations.size).toBe(0);
  });
});
