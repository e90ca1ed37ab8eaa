# The image of the TypeScript worker, which runs every workflow. From the root of the repository:
#   docker build --file docker/workflows.Dockerfile .
# It needs BuildKit, which is Docker's default builder. Base images have exact tags; add their digests where you mirror them.

FROM node:24.20.0-trixie-slim AS build
WORKDIR /app
COPY workflows-ts/package.json workflows-ts/package-lock.json ./
RUN --mount=type=cache,id=gantry-npm,target=/root/.npm,sharing=locked \
    npm ci --ignore-scripts --no-audit --no-fund
COPY workflows-ts/tsconfig.json ./
COPY workflows-ts/src src
# The build writes the workflow bundle, so that a start needs no webpack. The SDK's native part comes for five platforms;
# four of them go.
RUN npm run build \
    && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
       ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24.20.0-trixie-slim AS worker
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY docker/check-health.mjs ./
COPY LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.md /usr/share/doc/gantry/
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="gantry-workflows" \
      org.opencontainers.image.description="The worker of Gantry's queue workflows" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
ENV NODE_ENV=production \
    GANTRY_ADMIN_LISTEN=0.0.0.0:9606 \
    GANTRY_LOG_FORMAT=json
EXPOSE 9606
# The user `node` of the base image, as a number, so that an orchestrator can see that it is not root. It owns nothing here.
USER 1000:1000
# Ready, not merely alive: the server answers and the queue is polled. Nothing restarts a container for it.
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 \
    CMD ["node", "/app/check-health.mjs"]
STOPSIGNAL SIGTERM
# No init: this process starts no others, and it handles the signals itself.
ENTRYPOINT ["node", "/app/dist/src/worker.js"]
