import { inspect } from 'node:util';
import { DefaultLogger, type LogEntry, type LogLevel } from '@temporalio/worker';

/** How log lines look. */
export interface LineStyle {
  readonly format: 'text' | 'json';
  readonly colours: boolean;
}

const COLOURS: Record<LogLevel, number> = { TRACE: 90, DEBUG: 90, INFO: 32, WARN: 33, ERROR: 31 };

/** A logger for the worker and for what the SDK says, one line per entry on stderr. */
export function stderrLogger(level: LogLevel, style: LineStyle): DefaultLogger {
  return new DefaultLogger(level, (entry) => process.stderr.write(`${lineOf(entry, style)}\n`));
}

/** Colours are for people at a terminal who have not asked for none. */
export function wantsColours(stream: { isTTY?: boolean }, noColour: string | undefined): boolean {
  return stream.isTTY === true && (noColour ?? '') === '';
}

/** One log entry as one line. */
export function lineOf({ level, message, timestampNanos, meta }: LogEntry, style: LineStyle): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  // Symbol keys are the SDK's own business; Object.entries leaves them out.
  const fields = Object.entries((meta ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined);
  if (style.format === 'json') {
    const head = { time, level: level.toLowerCase(), message };
    const plain = Object.fromEntries(fields.map(([key, value]) => [key, plainOf(value)]));
    // Once to come first, once more because no field may pass itself off as one of them.
    return JSON.stringify({ ...head, ...plain, ...head });
  }
  const name = level.padEnd(5);
  const shown = style.colours ? `\u001b[${COLOURS[level]}m${name}\u001b[0m` : name;
  return [time, shown, oneLine(message), ...fields.map(([key, value]) => `${key}=${textOf(value)}`)].join(' ');
}

function plainOf(value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'object' || typeof value === 'bigint' ? oneLine(inspect(value)) : value;
}

function textOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  const text = typeof value === 'string' ? value : value instanceof Error ? value.message : inspect(value);
  return /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(text);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/gu, ' ');
}
