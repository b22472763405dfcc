import { Ledger } from '../report/ledger.js';
import type { EcsInput } from './input.js';

/** An input with nothing in it, for readers to append to. @param ledger where it is accounted. @default a new one */
export function emptyInput(ledger = new Ledger()): EcsInput {
  return {
    ledger,
    taskDefinitions: [],
    services: [],
    runTasks: [],
    schedules: [],
    scaling: [],
    targetGroups: [],
    appSpecs: [],
    placeholders: [],
    diagnostics: [],
  };
}
