# The image of one Rust worker, chosen by its queue, and of the command line. From the root of the repository:
#   docker build --file docker/rust.Dockerfile --build-arg WORKER=heavy-compute --build-arg ADMIN_PORT=9601 .
#   docker build --file docker/rust.Dockerfile --target cli .
# It needs BuildKit, which is Docker's default builder. Base images have exact tags; add their digests where you mirror them.

FROM rust:1.95.0-slim-trixie AS sources
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY proto proto
COPY activities activities
COPY workers workers
COPY tests tests
# Cargo compares time stamps. What the cache below holds may be of another branch and newer than a changed file here.
RUN find proto activities workers tests -type f -exec touch {} +

FROM sources AS build-worker
ARG WORKER=heavy-compute
# The caches outlive the layer, so that a changed line costs its own crate and not its dependencies; all images share them.
RUN --mount=type=cache,id=gantry-crates,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=gantry-target,target=/src/target,sharing=locked \
    cargo build --release --locked --package "gantry-${WORKER}" \
    && install -D --target-directory=/out "target/release/gantry-${WORKER}" \
    && ln -s "gantry-${WORKER}" /out/gantry-worker

FROM sources AS build-cli
RUN --mount=type=cache,id=gantry-crates,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=gantry-target,target=/src/target,sharing=locked \
    cargo build --release --locked --package gantry \
    && install -D --target-directory=/out target/release/gantry

FROM debian:trixie-20260824-slim AS runtime
# git and ssh fetch repositories. tini is PID 1: a clone that is cancelled is killed with its children, and those whose
# parent dies first become children of PID 1, which has to collect them; the worker waits for its own gits only.
# Packages have no versions here: the mirrors keep only the newest, with the security fixes that a build is to have.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git openssh-client tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 gantry \
    && useradd --uid 10001 --gid gantry --no-create-home --home-dir /var/lib/gantry gantry \
    # What is mounted here for the first time takes this owner over.
    && install --directory --owner=gantry --group=gantry /var/lib/gantry /srv/gantry
COPY LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.md /usr/share/doc/gantry/
ENV GANTRY_HOME=/var/lib/gantry
# Workspaces: large, written all the time, and of this container alone.
VOLUME ["/var/lib/gantry"]
WORKDIR /var/lib/gantry
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

FROM runtime AS cli
LABEL org.opencontainers.image.title="gantry" \
      org.opencontainers.image.description="The command line of Gantry"
COPY --from=build-cli /out/ /usr/local/bin/
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/gantry"]
CMD ["--help"]

FROM runtime AS worker
ARG WORKER=heavy-compute
ARG ADMIN_PORT=9601
LABEL org.opencontainers.image.title="gantry-${WORKER}" \
      org.opencontainers.image.description="The worker of Gantry's queue ${WORKER}"
COPY --from=build-worker /out/ /usr/local/bin/
ENV GANTRY_ADMIN_LISTEN=0.0.0.0:${ADMIN_PORT} \
    GANTRY_LOG_FORMAT=json
EXPOSE ${ADMIN_PORT}
# Ready, not merely alive: the server answers and every queue is polled. Nothing restarts a container for it.
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/gantry-worker", "--check-health"]
# The worker drains on it: no new tasks, a grace period, then the rest goes back to the queue with its checkpoint.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/gantry-worker"]
