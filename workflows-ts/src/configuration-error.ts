import { readFileSync } from 'node:fs';

/** A variable or a file says something that cannot be meant. The message is one line for people. */
export class ConfigurationError extends Error {}

/** `name` has a value that is not what is expected. Shows the value: not for secrets. */
export function wrong(name: string, value: string, expected: string): ConfigurationError {
  return new ConfigurationError(`${name} is ${JSON.stringify(value)}; expected ${expected}`);
}

/** The value, if it is one of the choices. */
export function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw wrong(name, value.toLowerCase(), `one of ${choices.join(', ').toLowerCase()}`);
  return choice;
}

/** The content of a file that a setting names. */
export function readNamed(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(`${name} names the file ${path}, which cannot be read (${code})`);
  }
}

/** What went wrong in one line, without the stack. */
export function firstLineOf(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
  return line;
}
