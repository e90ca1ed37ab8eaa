import { readFile } from 'node:fs/promises';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { envDetectorSync, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '@temporalio/common';
import { makeWorkflowExporter } from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry/lib/workflow/definitions.js';
import type { InjectedSinks } from '@temporalio/worker';
import { reasonOf } from './temporal.js';
import type { TracingSettings } from './tracing-settings.js';

const SERVICE_NAME = 'gantry-workflows';
const FLUSH_MS = 3000;

/** The way of the workflows' spans from the sandbox to a collector. */
export class Tracing {
  readonly #settings: TracingSettings;
  readonly #processor: BatchSpanProcessor;
  readonly #logger: Logger;

  constructor(settings: TracingSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
    setGlobalErrorHandler((error) => {
      this.#complain(error);
    });
    this.#processor = new IdsOnly(new OTLPTraceExporter({ httpAgentOptions: { keepAlive: true, ...settings.tls } }));
  }

  /** Where the bundle hands its spans out. */
  get sinks(): InjectedSinks<OpenTelemetrySinks> {
    const own = new Resource({ 'service.name': SERVICE_NAME });
    const resource = Resource.default().merge(own).merge(envDetectorSync.detect());
    return { exporter: makeWorkflowExporter(this.#processor, resource) };
  }

  /** A bundle whose sampler is the one that was asked for. There is no environment in the sandbox, only globals. */
  async bundle(path: string): Promise<{ code: string } | { codePath: string }> {
    const globals = Object.entries(this.#settings.sampler);
    if (globals.length === 0) return { codePath: path };
    // On the first line, so that the lines of stack traces stay what the source map says.
    const assignments = globals.map(([name, value]) => `globalThis.${name}=${JSON.stringify(value)};`);
    return { code: assignments.join('') + (await readFile(path, 'utf8')) };
  }

  /** Sends what is left, for as long as a process that was told to stop can wait. */
  async stop(): Promise<void> {
    const limit = AbortSignal.timeout(FLUSH_MS);
    const late = new Promise<never>((_resolve, reject) => {
      limit.addEventListener('abort', () => {
        reject(new Error(`no answer within ${FLUSH_MS / 1000} s`));
      });
    });
    await Promise.race([this.#processor.shutdown(), late]).catch((error: unknown) => {
      this.#complain(error);
    });
  }

  #complain(error: unknown): void {
    this.#logger.warn(`spans are lost: the collector did not take them (${reasonOf(error)})`);
  }
}

/** The SDK hangs everything that it knows of a run on each span. The ids are enough, named as the Rust SDK names them. */
class IdsOnly extends BatchSpanProcessor {
  override onEnd(span: ReadableSpan): void {
    const { workflowId, runId } = span.attributes;
    super.onEnd({ ...span, attributes: { temporalWorkflowID: workflowId, temporalRunID: runId } });
  }
}
