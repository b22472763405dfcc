import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { RunTask } from '../../../charts/ecs/model/ahead-of-sdk.js';
import { applyContainers, draftPod } from '../../../charts/port/containers.js';
import { applyEnvironment } from '../../../charts/port/environment.js';
import { applyEnvironmentFiles } from '../../../charts/port/environment-files.js';
import { applyIdentity } from '../../../charts/port/identity.js';
import { taskToJob } from '../../../charts/port/jobs.js';
import { overriddenDefinition } from '../../../charts/port/overrides.js';
import { applyPlacement } from '../../../charts/port/placement.js';
import { applyResources } from '../../../charts/port/resources.js';
import { applyVolumes } from '../../../charts/port/volumes.js';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { Ledger } from '../../../charts/report/ledger.js';
import { anyStructure, everyField, jsonOf } from './any-structure.js';
import { entryOf, rootOf, taskOf, testContext, workloadOf } from './context.js';

const TEMPLATE = {
  metadata: {
    labels: { 'app.kubernetes.io/name': 'migrate' },
    annotations: { 'tranship.dev/task-definition': 'migrate' },
  },
  spec: { containers: [{ name: 'main', image: 'example/migrate:1' }] },
};
const CALL = { taskDefinition: 'migrate', cluster: 'prod' };
const validator = createManifestValidator('1.33');

function run(call: object | undefined, name = 'migrate') {
  const ledger = new Ledger();
  const { definition } = taskOf({ family: 'migrate', containerDefinitions: [] }, ledger);
  const runTask =
    call === undefined
      ? {}
      : {
          runTask: {
            document: 'call.json',
            ids: [],
            name: 'migrate',
            definition: rootOf<RunTask>(ledger, 'call.json', call, 'ecs.RunTaskRequest'),
            diagnostics: [],
          },
        };
  const workload = workloadOf(definition, { kind: 'task', name: 'migrate', cluster: 'prod', ...runTask });
  const context = testContext({
    workload,
    name,
    title: `Job shop/${name}`,
    selector: { 'app.kubernetes.io/name': name },
  });
  taskToJob(context, TEMPLATE);
  const [job] = context.manifests.filter(({ kind }) => kind === 'Job');
  if (job === undefined) throw new Error('no Job');
  return { job, context, ledger, entry: (path: string) => entryOf(ledger, path, 'call.json') };
}

describe('the Job of a one-off task', () => {
  it('runs the pod once, never again, and is forgotten after an hour', () => {
    const { job } = run(CALL);
    expect(job).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'migrate',
        namespace: 'shop',
        labels: { 'app.kubernetes.io/name': 'migrate', 'app.kubernetes.io/managed-by': 'tranship' },
      },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 0,
        ttlSecondsAfterFinished: 3600,
        template: { metadata: TEMPLATE.metadata, spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } },
      },
    });
  });

  it('runs a task definition that no call runs, once', () => {
    expect(run(undefined).job).toEqual(run(CALL).job);
  });

  it('runs several tasks at once, and lets each fail without ending the others', () => {
    const { job, entry } = run({ ...CALL, count: 3 });
    expect(job['spec']).toMatchObject({
      parallelism: 3,
      completions: 3,
      completionMode: 'Indexed',
      backoffLimitPerIndex: 0,
    });
    expect(job['spec']).not.toHaveProperty('backoffLimit');
    expect(entry('count')).toMatchObject({
      fidelity: 'same',
      kubernetes: ['Job.spec.parallelism', 'Job.spec.completions'],
    });
  });

  it('says that applying it again does not run it again', () => {
    expect(run(CALL).entry('taskDefinition')).toMatchObject({
      fidelity: 'near',
      todo: 'kubectl delete job migrate first, or set metadata.generateName and use kubectl create',
    });
  });

  it('labels the pods with who started them and with their group, so that they can be found', () => {
    const { job } = run({ ...CALL, startedBy: 'release-7', group: 'batch jobs' });
    expect(job.metadata.labels).toMatchObject({ 'tranship.dev/started-by': 'release-7' });
    expect(job).toHaveProperty('spec.template.metadata.labels', {
      'app.kubernetes.io/name': 'migrate',
      'ecs.tranship.dev/task-group': expect.stringMatching(/^batch_jobs-[0-9a-f]{8}$/),
      'tranship.dev/started-by': 'release-7',
    });
  });

  it('keeps as an annotation what a label cannot hold', () => {
    const { job, entry } = run({ ...CALL, startedBy: 'user@example.com/7', referenceId: 'ref' });
    expect(job.metadata.annotations).toEqual({ 'tranship.dev/started-by': 'user@example.com/7' });
    expect(job.metadata.labels).toMatchObject({ 'tranship.dev/reference-id': 'ref' });
    expect(entry('startedBy').fidelity).toBe('near');
    expect(entry('referenceId').fidelity).toBe('same');
  });

  it('carries tags to the Job and its pod', () => {
    const { job } = run({ ...CALL, tags: [{ key: 'cost center', value: '42' }], enableECSManagedTags: true });
    const annotations = job.metadata.annotations ?? {};
    expect(Object.values(annotations).toSorted()).toEqual(['42', 'prod']);
    expect(job).toHaveProperty('spec.template.metadata.annotations', {
      ...annotations,
      ...TEMPLATE.metadata.annotations,
    });
  });

  it('gives the pods the security groups of the call', () => {
    const { context } = run({
      ...CALL,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } },
    });
    expect(context.manifests).toContainEqual(
      expect.objectContaining({
        kind: 'SecurityGroupPolicy',
        spec: expect.objectContaining({ securityGroups: { groupIds: ['sg-1'] } }),
      }),
    );
  });

  it('keeps the name that ECS had where Kubernetes does not take it', () => {
    expect(run(CALL, 'migrate-1a2b3c').job.metadata).toMatchObject({
      name: 'migrate-1a2b3c',
      annotations: { 'tranship.dev/ecs-name': 'migrate' },
    });
  });

  it('accounts for every field of a call, together with the concerns that shape the pod', () => {
    const ledger = new Ledger();
    const original = taskOf(
      {
        family: 'name',
        containerDefinitions: [{ name: 'name', image: 'example/app:1' }],
        volumes: [{ name: 'name', configuredAtLaunch: true }],
      },
      ledger,
    ).definition;
    const everything = everyField(
      'ecs.RunTaskRequest',
      new Map([
        ['name', 'name'],
        ['cpu', '1'],
        ['memory', '1'],
      ]),
    );
    const call = rootOf<RunTask>(ledger, 'call.json', everything, 'ecs.RunTaskRequest');
    const { definition, diagnostics } = overriddenDefinition(ledger, original, call.get('overrides'));
    const runTask = { document: 'call.json', ids: [], name: 'name', definition: call, diagnostics: [] };
    const context = testContext({ workload: workloadOf(definition, { kind: 'task', runTask }) });
    const pod = draftPod(definition);
    applyContainers(pod, context);
    applyVolumes(definition, pod, context);
    applyEnvironmentFiles(definition, pod, context);
    applyEnvironment(pod, context);
    applyResources(definition, pod, context);
    applyIdentity(definition, pod, context);
    applyPlacement(definition, pod, context);
    taskToJob(context, TEMPLATE);
    expect(diagnostics).toEqual([]);
    const untouched = ledger.entries().filter((entry) => entry.untouched === true && entry.document === 'call.json');
    expect(untouched.map(({ path }) => path)).toEqual([]);
  });

  it('accounts for its own fields of any call and makes a valid Job of it', () => {
    const others = /^(overrides|placement|capacityProviderStrategy|launchType|volumeConfigurations)/;
    fc.assert(
      fc.property(anyStructure('ecs.RunTaskRequest'), (call) => {
        const { context, ledger } = run({ text: jsonOf(call) });
        const untouched = ledger
          .entries()
          .filter((entry) => entry.untouched === true && entry.document === 'call.json');
        expect(untouched.map(({ path }) => path).filter((path) => !others.test(path))).toEqual([]);
        expect(context.manifests.flatMap((manifest) => validator.validate(manifest))).toEqual([]);
      }),
    );
  });
});
