import { describe, expect, test } from '@jest/globals';
import { AHEAD_OF_SDK } from '../../../charts/ecs/model/ahead-of-sdk.js';
import { structure } from '../../../charts/ecs/model/model.js';
import { everyField } from './any-structure.js';
import { portOf } from './port-of.js';

/** The API calls whose every field must be dealt with, and how many fields each has at least. */
const CALLS = [
  ['RegisterTaskDefinition', 'ecs.RegisterTaskDefinitionRequest', 169],
  ['CreateService', 'ecs.CreateServiceRequest', 166],
  ['RunTask', 'ecs.RunTaskRequest', 40],
] as const;

/** Field paths of a structure, list items as `[]`. */
function paths(name: string, prefix = ''): readonly string[] {
  return [...structure(name).fields].flatMap(([key, field]) => {
    let { type } = field;
    let path = `${prefix}${key}`;
    while (typeof type === 'object' && ('list' in type || 'map' in type)) {
      if ('list' in type) path += '[]';
      type = 'list' in type ? type.list : type.map;
    }
    return [path, ...(typeof type === 'object' && 'structure' in type ? paths(type.structure, `${path}.`) : [])];
  });
}

describe.each(CALLS)('%s', (_call, name, least) => {
  test('has all its fields in the model', () => {
    const known = paths(name).filter((path) => !path.startsWith('forceNewDeployment'));
    expect(known.length).toBeGreaterThanOrEqual(least);
    expect(Object.keys(AHEAD_OF_SDK).length).toBeGreaterThan(0);
  });

  test('leaves no field that no translation deals with', () => {
    const document = everyField(name);
    const { port } = portOf({ 'call.json': document });
    expect(port.entries.length).toBeGreaterThan(20);
    expect(port.entries.filter((entry) => entry.untouched).map((entry) => entry.path)).toEqual([]);
  });

  test('says of each field that is not the same what is lost, and of each that needs something what to do', () => {
    const { port } = portOf({ 'call.json': everyField(name) });
    expect(
      port.entries.filter((entry) => entry.fidelity !== 'same' && entry.lost === undefined).map((entry) => entry.path),
    ).toEqual([]);
    expect(
      port.entries
        .filter((entry) => entry.fidelity === 'needs-addon' && entry.todo === undefined)
        .map((entry) => entry.path),
    ).toEqual([]);
  });
});
