import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { REPOSITORY } from './paths.js';

/** The Temporal CLI, which carries the server. Never downloads anything. */
export function temporalCli(): string {
  const asked = process.env['GANTRY_TEMPORAL_CLI'] ?? '';
  const candidates =
    asked === ''
      ? [
          join(REPOSITORY, '.tools', 'bin', 'temporal'),
          ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'temporal')),
        ]
      : [asked];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new Error(
      asked === ''
        ? 'No Temporal CLI: put it at .tools/bin/temporal or on the PATH, or name it in GANTRY_TEMPORAL_CLI'
        : `GANTRY_TEMPORAL_CLI is "${asked}", and there is no such file`,
    );
  }
  return found;
}

/** Arguments that make a dev server like ours: our search attributes, and timers that do not lag by a second. */
export const SERVER_ARGUMENTS = [
  ...['GantrySystem=Keyword', 'GantryRepo=Keyword', 'GantryRoute=Keyword', 'GantryBytes=Int'].flatMap((attribute) => [
    '--search-attribute',
    attribute,
  ]),
  '--dynamic-config-value',
  'history.timerProcessorMaxTimeShift="10ms"',
];
