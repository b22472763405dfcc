import { describe, expect, it } from '@jest/globals';
import { readParametersFile } from '../../../charts/ecs/readers/cloudformation/parameters-file.js';
import { parseSource } from '../../../charts/ecs/source/parse-source.js';

function read(text: string): Record<string, string> {
  const [root] = parseSource('prod.json', text);
  if (root === undefined) throw new Error('the file is empty');
  return Object.fromEntries(readParametersFile({ path: 'prod.json', root }));
}

describe('a parameters file', () => {
  it.each([
    [
      'the list of aws cloudformation',
      '[{"ParameterKey": "Tag", "ParameterValue": "1"}, {"ParameterKey": "Port", "ParameterValue": 80}]',
    ],
    ['the object of CodePipeline', '{"Parameters": {"Tag": "1", "Port": 80}, "Tags": {"team": "web"}}'],
    ['names and values', '{"Tag": "1", "Port": 80}'],
  ])('is read as %s', (_form, text) => {
    expect(read(text)).toEqual({ Tag: '1', Port: '80' });
  });

  it('prefers the value that an entry of Parameter Store had, and has none for UsePreviousValue', () => {
    const resolved = '{"ParameterKey": "Image", "ParameterValue": "/shop/image", "ResolvedValue": "shop:1"}';
    expect(read(`[${resolved}, {"ParameterKey": "Tag", "UsePreviousValue": true}]`)).toEqual({ Image: 'shop:1' });
  });

  it('joins lists by commas', () => {
    expect(read('{"Subnets": ["a", "b"], "Public": true}')).toEqual({ Subnets: 'a,b', Public: 'true' });
  });

  it.each([
    ['a text', '"Tag=1"', '1:1'],
    ['an entry without a key', '[{"ParameterKey": "A", "ParameterValue": "1"},\n {"ParameterValue": "s3cret"}]', '2:2'],
    ['an entry without a value', '[{"ParameterKey": "A"}]', '1:2'],
    ['a value that is an object', '{"A": {"b": "s3cret"}}', '1:7'],
    ['a value that is null', '{"A": null}', '1:7'],
  ])('is refused with its place when it is %s, without repeating values', (_name, text, place) => {
    expect(() => read(text)).toThrow(new RegExp(`^prod\\.json:${place}: (?!.*s3cret).*write \\{"Name"`));
  });
});
