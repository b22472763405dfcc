import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';

/** What an HTTPS server needs, and what its clients must trust. PEM. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
  /** The authority that signed it. */
  readonly authority: string;
}

const DAY = 86_400_000;
const LIFETIME = 90 * DAY;
/** A certificate this old is renewed: weeks are left for whatever keeps the operator from it. */
const RENEW_AFTER = 60 * DAY;
/** Clocks of a cluster differ. */
const BACKDATED = 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * Makes an authority and a certificate of it. The authority's key cannot be exported and is gone when this returns: nothing
 * can ever be signed with it again.
 *
 * @param names DNS names of the server @param now milliseconds since 1970
 * @example await makeCertificate(['tranship-exec-webhook.tranship-system.svc'], clock.now())
 */
export async function makeCertificate(names: readonly string[], now: number): Promise<ServingCertificate> {
  // Loaded here, since it takes 20 MB of memory and is needed once in 60 days, by the leader. It describes its formats by
  // decorators, and needs the first to read them.
  await import('reflect-metadata');
  const {
    BasicConstraintsExtension,
    ExtendedKeyUsage,
    ExtendedKeyUsageExtension,
    KeyUsageFlags,
    KeyUsagesExtension,
    SubjectAlternativeNameExtension,
    X509CertificateGenerator,
  } = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const authorityKeys = await subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const serverKeys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(now - BACKDATED), notAfter: new Date(now + LIFETIME) };
  const issuer = 'CN=tranship-exec-webhook-authority';
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: issuer,
      ...validity,
      keys: authorityKeys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: 'CN=tranship-exec-webhook',
      issuer,
      ...validity,
      publicKey: serverKeys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ],
    },
    webcrypto,
  );
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: pem('PRIVATE KEY', await subtle.exportKey('pkcs8', serverKeys.privateKey)),
    authority: `${authority.toString('pem')}\n`,
  };
}

/** A serial number is positive, so its first bit is 0. Source: RFC 5280, 4.1.2.2. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString('hex');
}

function pem(label: string, content: ArrayBuffer): string {
  const lines = Buffer.from(content)
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n')
    .trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/**
 * Whether a certificate can serve these names now, and for a while yet.
 *
 * @returns `good`; `renew` while it still can; `useless` when it is broken, ended, or of another name
 */
export function judgeCertificate(
  { certificate, key }: Pick<ServingCertificate, 'certificate' | 'key'>,
  names: readonly string[],
  now: number,
): 'good' | 'renew' | 'useless' {
  try {
    const parsed = new X509Certificate(certificate);
    const begins = Date.parse(parsed.validFrom);
    const fits =
      names.every((name) => parsed.checkHost(name) !== undefined) && parsed.checkPrivateKey(createPrivateKey(key));
    if (!fits || now < begins || now >= Date.parse(parsed.validTo)) return 'useless';
    return now - begins >= RENEW_AFTER ? 'renew' : 'good';
  } catch {
    // What cannot be read is replaced; why makes no difference.
    return 'useless';
  }
}

/** Of some authorities in one PEM text those that have not ended. Broken ones go too. */
export function validAuthorities(text: string, now: number): readonly string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks
    .filter((block) => {
      try {
        return Date.parse(new X509Certificate(block).validTo) > now;
      } catch {
        return false;
      }
    })
    .map((block) => `${block}\n`);
}
