/** Runs a benchmark by name: `npm run bench -- port`. Each prints its own table; none has thresholds. */
const name = process.argv[2];
const benchmarks = new Map<string, () => Promise<{ run: (words: readonly string[]) => Promise<void> }>>([
  ['port', () => import('./port.bench.js')],
  ['cache', () => import('./operator-cache.bench.js')],
  ['operator', () => import('./operator.bench.js')],
]);
const load = benchmarks.get(name ?? '');
if (load === undefined) {
  process.stderr.write(`usage: npm run bench -- NAME, one of: ${[...benchmarks.keys()].join(', ')}\n`);
  process.exitCode = 2;
} else await (await load()).run(process.argv.slice(3));
