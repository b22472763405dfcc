import { describe, expect, test } from '@jest/globals';
import { createManifestValidator } from '../../../charts/validation/validate.js';
import { changed, type Json, set } from './manifests.js';

const validator = createManifestValidator('1.35');

describe('a pod', () => {
  test('of every workload is checked where it stands', () => {
    const places = {
      Pod: 'spec',
      DaemonSet: 'spec.template.spec',
      StatefulSet: 'spec.template.spec',
      Job: 'spec.template.spec',
      CronJob: 'spec.jobTemplate.spec.template.spec',
    };
    for (const [kind, place] of Object.entries(places)) {
      const paths = validator.validate(changed(kind, `${place}.containers[0].name`, 'A')).map(({ path }) => path);
      expect(paths).toEqual([`${place}.containers[0].name`]);
    }
  });

  test('on its own has no blanks around image names, which a template may have', () => {
    const image = 'containers[0].image';
    expect(validator.validate(changed('Pod', `spec.${image}`, ' nginx'))).toHaveLength(1);
    expect(validator.validate(changed('Deployment', `spec.template.spec.${image}`, ' nginx'))).toEqual([]);
  });

  test('on its own names a service account for its tokens', () => {
    const manifest = changed('Pod', 'spec.volumes[1]', {
      name: 'files',
      projected: { sources: [{ serviceAccountToken: { path: 't' } }] },
    });
    expect(validator.validate(manifest)).toEqual([]);
    set(manifest, 'spec.serviceAccountName', undefined);
    expect(validator.validate(manifest)).toHaveLength(1);
  });

  test('counts sidecars that run beside an init container, and init containers one at a time', () => {
    const cpu = (amount: string): Json => ({ requests: { cpu: amount } });
    const manifest = changed('Pod', 'spec.containers', [{ name: 'web', image: 'a', resources: cpu('1') }]);
    set(manifest, 'spec.initContainers', [
      { name: 'proxy', image: 'a', restartPolicy: 'Always', resources: cpu('1') },
      { name: 'setup', image: 'a', resources: cpu('3') },
    ]);
    set(manifest, 'spec.resources', cpu('4'));
    expect(validator.validate(manifest)).toEqual([]);
    set(manifest, 'spec.resources', cpu('3900m'));
    expect(validator.validate(manifest)).toHaveLength(1);
  });

  test('for Windows may have none of the fields that only Linux has', () => {
    const manifest = changed('Pod', 'spec.os', { name: 'windows' });
    const paths = validator.validate(manifest).map(({ path }) => path);
    expect(paths).toEqual([
      'spec.containers[0].securityContext.capabilities',
      'spec.containers[0].securityContext.runAsUser',
    ]);
  });
});
