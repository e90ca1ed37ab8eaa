import type { NativeConnectionOptions } from '@temporalio/worker';

/** Core hands over Rust's debug text. These are the parts of it that no waiting mends, and what to look at. */
const TLS: readonly (readonly [RegExp, string])[] = [
  [
    /InvalidCertificate\((?<why>UnknownIssuer)/u,
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH has to name the authority that signed the server’s certificate',
  ],
  [
    /InvalidCertificate\((?<why>NotValidForName)/u,
    'TEMPORAL_TLS_SERVER_NAME has to be a name in the server’s certificate',
  ],
  [/InvalidCertificate\((?<why>\w+)/u, 'check the server’s certificate, and the clock of this host'],
  [
    /received fatal alert: (?<why>CertificateRequired)/u,
    'the server wants a client certificate: TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
  ],
  [
    /received fatal alert: (?<why>\w+)/u,
    'check what the server wants; for its certificates: TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH',
  ],
  [/InvalidMessage\((?<why>\w+)/u, 'it does not speak TLS there: check TEMPORAL_ADDRESS and TEMPORAL_TLS'],
];

const REFUSED = /does not have valid authentication credentials|does not have permission/u;
const REFUSED_CODES: readonly unknown[] = [7, 16];

/** An error, and what of it is for people. */
interface Seen {
  readonly text: string;
  readonly code: unknown;
  readonly reason: string;
}

/**
 * One line on why the server will not have us, and what to look at. Nothing if waiting may help. Keys and certificates
 * are read once, so a worker that is refused ends, and reads them anew when it is started again.
 */
export function refusal(
  { text, code, reason }: Seen,
  address: string,
  { apiKey }: NativeConnectionOptions,
): string | undefined {
  if (REFUSED.test(text) || REFUSED_CODES.includes(code)) {
    const check = apiKey === undefined ? 'set TEMPORAL_API_KEY' : 'check TEMPORAL_API_KEY';
    return `Temporal at ${address} refuses us: ${reason}; ${check} (api_key in temporal.toml)`;
  }
  for (const [pattern, check] of TLS) {
    const why = pattern.exec(text)?.groups?.['why'];
    if (why !== undefined) return `no TLS connection to Temporal at ${address}: ${why}; ${check}`;
  }
  return undefined;
}

/** What may be behind a connection that stood and broke at the first call. */
export function suspicion(text: string, { tls, apiKey }: NativeConnectionOptions): string {
  if (!text.includes('GetSystemInfo') || !text.includes('hyper::Error')) return '';
  const encrypted = tls ?? apiKey !== undefined;
  if (encrypted === false) return '; if it wants TLS: TEMPORAL_TLS=true';
  if (typeof tls === 'object' && tls?.clientCertPair != null) {
    return '; if it does not take the client certificate: TEMPORAL_TLS_CLIENT_CERT_PATH';
  }
  return '; if it wants a client certificate: TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';
}
