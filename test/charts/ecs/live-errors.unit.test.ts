import { DescribeServicesCommand, DescribeServiceRevisionsCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { answerDocument } from '../../../charts/ecs/live/answer-document.js';
import { liveClients } from '../../../charts/ecs/live/clients.js';
import { LiveAccountError, liveAccountError } from '../../../charts/ecs/live/live-account-error.js';
import { batchesOf } from '../../../charts/ecs/live/paging.js';
import { Throttle } from '../../../charts/ecs/live/throttle.js';
import { parseJson } from '../../../charts/ecs/source/parse-json.js';
import { SourceFile } from '../../../charts/ecs/source/position.js';
import { awsError, described, HOME, mockedAccount } from './live-account.js';

const WHO = 'User: arn:aws:sts::111122223333:assumed-role/ci/run is not authorized to perform: ecs:DescribeServices';

describe('a live account that throttles', () => {
  it('is waited for, longer each time, and read when it answers again', async () => {
    const account = mockedAccount([described('web')]);
    const told: string[] = [];
    account.mocks.ecs
      .on(ListServicesCommand)
      .rejectsOnce(awsError('ThrottlingException', 'Rate exceeded'))
      .rejectsOnce(awsError('Unheard', 'too many', 429))
      .resolves({ serviceArns: [described('web').serviceArn ?? ''] });
    const documents = await account.read({ onProgress: (text) => told.push(text) });
    expect(account.waits).toEqual([5_000, 15_000]);
    expect(told.slice(0, 2)).toEqual([
      'AWS throttles ecs:ListServices: waiting 5 s',
      'AWS throttles ecs:ListServices: waiting 15 s',
    ]);
    expect([...documents.keys()]).toContain('aws:ecs/shop/service/web');
  });

  it('is given up after three waits, even for a call that the port could do without', async () => {
    const account = mockedAccount([described('web')]);
    account.mocks.scheduler.on(ListSchedulesCommand).rejects(awsError('TooManyRequestsException'));
    await expect(account.read()).rejects.toMatchObject({ code: 'throttled', action: 'scheduler:ListSchedules' });
    expect(account.waits).toEqual([5_000, 15_000, 45_000]);
  });
});

describe('a live account that denies a call', () => {
  it('is not read when the call is needed; the error names the permission, who lacks it, and the policy', async () => {
    const account = mockedAccount([described('web')]);
    const cause = awsError('AccessDeniedException', `${WHO} with an explicit deny in a service control policy`);
    account.mocks.ecs.on(DescribeServicesCommand).rejects(cause);
    const error: unknown = await account.read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LiveAccountError);
    expect(error).toMatchObject({
      code: 'access-denied',
      action: 'ecs:DescribeServices',
      message:
        'ecs:DescribeServices is not allowed to arn:aws:sts::111122223333:assumed-role/ci/run, by an explicit deny in a ' +
        'service control policy (allow the action ecs:DescribeServices; docs/live-account.md has the whole policy)',
      cause,
    });
  });

  it('is read without what the port can do without; what is missing stands in a document of its own', async () => {
    const account = mockedAccount([
      described('web', { currentServiceRevisions: [{ arn: `arn:aws:ecs:${HOME}:service-revision/shop/web/1` }] }),
    ]);
    account.mocks.ecs.on(DescribeServiceRevisionsCommand).rejects(awsError('AccessDeniedException', WHO));
    account.mocks.applicationAutoScaling.on(DescribeScalableTargetsCommand).rejects(awsError('AccessDeniedException'));
    const documents = await account.read();
    expect([...documents.keys()]).toEqual([
      'aws:ecs/shop/service/web',
      'aws:ecs/task-definition/web:1',
      'aws:ecs/shop/unread',
    ]);
    expect(documents.get('aws:ecs/shop/unread')).toEqual({
      unread: [
        {
          call: 'application-autoscaling:DescribeScalableTargets',
          of: [],
          why: 'application-autoscaling:DescribeScalableTargets is not allowed',
          lost: 'which services scale is not seen, so they get no autoscaler',
          todo: 'allow the action application-autoscaling:DescribeScalableTargets; docs/live-account.md has the whole policy',
        },
        expect.objectContaining({ call: 'ecs:DescribeServiceRevisions' }),
      ],
    });
  });
});

describe('the clients of a live account', () => {
  const NAMES = ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];
  const before = new Map(NAMES.map((name) => [name, process.env[name]]));

  beforeEach(() => {
    for (const name of NAMES) delete process.env[name];
    process.env['AWS_CONFIG_FILE'] = process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/nowhere';
  });

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('are not made without a region; the error says how to give one', async () => {
    await expect(liveClients()).rejects.toMatchObject({
      code: 'no-region',
      message: 'no AWS region is given, and none is configured (give --region eu-west-1, or set AWS_REGION)',
    });
  });

  it('all look at the region that is configured', async () => {
    process.env['AWS_REGION'] = 'eu-north-1';
    const clients = Object.values(await liveClients());
    expect(await Promise.all(clients.map((client) => client.config.region()))).toEqual(clients.map(() => 'eu-north-1'));
  });
});

describe('what AWS errors mean for a reading', () => {
  it.each([
    ['CredentialsProviderError', undefined, 'no-credentials'],
    ['ExpiredTokenException', 400, 'no-credentials'],
    ['UnrecognizedClientException', 400, 'no-credentials'],
    ['AccessDenied', 403, 'access-denied'],
    ['Throttling', 400, 'throttled'],
    ['ServerException', 500, 'unreachable'],
    ['TimeoutError', undefined, 'unreachable'],
    ['UnknownOperationException', 400, 'failed'],
  ])('%s with status %s is %s', (name, status, code) => {
    expect(liveAccountError('ecs:ListServices', awsError(name, 'why', status))).toMatchObject({
      code,
      action: 'ecs:ListServices',
    });
  });

  it('a host that is not found is no answer', () => {
    const cause = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    expect(liveAccountError('scheduler:ListSchedules', cause).message).toMatch(
      /^no answer to scheduler:ListSchedules: ENOTFOUND/,
    );
  });

  it('a wrong signature is not quoted, since AWS repeats the session token in it', () => {
    const cause = awsError(
      'InvalidSignatureException',
      'The Canonical String should have been x-amz-security-token:IQoJb3JpZ2lu',
    );
    expect(liveAccountError('ecs:ListServices', cause).message).not.toContain('IQoJb3JpZ2lu');
  });

  it('expired credentials end the reading at a call that the port could do without, too', async () => {
    const account = mockedAccount([]);
    account.mocks.scheduler.on(ListSchedulesCommand).rejects(awsError('ExpiredTokenException'));
    await expect(account.read()).rejects.toMatchObject({ code: 'no-credentials', action: 'scheduler:ListSchedules' });
  });
});

describe('a throttle', () => {
  it('never has more calls under way than it may, and loses none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 }),
        async (concurrency, turns) => {
          const throttle = new Throttle({ concurrency, sleep: () => Promise.resolve() });
          let running = 0;
          let most = 0;
          const results = await Promise.all(
            turns.map((count, index) =>
              throttle.run('a:B', async () => {
                most = Math.max(most, ++running);
                for (let turn = 0; turn < count; turn++) await Promise.resolve();
                running--;
                return index;
              }),
            ),
          );
          expect(results).toEqual(turns.map((_, index) => index));
          expect(most).toBeLessThanOrEqual(concurrency);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('makes no call after it was closed', async () => {
    const throttle = new Throttle({ sleep: () => Promise.resolve() });
    throttle.close();
    let called = false;
    const run = throttle.run('a:B', () => Promise.resolve((called = true)));
    await expect(run).rejects.toMatchObject({ code: 'partial' });
    expect(called).toBe(false);
  });
});

describe('batches', () => {
  it('hold every item once, in order, and never more than they may', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 12 }), (items, size) => {
        const batches = batchesOf(items, size);
        expect(batches.flat()).toEqual(items);
        expect(batches.every((batch) => batch.length > 0 && batch.length <= size)).toBe(true);
      }),
    );
  });
});

describe('the document of an answer', () => {
  it('has each value where a parser of its text finds it', () => {
    // The parser of files takes double braces for a template's, which the document of an answer does not.
    const text = fc.string().map((value) => value.replaceAll('{{', '--'));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false, 0, -1.5, 1e21),
        text,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(text, tree, { maxKeys: 4 }), (answer) => {
        const { root } = answerDocument('aws:test', answer);
        expect(root).toEqual(parseJson(new SourceFile('aws:test', root.file.text)));
      }),
    );
  });

  it('leaves out what has no value, and takes text in double braces as it is', () => {
    const { root } = answerDocument('aws:test', { a: undefined, '{{b': '}}"' });
    expect(root.file.text).toBe('{\n  "{{b": "}}\\""\n}');
    expect(root).toMatchObject({ members: [{ key: '{{b', keyOffset: 4, value: { offset: 11, value: '}}"' } }] });
  });
});
