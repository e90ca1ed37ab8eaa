import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal, suspicion } from '../src/refusal.js';

const ADDRESS = 'temporal.example:7233';

function of(text: string, connection: Parameters<typeof refusal>[2] = {}): string | undefined {
  return refusal({ text, code: undefined, reason: 'Request unauthorized.' }, ADDRESS, connection);
}

function certificate(why: string): string {
  return `tonic::transport::Error(Transport, ConnectError(Custom { kind: InvalidData, error: InvalidCertificate(${why}) }))`;
}

function firstCall(cause: string): string {
  return `Failed to call GetSystemInfo: code: 'Unknown error', message: "transport error", source: tonic::transport::Error(Transport, hyper::Error(${cause}))`;
}

test('a refused key or certificate is told with what to look at', () => {
  const unauthorized =
    'Failed to call GetSystemInfo: code: \'The request does not have valid authentication credentials\', message: "x"';
  const cases: readonly (readonly [string | undefined, string])[] = [
    [of(unauthorized, { apiKey: 's3cret' }), 'Request unauthorized.; check TEMPORAL_API_KEY'],
    [of(unauthorized), 'set TEMPORAL_API_KEY'],
    [of(certificate('UnknownIssuer')), 'UnknownIssuer; TEMPORAL_TLS_SERVER_CA_CERT_PATH'],
    [of(certificate('NotValidForNameContext { expected: DnsName("a") }')), 'TEMPORAL_TLS_SERVER_NAME'],
    [of(certificate('ExpiredContext { time: 1 }')), 'the clock of this host'],
    [of(firstCall('Io, Custom { error: "received fatal alert: CertificateRequired" }')), 'wants a client certificate'],
    [
      of(firstCall('Io, Custom { error: "received fatal alert: UnknownCA" }')),
      'UnknownCA; check what the server wants',
    ],
    [of('ConnectError(Custom { error: InvalidMessage(InvalidContentType) })'), 'does not speak TLS'],
  ];
  for (const [said = '', expected] of cases) {
    assert.ok(said.includes(expected), `${expected} in ${said}`);
    assert.ok(said.includes(ADDRESS) && !said.includes('s3cret') && !said.includes('\n'), said);
  }
});

test('what may pass is no refusal', () => {
  assert.equal(of('ConnectError(ConnectError("tcp connect error", 127.0.0.1:1, Os { code: 111 }))'), undefined);
  assert.equal(of(firstCall('Io, Custom { kind: BrokenPipe, error: "stream closed" }')), undefined);
});

test('a connection that breaks at the first call is told with what may be behind it', () => {
  const broken = firstCall('Io, Custom { kind: BrokenPipe, error: "stream closed" }');
  assert.match(suspicion(broken, {}), /TEMPORAL_TLS=true/u);
  assert.match(suspicion(broken, { tls: true }), /TEMPORAL_TLS_CLIENT_CERT_PATH/u);
  assert.match(suspicion(broken, { apiKey: 's3cret' }), /TEMPORAL_TLS_CLIENT_CERT_PATH/u);
  const clientCertPair = { crt: Buffer.from('c'), key: Buffer.from('k') };
  assert.match(suspicion(broken, { tls: { clientCertPair } }), /does not take the client certificate/u);
  assert.equal(suspicion('Connection refused', {}), '');
});
