// Bundled with the workflows: the SDK looks for `interceptors` in each module that it is given.
import {
  OpenTelemetryInboundInterceptor,
  OpenTelemetryInternalsInterceptor,
  OpenTelemetryOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import type { Next, QueryInput, WorkflowInboundCallsInterceptor, WorkflowInterceptors } from '@temporalio/workflow';

/** Progress is asked for again and again; a span for each answer would bury the run's own. */
class InboundExceptQueries extends OpenTelemetryInboundInterceptor {
  override handleQuery(input: QueryInput, next: Next<WorkflowInboundCallsInterceptor, 'handleQuery'>) {
    return next(input);
  }
}

/** A run's span hangs below the one of who started it, and each activity's below the run's. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [new InboundExceptQueries()],
  outbound: [new OpenTelemetryOutboundInterceptor()],
  internals: [new OpenTelemetryInternalsInterceptor()],
});
