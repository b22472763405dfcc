import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { helpText, OptionsError, readOptions, SETTINGS } from '../../../operators/runtime/options.js';

function problemsOf(args: readonly string[], env: Record<string, string> = {}): readonly string[] {
  try {
    readOptions(args, env);
    return [];
  } catch (error) {
    if (error instanceof OptionsError) return error.problems;
    throw error;
  }
}

describe('the options of the operator', () => {
  test('nothing has to be said: the defaults make an operator for all namespaces', () => {
    expect(readOptions([], {})).toMatchObject({
      watchNamespace: undefined,
      operatorNamespace: 'tranship-system',
      leaseName: 'tranship-operator',
      leaseDurationSeconds: 15,
      renewDeadlineSeconds: 10,
      retryPeriodSeconds: 2,
      healthPort: 8080,
      otlpEndpoint: undefined,
    });
  });

  test('a variable says the same as its flag, and the flag goes first', () => {
    const env = { TRANSHIP_NAMESPACE: 'shop', POD_NAME: 'operator-0', TRANSHIP_HEALTH_PORT: '9000' };
    expect(readOptions(['--namespace=orders'], env)).toMatchObject({
      watchNamespace: 'orders',
      podName: 'operator-0',
      healthPort: 9000,
    });
  });

  test('an empty variable counts as absent, an empty flag does not', () => {
    expect(readOptions([], { TRANSHIP_TOPIC: '' })).toMatchObject({ topic: undefined });
    expect(problemsOf(['--topic', ''])).toHaveLength(1);
  });

  test('every wrong setting is named at once, with its value and what is allowed', () => {
    expect(problemsOf(['--namespace', 'Shop!', '--drain', '1.5'], { TRANSHIP_HEALTH_PORT: '99999' })).toEqual([
      '--namespace "Shop!": must be a DNS label (RFC 1123): at most 63 of a-z, 0-9 and -',
      '--drain "1.5": must be whole seconds from 1 to 600',
      'TRANSHIP_HEALTH_PORT (or --health-port) "99999": must be a port from 1 to 65535, or 0 for a free one',
    ]);
  });

  test('settings that contradict each other are refused together', () => {
    expect(problemsOf(['--lease-duration', '10', '--webhook-port', '8080'])).toEqual([
      '--lease-duration 10: must be more than --renew-deadline 10, or two replicas could lead',
      '--webhook-port 8080: must differ from --health-port 8080 and --metrics-port 8080',
    ]);
    expect(problemsOf(['--retry-period', '9'])).toEqual([
      '--renew-deadline 10: must be more than 1.2 times --retry-period 9, or renewals come too late',
    ]);
  });

  test('an unknown option and a stray word are refused', () => {
    expect(problemsOf(['--namespaces', 'shop'])[0]).toMatch(/--namespaces.*--help lists the options/s);
    expect(problemsOf(['run'])).toHaveLength(1);
  });

  test('an endpoint with a password is refused: it would stand in the process list', () => {
    expect(problemsOf(['--otlp-endpoint', 'http://user:secret@collector:4318'])).toHaveLength(1);
  });

  test('whatever the environment holds, reading it yields options or an OptionsError', () => {
    const envs = Object.values(SETTINGS).map(({ env }) => env);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...envs, '__proto__', 'constructor'), fc.string()), (env) => {
        expect(Array.isArray(problemsOf([], env))).toBe(true);
      }),
    );
  });

  test('the help names every flag, variable and default', () => {
    const help = helpText();
    for (const { flag, env, help: sentence } of Object.values(SETTINGS)) {
      expect(help).toContain(flag);
      expect(help).toContain(env);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
    }
    expect(help).toContain('default tranship-system');
    expect(readOptions(['--help'], {})).toBeUndefined();
  });
});
