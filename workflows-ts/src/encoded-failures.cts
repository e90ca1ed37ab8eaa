// CommonJS, because the SDK loads it with `require` into the worker and bundles it for the workflows' sandbox.
import common = require('@temporalio/common');

/** Moves the message and the stack trace of a failure into a payload, where the codec encrypts them. */
const failureConverter = new common.DefaultFailureConverter({ encodeCommonAttributes: true });

export = { failureConverter };
