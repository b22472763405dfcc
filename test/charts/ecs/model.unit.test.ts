import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { generateModel } from '../../../charts/ecs/model/generate.js';
import { AHEAD_OF_SDK } from '../../../charts/ecs/model/ahead-of-sdk.js';

function projectRoot(): string {
  let folder = process.cwd();
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

test('the model of the AWS API is the one of the SDK that package.json pins; if not, run `npm run model`', () => {
  const root = projectRoot();
  expect(JSON.parse(readFileSync(join(root, 'charts/ecs/model/model.generated.json'), 'utf8'))).toEqual(
    generateModel(root),
  );
});

test('what is listed as ahead of the SDK is still ahead of it', () => {
  const { structures } = generateModel(projectRoot());
  const behind = Object.entries(AHEAD_OF_SDK).flatMap(([name, fields]) =>
    Object.keys(fields)
      .filter((field) => {
        const type = structures[name]?.[field]?.type;
        return (
          type !== undefined &&
          type !== 'document' &&
          !(typeof type === 'object' && 'list' in type && type.list === 'document')
        );
      })
      .map((field) => `${name}.${field}`),
  );
  expect(behind).toEqual([]);
});
