import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { targetGroupReader } from '../../../charts/ecs/readers/target-group.js';
import { portOf, taskDefinition } from '../port/port-of.js';
import { targetGroupArn } from './live-account.js';
import { documentOf, readWith } from './read-one.js';

const ARN = targetGroupArn('web');
const group = {
  TargetGroupArn: ARN,
  TargetGroupName: 'web',
  Protocol: 'HTTP',
  Port: 80,
  VpcId: 'vpc-1',
  HealthCheckPath: '/healthy',
  Matcher: { HttpCode: '200' },
  LoadBalancerArns: ['arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/1'],
  TargetType: 'ip',
};
const other = { ...group, TargetGroupArn: targetGroupArn('api'), TargetGroupName: 'api' };
const attributes = { Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '45' }] };
const created = { Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', HealthCheckPath: '/healthy' };

const recognizes = (content: unknown): boolean => targetGroupReader.recognizes(documentOf('group.json', content));
const read = (contents: Readonly<Record<string, unknown>>) => readWith(targetGroupReader, contents);
const delaysOf = (contents: Readonly<Record<string, unknown>>) =>
  read(contents).targetGroups.map(({ ids, attributes: own }) => [
    ids[0],
    own.get('deregistration_delay.timeout_seconds')?.value,
  ]);

describe('the reader of target groups', () => {
  it.each([
    ['the answer of describe-target-groups', { TargetGroups: [group, other], NextMarker: 'more' }],
    ['one described target group', group],
    ['a list of them', [group, other]],
    ['the input of create-target-group', created],
    ['the answer of describe-target-group-attributes', attributes],
    ['the input of modify-target-group-attributes', { TargetGroupArn: ARN, ...attributes }],
    ['a target group with its attributes', { TargetGroups: [group], TargetGroupArn: ARN, ...attributes }],
  ])('knows %s', (_what, content) => {
    expect(recognizes(content)).toBe(true);
  });

  it.each([
    ['the attributes of a load balancer', { Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '60' }] }],
    ['a load balancer entry of a service', { targetGroupArn: ARN, containerName: 'app', containerPort: 80 }],
    ['a container definition', { name: 'app', image: 'app:1', Protocol: 'tcp', TargetType: 'x' }],
    ['an empty list', { TargetGroups: [] }],
    ['a list with something else in it', { TargetGroups: [group, { Name: 'x' }] }],
    ['a service', { serviceName: 'web', loadBalancers: [{ targetGroupArn: ARN }] }],
  ])('does not take %s for one', (_what, content) => {
    expect(recognizes(content)).toBe(false);
  });

  it('finds a target group by its ARN and by its name, and calls the name as create-target-group does', () => {
    const { targetGroups } = read({ 'groups.json': { TargetGroups: [group] } });
    expect(targetGroups).toMatchObject([{ ids: [ARN, 'web'], diagnostics: [] }]);
    expect(targetGroups[0]?.definition.get('Name').value).toBe('web');
    expect(targetGroups[0]?.definition.get('HealthCheckPath').value).toBe('/healthy');
  });

  it('joins attributes in the same document', () => {
    expect(delaysOf({ 'group.json': { TargetGroups: [group], TargetGroupArn: ARN, ...attributes } })).toEqual([
      [ARN, '45'],
    ]);
    expect(delaysOf({ 'group.json': { TargetGroups: [group], ...attributes } })).toEqual([[ARN, '45']]);
  });

  it('joins attributes of another document by the ARN', () => {
    expect(
      delaysOf({ 'a.json': { TargetGroupArn: ARN, ...attributes }, 'b.json': { TargetGroups: [other, group] } }),
    ).toEqual([
      [other.TargetGroupArn, undefined],
      [ARN, '45'],
    ]);
  });

  it('joins attributes that name no target group by the name of their file, and the only ones to the only group', () => {
    expect(delaysOf({ 'groups.json': { TargetGroups: [other, group] }, 'web-attributes.json': attributes })).toEqual([
      [other.TargetGroupArn, undefined],
      [ARN, '45'],
    ]);
    expect(delaysOf({ 'group.json': group, 'attributes.json': attributes })).toEqual([[ARN, '45']]);
  });

  it('does not guess between two target groups', () => {
    const { targetGroups, diagnostics } = read({ 'groups.json': [group, other], 'attributes.json': attributes });
    expect(targetGroups.every((one) => one.attributes.size === 0)).toBe(true);
    expect(diagnostics).toMatchObject([
      { code: 'attributes-without-target-group', fix: 'add the output of: aws elbv2 describe-target-groups' },
    ]);
  });

  it('lets attributes stand for a target group that is not given but named', () => {
    expect(delaysOf({ 'a.json': { TargetGroupArn: ARN, ...attributes } })).toEqual([[ARN, '45']]);
  });

  it('takes the last of an attribute that is given twice, and reports one without a key', () => {
    const [key] = attributes.Attributes;
    const { targetGroups, ledger } = read({
      'a.json': { TargetGroups: [group], Attributes: [key, { ...key, Value: '60' }, { Value: '1' }] },
    });
    expect(targetGroups[0]?.attributes.get('deregistration_delay.timeout_seconds')?.value).toBe('60');
    expect(targetGroups[0]?.diagnostics).toMatchObject([{ code: 'invalid-attribute' }]);
    const lost = new Map(ledger.entries().map((entry) => [entry.path, entry.lost]));
    expect(lost.get('Attributes[0].Value')).toBe('given twice; the last one counts');
  });

  it('accounts for every field, together with the translation', () => {
    const { port, kind, pod } = portOf({
      'task.json': taskDefinition([{ name: 'app', portMappings: [{ containerPort: 8080 }] }], {
        networkMode: 'awsvpc',
      }),
      'service.json': {
        serviceName: 'web',
        taskDefinition: 'web',
        loadBalancers: [{ targetGroupArn: ARN, containerName: 'app', containerPort: 8080 }],
      },
      'groups.json': { TargetGroups: [group], TargetGroupArn: ARN, ...attributes, NextMarker: 'more' },
    });
    expect(kind('TargetGroupBinding')).toMatchObject({ spec: { targetGroupARN: ARN, targetType: 'ip' } });
    expect(pod().containers[0]?.lifecycle?.preStop?.sleep?.seconds).toBe(50);
    expect(port.entries.filter(({ untouched, document }) => untouched === true && document === 'groups.json')).toEqual(
      [],
    );
  });

  it('survives any JSON in the place of a target group and its attributes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (one, two) => {
        const text = JSON.stringify({
          TargetGroups: [{ ...group, Matcher: one }],
          Attributes: [two, { Key: 'a', Value: one }],
        });
        const { targetGroups } = read({ 'a.json': text.replaceAll('{{', '--') });
        expect(targetGroups.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
