import { describe, expect, it } from '@jest/globals';
import { applyVolumes } from '../../../charts/port/volumes.js';
import { type Outcome, runConcern } from './run-concern.js';

/** Mounts of each container, as `volume:path` with `:ro` when it is read-only. */
function mountsOf({ pod }: Outcome): readonly (readonly string[])[] {
  return pod.containers.map(({ spec }) =>
    (spec.volumeMounts ?? []).map(
      ({ name, mountPath, readOnly }) => `${name}:${mountPath}${readOnly === true ? ':ro' : ''}`,
    ),
  );
}

function port(containerDefinitions: readonly object[], windows = false): Outcome {
  return runConcern(applyVolumes, { volumes: [{ name: 'a' }, { name: 'b' }], containerDefinitions }, { windows });
}

const at = (sourceVolume: string, containerPath: string, more: object = {}): object => ({
  sourceVolume,
  containerPath,
  ...more,
});

describe('mount points', () => {
  it('mount volumes where they say, read-only when they say so', () => {
    const outcome = port([{ name: 'web', mountPoints: [at('a', '/a'), at('b', '/b', { readOnly: true })] }]);
    expect(mountsOf(outcome)).toEqual([['a:/a', 'b:/b:ro']]);
    expect(outcome.untouched().filter((path) => path.includes('mountPoints'))).toEqual([]);
  });

  it('on one path count once, the last one, and a slash at the end makes no other path', () => {
    const outcome = port([{ name: 'web', mountPoints: [at('a', '/data/'), at('b', '/data')] }]);
    expect(mountsOf(outcome)).toEqual([['b:/data']]);
    expect(outcome.entry('containerDefinitions[0].mountPoints[0].containerPath').lost).toContain('mounted twice');
  });

  it.each([
    ['the volume does not exist', at('c', '/data'), 'no volume c'],
    ['a colon stands in the path', at('a', '/da:ta'), 'colon'],
    ['the path is the root', at('a', '/'), 'mounted over'],
    ['there is no path', { sourceVolume: 'a' }, 'without containerPath'],
  ])('are left out and told of when %s', (_, point, lost) => {
    const outcome = port([{ name: 'web', mountPoints: [point] }]);
    expect(mountsOf(outcome)).toEqual([[]]);
    expect(outcome.entry('containerDefinitions[0].mountPoints[0].sourceVolume')).toMatchObject({
      fidelity: 'none',
      lost: expect.stringContaining(lost),
    });
  });

  it('take drive letters on Windows', () => {
    expect(mountsOf(port([{ name: 'web', mountPoints: [at('a', 'C:\\data')] }], true))).toEqual([['a:C:\\data']]);
  });

  it('without a volume get an empty one of their own', () => {
    const outcome = port([
      { name: 'web', mountPoints: [{ containerPath: '/cache' }] },
      { name: 'api', mountPoints: [{ containerPath: '/cache' }] },
    ]);
    const [[web], [api]] = mountsOf(outcome) as [string[], string[]];
    expect(web).not.toBe(api);
    expect(outcome.pod.volumes.filter(({ emptyDir }) => emptyDir !== undefined)).toHaveLength(4);
  });

  it('give way to what is mounted there already', () => {
    const { pod, entry } = runConcern(
      (definition, draft, context) => {
        const [container] = draft.containers;
        if (container !== undefined) container.spec.volumeMounts = [{ name: 'shm', mountPath: '/dev/shm' }];
        applyVolumes(definition, draft, context);
      },
      {
        volumes: [{ name: 'a' }],
        containerDefinitions: [{ name: 'web', mountPoints: [at('a', '/dev/shm'), at('a', '/a')] }],
      },
    );
    expect(pod.containers[0]?.spec.volumeMounts?.map(({ name, mountPath }) => [name, mountPath])).toEqual([
      ['shm', '/dev/shm'],
      ['a', '/a'],
    ]);
    expect(entry('containerDefinitions[0].mountPoints[0].sourceVolume').fidelity).toBe('none');
  });
});

describe('volumesFrom', () => {
  const from = (sourceContainer: string, more: object = {}): object => ({ sourceContainer, ...more });

  it('repeats the mounts of the other container, also those that it has from a third', () => {
    const outcome = port([
      { name: 'c', volumesFrom: [from('b')] },
      { name: 'b', mountPoints: [at('b', '/b')], volumesFrom: [from('a')] },
      { name: 'a', mountPoints: [at('a', '/a', { readOnly: true })] },
    ]);
    expect(mountsOf(outcome)).toEqual([['a:/a:ro', 'b:/b'], ['a:/a:ro', 'b:/b'], ['a:/a:ro']]);
    expect(outcome.entry('containerDefinitions[0].volumesFrom[0].sourceContainer').fidelity).toBe('near');
  });

  it('makes them read-only when it says so', () => {
    expect(
      mountsOf(
        port([
          { name: 'b', volumesFrom: [from('a', { readOnly: true })] },
          { name: 'a', mountPoints: [at('a', '/a')] },
        ]),
      )[0],
    ).toEqual(['a:/a:ro']);
  });

  it('gives way to the mount points of the container itself', () => {
    expect(
      mountsOf(
        port([
          { name: 'b', mountPoints: [at('b', '/a')], volumesFrom: [from('a')] },
          { name: 'a', mountPoints: [at('a', '/a')] },
        ]),
      )[0],
    ).toEqual(['b:/a']);
  });

  it('of a container that only its image gives volumes is a loss', () => {
    const { entry } = port([{ name: 'b', volumesFrom: [from('a', { readOnly: false })] }, { name: 'a' }]);
    expect(entry('containerDefinitions[0].volumesFrom[0].sourceContainer').fidelity).toBe('none');
  });

  it('of itself, of nobody and in a circle is tolerated', () => {
    const outcome = port([
      { name: 'a', mountPoints: [at('a', '/a')], volumesFrom: [from('a'), from('nobody'), from('b')] },
      { name: 'b', mountPoints: [at('b', '/b')], volumesFrom: [from('a')] },
    ]);
    expect(mountsOf(outcome)[0]).toEqual(['b:/b', 'a:/a']);
    expect(outcome.untouched().filter((path) => path.includes('volumesFrom'))).toEqual([]);
  });

  it('takes each container once, however many ways lead to it', () => {
    const names = Array.from({ length: 60 }, (_, index) => `c${index}`);
    const outcome = port(
      names.map((name, index) => ({
        name,
        mountPoints: [at('a', `/${name}`)],
        volumesFrom: names.slice(0, index).map((earlier) => from(earlier)),
      })),
    );
    expect(mountsOf(outcome)[59]).toHaveLength(60);
  });
});
