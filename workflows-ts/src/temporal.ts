import type { Logger } from '@temporalio/common';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { untilItWorks } from './backoff.js';
import type { Configuration } from './configuration.js';
import { ConfigurationError } from './configuration-error.js';
import { SearchAttributes } from './contracts/names.js';
import { refusal, suspicion } from './refusal.js';

const ANSWER_MS = 10_000;
const HEALTH_MS = 2000;
const NOT_FOUND = 5;
const SERVING = 1;
const FRONTEND = 'temporal.api.workflowservice.v1.WorkflowService';

/**
 * A connection to a server that has the namespace, and in it the search attributes that our workflows set. Waits for all
 * of that, saying so, until `stop` fires. Fails when the server refuses us, which no waiting mends.
 */
export async function connectWhenReady(
  { address, namespace, connection: options }: Configuration,
  logger: Logger,
  stop: AbortSignal,
): Promise<NativeConnection> {
  const endIfRefused = (error: unknown) => {
    const refused = refusal({ text: textOf(error), code: codeOf(error), reason: reasonOf(error) }, address, options);
    if (refused !== undefined) throw new ConfigurationError(refused);
  };
  const connection = await untilItWorks(
    () => connectInTime(options),
    (error, pause) => {
      endIfRefused(error);
      const reason = `${reasonOf(error)}${suspicion(textOf(error), options)}`;
      logger.warn(`Temporal at ${address} does not answer (${reason}); trying again in ${pause} s`);
    },
    stop,
  );
  try {
    await untilItWorks(
      () => describeNamespace(connection, namespace),
      (error, pause) => {
        endIfRefused(error);
        const state = codeOf(error) === NOT_FOUND ? 'is not there yet' : 'cannot be looked up';
        logger.warn(`Namespace ${namespace} at ${address} ${state} (${reasonOf(error)}); trying again in ${pause} s`);
      },
      stop,
    );
    await untilItWorks(
      () => findSearchAttributes(connection, namespace),
      (error, pause) => {
        logger.warn(`Namespace ${namespace} at ${address} ${reasonOf(error)}; trying again in ${pause} s`);
      },
      stop,
    );
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

// Core sets itself no limit for connecting, and a host that drops packets would keep us silent for minutes.
async function connectInTime(options: NativeConnectionOptions): Promise<NativeConnection> {
  const attempt = NativeConnection.connect(options);
  const limit = AbortSignal.timeout(ANSWER_MS);
  const late = new Promise<never>((_resolve, reject) => {
    limit.addEventListener('abort', () => {
      reject(new Error(`no answer within ${ANSWER_MS / 1000} s`));
      attempt.then((connection) => connection.close()).catch(() => undefined);
    });
  });
  return await Promise.race([attempt, late]);
}

async function describeNamespace(connection: NativeConnection, namespace: string): Promise<void> {
  await connection.withDeadline(Date.now() + ANSWER_MS, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
}

/**
 * Fails when search attributes are missing: the server would refuse the first step of every run, again and again, and
 * the runs would hang instead of failing. A server that does not tell is trusted.
 */
async function findSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { customAttributes } = await connection
    .withDeadline(Date.now() + ANSWER_MS, () => connection.operatorService.listSearchAttributes({ namespace }))
    .catch(() => ({ customAttributes: undefined }));
  const missing = Object.values(SearchAttributes).filter((name) => !(name in (customAttributes ?? { [name]: 0 })));
  if (missing.length > 0) throw new Error(`lacks ${missing.join(', ')}: register them with \`gantry setup\``);
}

/** Why the server cannot be worked with now; undefined when all is well. */
export async function whyUnhealthy(connection: NativeConnection, address: string): Promise<string | undefined> {
  try {
    const answer = await connection.withDeadline(Date.now() + HEALTH_MS, () =>
      connection.healthService.check({ service: FRONTEND }),
    );
    return Number(answer.status) === SERVING ? undefined : `Temporal at ${address} says that it does not serve`;
  } catch (error) {
    return `Temporal at ${address} does not answer (${reasonOf(error)})`;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a person wants to know of an error. Core hands over Rust's debug text, with the system's own words inside. */
export function reasonOf(error: unknown): string {
  const text = textOf(error);
  const systemWords = [...text.matchAll(/message: "(?<words>[^"]+)"/gu)].at(-1)?.groups?.['words'];
  return (systemWords ?? text).replace(/\s+/gu, ' ').trim();
}
