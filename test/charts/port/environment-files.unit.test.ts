import { describe, expect, it } from '@jest/globals';
import { applyEnvironmentFiles } from '../../../charts/port/environment-files.js';
import { runConcern } from './run-concern.js';

const file = (value: string): object => ({ type: 's3', value });
const task = (...files: readonly object[]): object => ({
  containerDefinitions: [{ name: 'web', image: 'nginx', environmentFiles: files }],
});

describe('environment files', () => {
  it('become Secrets that must exist before the container starts', () => {
    const { pod } = runConcern(applyEnvironmentFiles, task(file('arn:aws:s3:::shop-config/prod/web.env')));
    expect(pod.containers[0]?.spec.envFrom).toEqual([
      { secretRef: { name: expect.stringMatching(/^env-web-[0-9a-f]{6}$/), optional: false } },
    ]);
  });

  it('are listed the other way round: in ECS the first file wins, in envFrom the last', () => {
    const { pod } = runConcern(
      applyEnvironmentFiles,
      task(file('arn:aws:s3:::b/first.env'), file('arn:aws:s3:::b/second.env')),
    );
    const names = pod.containers[0]?.spec.envFrom?.map(({ secretRef }) => secretRef?.name);
    expect(names).toEqual([expect.stringMatching(/^env-second-/), expect.stringMatching(/^env-first-/)]);
  });

  it('are created with a command that the report gives', () => {
    const { entry, pod } = runConcern(applyEnvironmentFiles, task(file('arn:aws:s3:::shop-config/prod/web.env')));
    const name = pod.containers[0]?.spec.envFrom?.[0]?.secretRef?.name ?? '';
    expect(entry('containerDefinitions[0].environmentFiles[0].value').todo).toBe(
      `create Secret shop/${name}: aws s3 cp s3://shop-config/prod/web.env - | grep = | kubectl create secret generic ${name} --namespace shop --from-env-file=/dev/stdin`,
    );
  });

  it('put an object key that means something to a shell between quotation marks', () => {
    const { entry } = runConcern(applyEnvironmentFiles, task(file("arn:aws:s3:::b/$(id)'x.env")));
    expect(entry('containerDefinitions[0].environmentFiles[0].value').todo).toContain(
      "aws s3 cp 's3://b/$(id)'\\''x.env' - |",
    );
  });

  it('of one ARN are one Secret, and of two ARNs two, though the files are called alike', () => {
    const { pod } = runConcern(applyEnvironmentFiles, {
      containerDefinitions: [
        { name: 'a', environmentFiles: [file('arn:aws:s3:::b/one/web.env'), file('arn:aws:s3:::b/two/web.env')] },
        { name: 'b', environmentFiles: [file('arn:aws:s3:::b/one/web.env'), file('arn:aws:s3:::b/one/web.env')] },
      ],
    });
    const [a, b] = pod.containers.map(({ spec }) => spec.envFrom?.map(({ secretRef }) => secretRef?.name) ?? []);
    expect(new Set(a).size).toBe(2);
    expect(b).toEqual([a?.[1]]);
  });

  it('are all accounted for, the unusable ones too', () => {
    const { untouched, entry, pod } = runConcern(
      applyEnvironmentFiles,
      task(file('arn:aws:s3:::b/web.env'), { type: 's3' }, file('')),
    );
    expect(untouched().filter((path) => path.includes('environmentFiles'))).toEqual([]);
    expect(entry('containerDefinitions[0].environmentFiles[2].value').fidelity).toBe('none');
    expect(pod.containers[0]?.spec.envFrom).toHaveLength(1);
  });
});
