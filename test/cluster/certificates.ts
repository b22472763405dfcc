import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from './host.js';
import type { ClusterLayout } from './layout.js';

/** Files of a certificate and its key, PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The certificates of a cluster: one authority, one certificate for every client and server, as kubeadm has them.
 * Names of users and groups are those that Kubernetes' own RBAC rules bind.
 */
export class Certificates {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get authority(): Certificate {
    return this.of('ca');
  }

  /** Key that signs the tokens of service accounts. */
  get serviceAccountKey(): string {
    return join(this.#folder, 'service-account.key');
  }

  of(name: string): Certificate {
    return { certificate: join(this.#folder, `${name}.crt`), key: join(this.#folder, `${name}.key`) };
  }

  /** Makes what is not there yet. */
  async make(layout: ClusterLayout, run: Run): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const config = join(this.#folder, 'openssl.cnf');
    writeFileSync(config, '[req]\ndistinguished_name = dn\n[dn]\n');
    if (!existsSync(this.serviceAccountKey)) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      writeFileSync(this.serviceAccountKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    }
    const issue = async (name: string, subject: string, extensions: readonly string[], authority: boolean) => {
      const files = this.of(name);
      if (existsSync(files.certificate)) return;
      const part = `${files.certificate}.part`;
      const signer = authority ? [] : ['-CA', this.authority.certificate, '-CAkey', this.authority.key];
      await run([
        ...['openssl', 'req', '-x509', '-config', config, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
        ...['-nodes', '-days', '365', '-subj', subject, '-keyout', files.key, '-out', part, ...signer],
        ...extensions.flatMap((extension) => ['-addext', extension]),
      ]);
      renameSync(part, files.certificate);
    };
    await issue('ca', '/CN=tranship-test-cluster', ['basicConstraints=critical,CA:TRUE'], true);
    const leaf = ['basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=clientAuth,serverAuth'];
    for (const [name, user, group] of clients(layout)) {
      await issue(name, `${group === undefined ? '' : `/O=${group}`}/CN=${user}`, leaf, false);
    }
    const names = [
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ];
    const addresses = ['127.0.0.1', layout.host, layout.apiService];
    await issue('server', '/CN=kube-apiserver', [...leaf, alternativeNames(names, addresses)], false);
    for (const node of layout.nodes) {
      await issue(
        `${node.name}-server`,
        `/CN=${node.name}`,
        [...leaf, alternativeNames([node.name], [node.address])],
        false,
      );
    }
  }
}

function clients(layout: ClusterLayout): readonly (readonly [name: string, user: string, group?: string])[] {
  return [
    ['admin', 'admin', 'system:masters'],
    ['apiserver-kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'],
    ['kube-controller-manager', 'system:kube-controller-manager'],
    ['kube-scheduler', 'system:kube-scheduler'],
    ['kube-proxy', 'system:kube-proxy'],
    ['coredns', 'system:coredns'],
    ...layout.nodes.map((node) => [node.name, `system:node:${node.name}`, 'system:nodes'] as const),
  ];
}

function alternativeNames(names: readonly string[], addresses: readonly string[]): string {
  return `subjectAltName=${[...names.map((name) => `DNS:${name}`), ...addresses.map((ip) => `IP:${ip}`)].join(',')}`;
}
