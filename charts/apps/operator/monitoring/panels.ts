/** One query of a panel. `legend` may name labels: `{{cause}}`. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** A panel before it has a place. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  /** Grafana's unit, as `s`, `short`, `ops`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** A single number rather than lines over time. @default false */
  readonly stat?: boolean;
}

/** Panels that belong together, under a heading. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = 7;
/** Grafana calls queries A, B, C. */
const FIRST_LETTER = 65;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Rows as Grafana has them: numbered, each panel with its place in a grid of 24 columns. */
export function layOut(rows: readonly Row[]): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    for (const [index, panel] of row.panels.entries()) {
      const perLine = COLUMNS / WIDTH;
      const gridPos = {
        x: (index % perLine) * WIDTH,
        y: y + Math.floor(index / perLine) * HEIGHT,
        w: WIDTH,
        h: HEIGHT,
      };
      panels.push(drawn(panel, panels.length + 1, gridPos));
    }
    y += Math.ceil(row.panels.length / (COLUMNS / WIDTH)) * HEIGHT;
  }
  return panels;
}

function drawn({ title, description, unit, queries, stat = false }: Panel, id: number, gridPos: object): object {
  return {
    id,
    type: stat ? 'stat' : 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: stat
      ? { reduceOptions: { calcs: ['lastNotNull'] } }
      : { legend: { displayMode: 'list', showLegend: true } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCodePoint(FIRST_LETTER + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
