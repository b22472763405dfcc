import { describe, expect, it } from '@jest/globals';
import type { Entry } from '../../../charts/report/ledger.js';
import { readTemplate, STACK, translateAll } from './cloudformation-template.js';

function entryOf(entries: readonly Entry[], path: string): Pick<Entry, 'fidelity' | 'lost' | 'leaves'> | undefined {
  const entry = entries.find((candidate) => candidate.path === path);
  return (
    entry && {
      fidelity: entry.fidelity,
      leaves: entry.leaves,
      ...(entry.lost === undefined ? {} : { lost: entry.lost }),
    }
  );
}

describe('the account of a template', () => {
  const input = readTemplate(STACK);
  const entries = translateAll(input);

  it('leaves no field to anyone but the translations', () => {
    expect(entries.filter((entry) => entry.untouched === true).map(({ path }) => path)).toEqual([]);
  });

  it('has one entry for each resource that stays in CloudFormation', () => {
    expect(entryOf(entries, 'Resources.Vpc')).toEqual({
      fidelity: 'same',
      lost: 'AWS::EC2::VPC is not an ECS resource; it stays in CloudFormation',
      leaves: 4,
    });
    expect(entryOf(entries, 'Resources.TaskRole')?.lost).toMatch(
      /^the task role stays in CloudFormation, but it trusts ECS/,
    );
    expect(entryOf(entries, 'Resources.OnEvent')?.lost).toMatch(/when an event matches/);
    expect(entryOf(entries, 'Resources.Green')?.lost).toBe('not created: condition Blue is false');
  });

  it('says of parameters and sections what they are for', () => {
    expect(entryOf(entries, 'Parameters.Tag')?.lost).toBe('its default stands where it is used');
    expect(entryOf(entries, 'Parameters.Spare')?.lost).toBe('nothing that is ported uses it');
    expect(entryOf(entries, 'Outputs')).toMatchObject({ fidelity: 'same', leaves: 1 });
  });

  it('says what becomes of a branch that was not chosen', () => {
    const choice = entries.filter((entry) => entry.path.includes('ContainerPort') && entry.path.includes('If'));
    expect(choice.map(({ lost, kubernetes }) => lost ?? kubernetes.join())).toEqual([
      'condition Blue is false',
      'not chosen: condition Blue is false',
      'translated',
    ]);
  });

  it('carries what a translation says of a resolved value back to all that it was made of', () => {
    const image = entries.filter(({ path }) => path.includes('.Image.'));
    expect(image.map(({ lost, kubernetes }) => lost ?? kubernetes.join())).toEqual([
      'translated',
      'translated',
      'condition Blue is false',
      'not chosen: condition Blue is false',
      'translated',
      'translated',
    ]);
    expect(image[0]?.position).toMatchObject({ file: 'stack.yaml', line: 24 });
  });

  it('marks what only CloudFormation itself heeds', () => {
    expect(entryOf(entries, 'Resources.Task.DeletionPolicy')?.fidelity).toBe('none');
    expect(entryOf(entries, 'Resources.Service.DependsOn')?.fidelity).toBe('same');
    expect(entryOf(entries, 'Resources.Targets.Properties.Targets[0].Id')?.fidelity).toBe('none');
  });
});
