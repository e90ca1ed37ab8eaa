import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import type { Identity } from './certificate.js';

// The part of OTLP's opentelemetry/proto/collector/trace/v1/trace_service.proto that is looked at.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    bytes parent_span_id = 4;
    string name = 5;
    repeated KeyValue attributes = 9;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string string_value = 1; }
`);
const Request = root.lookupType('Request');

interface KeyValue {
  readonly key: string;
  readonly value?: { readonly stringValue?: string };
}

type Ids = Partial<Record<'traceId' | 'spanId' | 'parentSpanId', string>>;

interface Received {
  readonly resourceSpans?: {
    readonly resource?: { readonly attributes?: KeyValue[] };
    readonly scopeSpans?: { readonly spans?: (Ids & { readonly name: string; readonly attributes?: KeyValue[] })[] }[];
  }[];
}

/** A span that came in; ids as hexadecimal digits. */
export interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Record<string, string | undefined>;
  readonly resource: Record<string, string | undefined>;
}

/** Takes spans by OTLP over HTTP, and keeps them. */
export class Collector {
  readonly spans: Span[] = [];
  /** Path and content type of each request, in the order in which they came. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';

  private constructor(server: Server, scheme: 'http' | 'https') {
    this.#server = server;
    this.#scheme = scheme;
  }

  /** With an identity it is reached by TLS alone. */
  static async start(identity?: Identity): Promise<Collector> {
    const server = identity === undefined ? createServer() : createSecureServer(identity);
    const collector = new Collector(server, identity === undefined ? 'http' : 'https');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void request.toArray().then((chunks) => {
        collector.#take(request, Buffer.concat(chunks as Buffer[]));
        response.end();
      });
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `${this.#scheme}://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }

  #take({ url, headers }: IncomingMessage, body: Buffer): void {
    this.requests.push(`${url} ${headers['content-type']}`);
    const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const { resourceSpans = [] } = Request.toObject(Request.decode(bytes), { bytes: String }) as Received;
    for (const { resource, scopeSpans = [] } of resourceSpans) {
      for (const { name, traceId, spanId, parentSpanId, attributes } of scopeSpans.flatMap(({ spans = [] }) => spans)) {
        this.spans.push({
          name,
          traceId: hex(traceId),
          spanId: hex(spanId),
          parentSpanId: hex(parentSpanId),
          attributes: record(attributes),
          resource: record(resource?.attributes),
        });
      }
    }
  }
}

function hex(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function record(attributes: KeyValue[] = []): Record<string, string | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value?.stringValue]));
}
