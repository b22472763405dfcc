import { formatPosition } from '../ecs/source/position.js';
import { positionOf } from '../ecs/source/source-node.js';
import type { Manifest } from '../port/manifest.js';
import { withHash } from '../port/names.js';
import type { Port, PortedWorkload } from '../port/port.js';
import { folderOf, type RenderedFile } from '../render.js';
import type { Entry } from '../report/ledger.js';
import { Code, printLiteral } from './literal.js';
import { typedObject } from './typed-object.js';

/**
 * Writes the port as a cdk8s app in TypeScript, to own from then on: one chart class a workload, with what differs from
 * ECS as its comment, and `main.ts` that synthesizes the same YAML files as the port itself renders.
 *
 * The app runs on Node 24 as it stands (`npm install && npm run synth`) and needs no compiler.
 *
 * @example for (const { path, text } of emitTypeScript(port)) writeFileSync(join(out, path), text)
 */
export function emitTypeScript(port: Port): readonly RenderedFile[] {
  const entries = groupEntries(port.entries);
  const rendered = port.workloads.filter((workload) => workload.manifests.length > 0);
  const charts = rendered.map((workload) => chartOf(workload, entries));
  const files = charts.map(({ path, text }) => ({ path, text }));
  const shared =
    port.shared.length === 0
      ? undefined
      : printChart('Shared', '0-shared', ['What the workloads share: to be applied first.'], port.shared);
  return [
    ...(shared === undefined ? [] : [{ path: 'charts/shared.ts', text: shared }]),
    ...files,
    { path: 'main.ts', text: mainOf(charts, shared !== undefined) },
    { path: 'package.json', text: PACKAGE },
    { path: 'tsconfig.json', text: TSCONFIG },
  ];
}

interface EmittedChart {
  readonly path: string;
  readonly text: string;
  readonly className: string;
  readonly folder: string;
}

function chartOf(workload: PortedWorkload, entries: ReadonlyMap<string, readonly Entry[]>): EmittedChart {
  const { namespace, name, kind, manifests } = workload;
  const folder = folderOf(workload);
  const className = pascalCase(name);
  const source = workload.workload.service?.definition.node ?? workload.workload.taskDefinition.definition.node;
  const from = source === undefined ? '' : ` (${formatPosition(positionOf(source))})`;
  const documents = new Set([workload.workload.service?.document, workload.workload.taskDefinition.document]);
  const lost = [...documents].flatMap((document) => entries.get(document ?? '') ?? []);
  const comment = [
    `${kind} ${namespace}/${name}, from the ECS ${workload.workload.kind} ${workload.workload.name}${from}.`,
    ...differences(lost),
  ];
  return {
    path: `charts/${folder}/${name}.ts`,
    text: printChart(className, name, comment, manifests),
    className,
    folder,
  };
}

function groupEntries(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.fidelity === 'same' || entry.leaves > 1) continue;
    const group = groups.get(entry.document);
    if (group === undefined) groups.set(entry.document, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** More than this many lines of differences are for the report, not for a comment. */
const MAXIMUM_DIFFERENCES = 40;

function differences(entries: readonly Entry[]): readonly string[] {
  if (entries.length === 0) return [];
  const lines = entries.map((entry) => `- ${entry.path} (${entry.fidelity}): ${entry.lost ?? 'see the report'}`);
  const more =
    lines.length > MAXIMUM_DIFFERENCES ? [`- and ${lines.length - MAXIMUM_DIFFERENCES} more, in the report`] : [];
  return ['', 'What differs from ECS:', ...lines.slice(0, MAXIMUM_DIFFERENCES), ...more];
}

function printChart(className: string, id: string, comment: readonly string[], manifests: readonly Manifest[]): string {
  const constants = new Map<string, string>();
  const ids = new Set<string>();
  const statements = manifests.map((manifest) => printObject(manifest, constants, ids));
  const body = statements.join('\n');
  const cdk8s = ['Chart', ...(body.includes('new ApiObject(') ? ['ApiObject'] : [])].sort().join(', ');
  const declarations = [...constants].map(([name, value]) => `const ${name} = ${value};`);
  return [
    `import { ${cdk8s} } from 'cdk8s';`,
    ...(body.includes('k8s.') ? ["import { k8s } from 'cdk8s-plus-27';"] : []),
    "import type { Construct } from 'constructs';",
    '',
    ...(declarations.length === 0 ? [] : [...declarations, '']),
    '/**',
    ...comment.map((line) => ` * ${line.replaceAll('*/', '*\\/').replace(/[\r\n\u2028\u2029]+/g, ' ')}`.trimEnd()),
    ' */',
    `export class ${className} extends Chart {`,
    `  constructor(scope: Construct, id = ${printLiteral(id, 0)}) {`,
    '    super(scope, id, { disableResourceNameHashes: true });',
    '',
    body,
    '  }',
    '}',
    '',
  ].join('\n');
}

function printObject(manifest: Manifest, constants: Map<string, string>, ids: Set<string>): string {
  const { constructorName, props } = typedObject(manifest);
  const { kind, metadata } = manifest;
  const plain = kebabCase(kind);
  const id = ids.has(plain) ? `${plain}-${metadata.name}` : plain;
  ids.add(plain);
  return `    new ${constructorName}(this, ${printLiteral(id, 0)}, ${printLiteral(hoist(props, constants), 4)});\n`;
}

/** What a reader changes most stands at the top of the file: the namespace and the images. */
function hoist(value: unknown, constants: Map<string, string>, path: readonly string[] = []): unknown {
  if (value instanceof Code) return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown) => {
      const name = typeof item === 'object' && item !== null && 'name' in item ? String(item.name) : '';
      return hoist(item, constants, [...path, name]);
    });
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, hoist(item, constants, [...path, key])]),
    );
  }
  const key = path.at(-1);
  if (typeof value !== 'string') return value;
  if (key === 'namespace' && path.at(-2) === 'metadata') return constant('namespace', value, constants);
  const list = path.at(-3);
  if (key === 'image' && (list === 'containers' || list === 'initContainers'))
    return constant(`${camelCase(path.at(-2) ?? '')}Image`, value, constants);
  return value;
}

function constant(name: string, value: string, constants: Map<string, string>): Code {
  const literal = printLiteral(value, 0);
  const earlier = constants.get(name);
  const free = earlier === undefined || earlier === literal ? name : camelCase(withHash(name.toLowerCase(), value));
  constants.set(free, literal);
  return new Code(free);
}

function mainOf(charts: readonly EmittedChart[], shared: boolean): string {
  const folders = [...new Set(charts.map((chart) => chart.folder))];
  const alias = (chart: EmittedChart): string =>
    folders.length > 1 ? pascalCase(`${chart.folder}-${chart.className}`) : chart.className;
  const imports = charts.map((chart) => {
    const name = alias(chart);
    return `import { ${name === chart.className ? name : `${chart.className} as ${name}`} } from './${chart.path}';`;
  });
  const app = (variable: string, folder: string): string =>
    `const ${variable} = new App({ outdir: ${printLiteral(folder, 0)}, outputFileExtension: '.yaml' });`;
  const blocks = folders.map((folder, index) => {
    const variable = `app${index + 1}`;
    const own = charts.filter((chart) => chart.folder === folder);
    return [
      app(variable, `dist/${folder}`),
      ...own.map((chart) => `new ${alias(chart)}(${variable});`),
      `${variable}.synth();`,
    ].join('\n');
  });
  return [
    "import { App } from 'cdk8s';",
    ...(shared ? ["import { Shared } from './charts/shared.ts';"] : []),
    ...imports,
    '',
    ...(shared ? [app('sharedApp', 'dist'), 'new Shared(sharedApp);', 'sharedApp.synth();', ''] : []),
    blocks.join('\n\n'),
    '',
  ].join('\n');
}

function pascalCase(text: string): string {
  const name = text
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return /^[A-Za-z]/.test(name) ? name : `W${name}`;
}

function camelCase(text: string): string {
  const name = pascalCase(text);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function kebabCase(text: string): string {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

const PACKAGE = `{
  "private": true,
  "type": "module",
  "scripts": { "synth": "node main.ts" },
  "engines": { "node": ">=24" },
  "dependencies": { "cdk8s": "2.70.106", "cdk8s-plus-27": "2.9.5", "constructs": "10.8.1" }
}
`;

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true,
    "allowImportingTsExtensions": true,
    "verbatimModuleSyntax": true
  },
  "include": ["main.ts", "charts"]
}
`;
