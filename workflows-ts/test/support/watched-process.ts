import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Gate } from './gate.js';

/** A process whose stderr a test reads line by line. */
export class WatchedProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting: { pattern: RegExp; gate: Gate<RegExpExecArray> }[] = [];
  /** Settles with the exit code. */
  readonly exited: Promise<number | null>;

  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    this.exited = once(this.#child, 'exit').then(([code]) => code as number | null);
    if (this.#child.stderr !== null) {
      createInterface(this.#child.stderr).on('line', (line) => {
        this.#lines.push(line);
        for (const { pattern, gate } of this.#waiting) this.#openIfMatching(pattern, gate, line);
      });
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Waits for a line, and fails if the process ends without one. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const gate = new Gate<RegExpExecArray>();
    this.#waiting.push({ pattern, gate });
    for (const line of this.#lines) this.#openIfMatching(pattern, gate, line);
    const ended = this.exited.then((code) => {
      throw new Error(`the process ended with ${code} before it said ${pattern}:\n${this.#lines.join('\n')}`);
    });
    return await Promise.race([gate.passed, ended]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #openIfMatching(pattern: RegExp, gate: Gate<RegExpExecArray>, line: string): void {
    const match = pattern.exec(line);
    if (match !== null) gate.open(match);
  }
}
