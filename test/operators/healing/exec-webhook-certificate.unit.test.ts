import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  judgeCertificate,
  makeCertificate,
  type ServingCertificate,
  validAuthorities,
} from '../../../operators/healing/exec-webhook-certificate.js';

const NAME = 'tranship-exec-webhook.tranship-system.svc';
const DAY = 86_400_000;
const NOW = Date.parse('2026-03-01T00:00:00Z');

describe('a certificate of the exec webhook', () => {
  let made: ServingCertificate;
  beforeAll(async () => {
    made = await makeCertificate([NAME, `${NAME}.cluster.local`], NOW);
  });

  test('is signed by its authority, for the names of the Service', () => {
    const certificate = new X509Certificate(made.certificate);
    const authority = new X509Certificate(made.authority);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.subjectAltName).toBe(`DNS:${NAME}, DNS:${NAME}.cluster.local`);
    expect([authority.ca, certificate.ca]).toEqual([true, false]);
  });

  test('may authenticate a server and nothing else', () => {
    expect(new X509Certificate(made.certificate).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  test.each([
    ['good', 'when it is new', 0],
    ['good', 'a day before it is renewed', 58],
    ['renew', 'after two thirds of its time', 61],
    ['renew', 'on its last day', 89],
    ['useless', 'when it has ended', 91],
    ['useless', 'long before it begins', -2],
  ] as const)('is %s %s', (expected, _when, days) => {
    expect(judgeCertificate(made, [NAME], NOW + days * DAY)).toBe(expected);
  });

  test('is useless for another name, with another key, and when it cannot be read', async () => {
    const other = await makeCertificate([NAME], NOW);
    expect(judgeCertificate(made, ['tranship-exec-webhook.elsewhere.svc'], NOW)).toBe('useless');
    expect(judgeCertificate({ certificate: made.certificate, key: other.key }, [NAME], NOW)).toBe('useless');
    expect(judgeCertificate({ certificate: 'x', key: made.key }, [NAME], NOW)).toBe('useless');
  });

  test('leaves no authority in the bundle that has ended or cannot be read', async () => {
    const older = await makeCertificate([NAME], NOW - 80 * DAY);
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const bundle = `${made.authority}${broken}${older.authority}`;
    expect(validAuthorities(bundle, NOW)).toEqual([made.authority, older.authority]);
    expect(validAuthorities(bundle, NOW + 20 * DAY)).toEqual([made.authority]);
  });
});
