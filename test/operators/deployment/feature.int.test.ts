import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';
import { type Behaviour, RolloutModel } from './rollout-model.js';

const breaker = (over: object = {}): object => ({
  deploymentCircuitBreaker: { enable: true, rollback: true, ...over },
});
const models: RolloutModel[] = [];

// Half an hour passes in each of these tests, in steps; on a busy machine that takes more than jest allows by itself.
jest.setTimeout(60_000);

/** Deployment web with 4 pods, whose first revision has completed under the eyes of the operator. */
async function completed(configuration: object): Promise<RolloutModel> {
  const model = new RolloutModel(4, configuration);
  models.push(model);
  await model.startOperator();
  await model.run(3);
  expect(model.state).toMatchObject({ rolloutState: 'COMPLETED', completed: { replicaSet: expect.any(String) } });
  return model;
}

const told = (model: RolloutModel): readonly string[] => model.events.map(({ reason }) => reason);

afterEach(async () => {
  for (const model of models.splice(0)) await model.stopOperator();
});

describe('a deployment of a plain Deployment', () => {
  it('that works completes, and its revision is where the next rollback goes to', async () => {
    const model = await completed(breaker());
    model.apply('shop/web:2', 'works');
    await model.run(10);
    expect(model.serving).toEqual(Array.from({ length: 4 }, () => 'shop/web:2'));
    expect(model.state).toMatchObject({ rolloutState: 'COMPLETED', circuitBreaker: 'MONITORING_COMPLETE' });
    expect(told(model)).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
  });

  it.each<Behaviour>(['crashes', 'cannot be pulled'])('that %s goes back to what ran before', async (behaviour) => {
    const model = await completed(breaker());
    model.apply('shop/web:2', behaviour);
    await model.run(10);
    expect(model.image).toBe('shop/web:1');
    expect(model.serving).toEqual(Array.from({ length: 4 }, () => 'shop/web:1'));
    expect(model.state).toMatchObject({
      rolloutState: 'COMPLETED',
      failed: [
        {
          evidence: expect.stringContaining('3 tasks failed, of at most 3'),
          outcome: expect.stringContaining('rolled back'),
        },
      ],
    });
    expect(told(model).slice(2)).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_FAILED',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
    const failed = model.events.find(({ reason }) => reason === 'SERVICE_DEPLOYMENT_FAILED');
    expect(failed).toMatchObject({
      type: 'Warning',
      action: 'Rollback',
      metadata: { labels: { 'tranship.dev/outbox': 'v1' } },
    });
  });

  it('that fails without rollback is paused and starts no more pods, until another template comes', async () => {
    const model = await completed(breaker({ rollback: false }));
    model.apply('shop/web:2', 'crashes');
    await model.run(10);
    expect(model.deployment.spec).toMatchObject({ paused: true });
    expect(model.serving.filter((image) => image === 'shop/web:1')).toHaveLength(4);
    expect(model.started.get('shop/web:2')).toBe(1);
    expect(model.events.at(-1)).toMatchObject({
      reason: 'SERVICE_DEPLOYMENT_FAILED',
      note: expect.stringContaining('kubectl rollout resume deployment/web'),
    });
    model.apply('shop/web:3', 'works');
    await model.run(10);
    expect(model.deployment.spec).toMatchObject({ paused: false });
    expect(model.serving).toEqual(Array.from({ length: 4 }, () => 'shop/web:3'));
  });

  it('that failed is not tried again when a repository brings it back, but when somebody resumes it', async () => {
    const model = await completed(breaker());
    model.apply('shop/web:2', 'crashes');
    await model.run(10);
    const started = model.started.get('shop/web:2') ?? 0;
    for (let again = 0; again < 3; again += 1) {
      model.apply('shop/web:2', 'crashes');
      await model.run(2);
    }
    expect(model.deployment.spec).toMatchObject({ paused: true });
    expect(model.serving.filter((image) => image === 'shop/web:1').length).toBeGreaterThanOrEqual(4);
    expect(model.started.get('shop/web:2')).toBeLessThanOrEqual(started + 1);
    model.behaviours.set('shop/web:2', 'works');
    model.resume();
    await model.run(15);
    expect(model.serving).toEqual(Array.from({ length: 4 }, () => 'shop/web:2'));
    expect(model.state?.failed).toBeUndefined();
  });

  it('is paused when the revision to go back to is gone', async () => {
    const model = await completed(breaker());
    const { replicaSet = '' } = model.state?.completed ?? {};
    model.apply('shop/web:2', 'crashes');
    await model.run(0.5);
    model.server.remove(RESOURCE.replicaSet, { namespace: 'shop', name: replicaSet });
    await model.run(10);
    expect(model.deployment.spec).toMatchObject({ paused: true });
    expect(model.state?.failed?.[0]?.evidence).toContain('is gone');
  });

  it('is followed by another process where the first one stopped, and each thing is told once', async () => {
    const model = await completed(breaker());
    model.apply('shop/web:2', 'crashes');
    for (let turn = 0; turn < 8; turn += 1) {
      await model.run(0.5);
      await model.stopOperator();
      await model.startOperator();
    }
    await model.run(5);
    expect(model.image).toBe('shop/web:1');
    expect(told(model).filter((reason) => reason === 'SERVICE_DEPLOYMENT_FAILED')).toHaveLength(1);
  });

  it('goes back once, and says so once, whatever becomes of the calls', async () => {
    const fates = fc.array(fc.constantFrom('Conflict', 'Unavailable', 'Timeout', 'lost answer', undefined), {
      minLength: 4,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fates, async (fate) => {
        const model = await completed(breaker());
        const left = [...fate];
        model.fateOf = ({ verb }) => {
          if (verb !== 'patch' && verb !== 'create') return undefined;
          const next = left.shift();
          return next === undefined || next === 'lost answer' ? next : new ApiError(next, 'as the test wants');
        };
        model.apply('shop/web:2', 'crashes');
        await model.run(15);
        expect(model.serving).toEqual(Array.from({ length: 4 }, () => 'shop/web:1'));
        expect(model.state).toMatchObject({
          rolloutState: 'COMPLETED',
          failed: [{ outcome: expect.stringContaining('rolled back') }],
        });
        expect(model.started.get('shop/web:2')).toBe(1);
        expect(told(model).filter((reason) => reason === 'SERVICE_DEPLOYMENT_FAILED')).toHaveLength(1);
        await model.stopOperator();
      }),
      { numRuns: 8 },
    );
  });

  it('comes to rest: nothing is written while nothing happens', async () => {
    const model = await completed(breaker());
    const before = model.patches;
    await model.run(30);
    expect(model.patches).toBe(before);
  });

  it('of a Deployment without the annotation is none of its business', async () => {
    const model = new RolloutModel(2, {});
    models.push(model);
    model.server.patch(RESOURCE.deployment, { namespace: 'shop', name: 'web' }, { metadata: { annotations: null } });
    await model.startOperator();
    await model.run(5);
    expect(model.patches).toBe(0);
  });
});
