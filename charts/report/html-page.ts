import { createHash } from 'node:crypto';

/** Colours hold a contrast of at least 4.5 to 1 on their ground in both schemes; fidelity is written out, never colour alone. */
const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --panel: #f6f8fa;
  --same: #1a7f37; --near: #7d5900; --needs-addon: #8250df; --none: #cf222e; --link: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --quiet: #9198a1; --line: #3d444d;
  --panel: #161b22; --same: #3fb950; --near: #d29922; --needs-addon: #b48cf2; --none: #f85149; --link: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 100rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: .5rem 0; } h2 { margin: 2.5rem 0 .5rem; } code, pre { font: .875em/1.45 ui-monospace, monospace; overflow-wrap: break-word; } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
p, li { max-width: 75ch; } .quiet { color: var(--quiet); }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th, td { min-width: 9ch; max-width: 60ch; } td:has(> code:only-child) { min-width: 24ch; }
thead th { background: var(--panel); } td.number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } .scroll table { table-layout: fixed; min-width: 66rem; } .scroll code { overflow-wrap: anywhere; }
.scroll th, .scroll td { min-width: 0; max-width: none; } .scroll th:nth-child(1) { width: 8.5rem; } .scroll th:nth-child(3) { width: 17%; }
.scroll th:nth-child(4) { width: 21%; } .scroll th:nth-child(5) { width: 16%; } .scroll th:nth-child(6) { width: 12%; } .scroll:focus-visible { outline: 2px solid var(--link); }
.same { color: var(--same); } .near { color: var(--near); } .needs-addon { color: var(--needs-addon); } .none { color: var(--none); }
td.fidelity { font-weight: 600; white-space: nowrap; }
.bar { display: flex; height: .75rem; width: 100%; min-width: 8rem; border-radius: 3px; overflow: hidden; background: var(--line); }
.bar span { background: currentColor; min-width: 3px; }
form { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding: .75rem 0;
  background: var(--ground); border-bottom: 1px solid var(--line); }
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
legend { float: left; margin-right: 1rem; } label { white-space: nowrap; }
input[type=search] { font: inherit; min-width: 16rem; padding: .25rem .5rem; color: inherit; background: var(--ground);
  border: 1px solid var(--quiet); border-radius: 4px; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .75rem 0; padding: 0 1rem; }
details.why { border: 0; margin: 0; padding: 0; } details.why summary { padding: 0; font-weight: 400; }
a { color: var(--link); } :target { scroll-margin-top: 4rem; } td .bar { margin-top: .4rem; }
summary { cursor: pointer; padding: .75rem 0; font-weight: 600; } summary small { font-weight: 400; color: var(--quiet); }
[hidden] { display: none !important; } html:not(.script) form { display: none; }
@media print { form { display: none; } details { break-inside: avoid-page; } }
`;

/** Hides the rows that are not asked for. The page is whole without it. */
const SCRIPT = `
(() => {
  document.documentElement.classList.add('script');
  const text = document.getElementById('text');
  const boxes = [...document.querySelectorAll('input[name=fidelity]')];
  const status = document.getElementById('shown');
  const parts = [...document.querySelectorAll('details.fields')].map((part) => ({
    part, rows: [...part.querySelectorAll('tbody tr')].map((row) => ({ row, words: row.textContent.toLowerCase() })),
  }));
  const apply = () => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const { part, rows } of parts) {
      let here = 0;
      const title = part.dataset.title;
      for (const { row, words: own } of rows) {
        const fits = wanted.has(row.dataset.fidelity) && words.every((word) => own.includes(word) || title.includes(word));
        row.hidden = !fits;
        if (fits) here++;
      }
      part.hidden = here === 0 && words.length > 0;
      shown += here;
    }
    status.textContent = shown.toLocaleString() + (shown === 1 ? ' field shown' : ' fields shown');
  };
  let timer;
  text.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
  for (const box of boxes) box.addEventListener('change', apply);
  document.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
  apply();
})();
`;

/**
 * The start of a page that takes nothing from anywhere: its policy allows just this script, so even a
 * fault in escaping could not make text of the input run.
 *
 * @param title escaped text
 */
export function pageStart(title: string): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${hashOf(SCRIPT)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
`;
}

/** What ends the page. */
export function pageEnd(): string {
  return `</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
