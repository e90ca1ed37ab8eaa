// The health check of the workflows image: asks the worker of this container whether it is ready. Ends with 0 when it is,
// with 1 and the reason when it is not.
const listen = process.env.GANTRY_ADMIN_LISTEN ?? '127.0.0.1:9606';
// A server that listens everywhere answers on the loopback too.
const address = listen.replace(/^0\.0\.0\.0:/u, '127.0.0.1:').replace(/^\[::\]:/u, '[::1]:');
try {
  const answer = await fetch(`http://${address}/ready`, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(await answer.text());
} catch (error) {
  const { cause, message } = error;
  process.stderr.write(`not ready: ${(cause?.message ?? message).trim()}\n`);
  process.exit(1);
}
