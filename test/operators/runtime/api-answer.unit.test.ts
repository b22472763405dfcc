import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { errorOfAnswer } from '../../../operators/runtime/api-answer.js';
import type { Verb } from '../../../operators/runtime/api-call.js';
import { callOn } from '../../../operators/runtime/api-call.js';
import { ApiError } from '../../../operators/runtime/api-error.js';
import { RESOURCE } from '../../../operators/runtime/resource.js';

const on = (verb: Verb) => callOn(verb, RESOURCE.deployment, { name: { namespace: 'shop', name: 'web' } });
const status = (more: object): string => JSON.stringify({ kind: 'Status', status: 'Failure', ...more });

test.each([
  [400, 'BadRequest', 'Invalid'],
  [401, 'Unauthorized', 'Unauthorized'],
  [403, 'Forbidden', 'Forbidden'],
  [404, 'NotFound', 'NotFound'],
  [409, 'AlreadyExists', 'AlreadyExists'],
  [409, 'Conflict', 'Conflict'],
  [410, 'Expired', 'Gone'],
  [415, 'UnsupportedMediaType', 'Invalid'],
  [422, 'Invalid', 'Invalid'],
  [429, 'TooManyRequests', 'TooManyRequests'],
  [500, 'InternalError', 'Unavailable'],
  [503, 'ServiceUnavailable', 'Unavailable'],
  [504, 'Timeout', 'Unavailable'],
])('an answer %d %s is %s, with the words for the call and those of the server', (code, reason, expected) => {
  const error = errorOfAnswer(on('create'), { status: code, body: status({ code, reason, message: 'why' }) }, 0);
  expect(error).toMatchObject({
    code: expected,
    message: 'create deployments.apps shop/web: why',
    details: { status: code },
  });
});

test('causes are told once', () => {
  const causes = [{ message: 'spec.replicas: too many' }, { message: 'why' }];
  const body = status({ code: 422, message: 'why', details: { causes } });
  expect(errorOfAnswer(on('apply'), { status: 422, body }, 0).message).toBe(
    'apply deployments.apps shop/web: why spec.replicas: too many',
  );
});

test.each([
  ['12', 12],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After: %s asks for %j seconds at ten past the epoch', (retryAfter, expected) => {
  const error = errorOfAnswer(on('list'), { status: 429, body: '', retryAfter }, 10_000);
  expect(error.details.retryAfterSeconds).toBe(expected);
});

test('a 422 to a patch is a Conflict where the server gives no cause, and Invalid where the object would be invalid', () => {
  const message = 'the server rejected our request due to an error in our request';
  expect(errorOfAnswer(on('patch'), { status: 422, body: status({ message, details: {} }) }, 0).code).toBe('Conflict');
  const details = { causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value: -1', field: 'spec.replicas' }] };
  expect(errorOfAnswer(on('patch'), { status: 422, body: status({ message, details }) }, 0).code).toBe('Invalid');
});

test('an answer of a proxy in the way is one bounded line', () => {
  const body = `<html>\n<h1>Bad\n gateway</h1>${' x'.repeat(5000)}</html>`;
  const { message, code } = errorOfAnswer(on('get'), { status: 502, body }, 0);
  expect(code).toBe('Unavailable');
  expect(message).toMatch(/^get deployments\.apps shop\/web: <html> <h1>Bad gateway<\/h1>/);
  expect(message.length).toBeLessThan(1100);
  expect(message).not.toContain('\n');
});

test('whatever is answered makes an ApiError', () => {
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), fc.oneof(fc.string(), fc.json()), (code, body) => {
      expect(errorOfAnswer(on('get'), { status: code, body }, 0)).toBeInstanceOf(ApiError);
    }),
  );
  const hostile =
    '{"kind":"Status","message":{"a":1},"reason":7,"details":{"causes":[null,7,{"reason":{},"message":[]}],"retryAfterSeconds":"x"}}';
  expect(errorOfAnswer(on('get'), { status: 429, body: hostile }, 0)).toMatchObject({ code: 'TooManyRequests' });
});
