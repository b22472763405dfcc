import { describe, expect, test } from '@jest/globals';
import { conform } from '../../../charts/ecs/conform.js';
import { parseJson } from '../../../charts/ecs/source/parse-json.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';
import { toPlain } from '../../../charts/ecs/source/source-node.js';

const read = (value: unknown): ReturnType<typeof conform> =>
  conform(
    parseJson(new SourceFile('t.json', typeof value === 'string' ? value : JSON.stringify(value))),
    'ecs.RegisterTaskDefinitionRequest',
    { describedBy: 'ecs.TaskDefinition' },
  );
const plain = (value: unknown): unknown => toPlain(read(value).node);

describe('a document in the shape of an AWS structure', () => {
  test('is taken as it is when it has that shape', () => {
    const document = parseJson(
      new SourceFile('t.json', '{"family": "web", "containerDefinitions": [{"name": "a", "cpu": 1}]}'),
    );
    expect(conform(document, 'ecs.RegisterTaskDefinitionRequest').node).toBe(document);
  });

  test('may write its keys in any letter case, as CloudFormation does', () => {
    expect(
      plain({
        Family: 'web',
        ContainerDefinitions: [{ Name: 'a', PortMappings: [{ ContainerPort: 80 }] }],
        Volumes: [{ EFSVolumeConfiguration: { FilesystemId: 'fs-1' } }],
      }),
    ).toEqual({
      family: 'web',
      containerDefinitions: [{ name: 'a', portMappings: [{ containerPort: 80 }] }],
      volumes: [{ efsVolumeConfiguration: { fileSystemId: 'fs-1' } }],
    });
  });

  test('may write numbers and booleans as strings, and strings as numbers', () => {
    expect(plain({ cpu: 256, containerDefinitions: [{ memory: '512', essential: 'True' }] })).toEqual({
      cpu: '256',
      containerDefinitions: [{ memory: 512, essential: true }],
    });
  });

  test('leaves the keys of maps alone', () => {
    expect(plain({ containerDefinitions: [{ dockerLabels: { 'Com.Example': 'x' } }] })).toEqual({
      containerDefinitions: [{ dockerLabels: { 'Com.Example': 'x' } }],
    });
  });

  test('is refused where a type is wrong, at the place and with what is needed', () => {
    expect(read('{\n"containerDefinitions": [{"memory": "much"}]}').diagnostics).toMatchObject([
      {
        severity: 'refused',
        path: 'containerDefinitions[0].memory',
        message: 'invalid type: string "much", where an integer is needed',
        position: { line: 2, column: 37 },
      },
    ]);
  });

  test('does not repeat the values of variables in messages', () => {
    expect(JSON.stringify(read({ containerDefinitions: [{ environment: ['hunter2'] }] }).diagnostics)).not.toContain(
      'hunter2',
    );
  });

  test('is refused where a value is not one of those allowed, with the nearest of them', () => {
    expect(read({ networkMode: 'awsvcp' }).diagnostics).toMatchObject([
      { message: '"awsvcp" is not one of awsvpc, bridge, host, none', fix: 'did you mean awsvpc?' },
    ]);
  });

  test('names the field that an unknown one was probably meant to be', () => {
    expect(read({ containerDefinitions: [{ portMapings: [] }] })).toMatchObject({
      diagnostics: [{ severity: 'warning', code: 'unknown-field', fix: 'did you mean portMappings?' }],
      unknown: [{}],
    });
  });

  test('says where a misplaced field belongs', () => {
    expect(read({ entryPoint: ['x'] }).diagnostics).toMatchObject([
      { message: expect.stringContaining('it belongs to ContainerDefinition') as unknown },
    ]);
  });

  test('takes what only describe calls return for read-only', () => {
    expect(read({ family: 'web', revision: 3, status: 'ACTIVE' })).toMatchObject({
      diagnostics: [],
      readOnly: [{}, {}],
    });
  });

  test('keeps placeholders in texts, and takes them as absent elsewhere, with a note', () => {
    const text = '{"family": ${family}, "containerDefinitions": [{"memory": ${memory}, "essential": "<ESSENTIAL>"}]}';
    expect(plain(text)).toEqual({ family: '${family}', containerDefinitions: [{ memory: null, essential: null }] });
    expect(read(text).diagnostics.map((finding) => finding.severity)).toEqual(['note', 'note', 'note']);
  });
});
