import { WORKER } from './paths.js';
import { SERVER_ARGUMENTS, temporalCli } from './temporal-cli.js';
import { WatchedProcess } from './watched-process.js';

const started: WatchedProcess[] = [];

function start(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): WatchedProcess {
  const process = new WatchedProcess(command, args, environment);
  started.push(process);
  return process;
}

/** The worker as it is shipped, with these variables and no others. */
export function startWorker(environment: NodeJS.ProcessEnv): WatchedProcess {
  return start(process.execPath, [WORKER], {
    PATH: process.env['PATH'],
    TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
    GANTRY_ADMIN_LISTEN: '127.0.0.1:0',
    ...environment,
  });
}

/** A server on that port of the loopback. */
export function startServer(
  port: number,
  namespace: string,
  more: readonly string[] = SERVER_ARGUMENTS,
): WatchedProcess {
  const args = ['--headless', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace];
  return start(temporalCli(), ['server', 'start-dev', ...args, ...more], process.env);
}

/** Runs the Temporal CLI and gives its exit code. */
export function runCli(args: readonly string[]): Promise<number | null> {
  return start(temporalCli(), args, process.env).exited;
}

/** Ends whatever was started, at once. */
export function stopAll(): void {
  for (const process of started) process.signal('SIGKILL');
}
