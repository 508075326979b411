# One image for every process: docker build -t sevk . ; docker run sevk worker run. compose.yaml starts them all.
FROM swift:6.2-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libuv1-dev libhiredis-dev libpq-dev libcurl4-openssl-dev \
      libssl-dev libwslay-dev libexpat1-dev libyaml-dev libqrencode-dev zlib1g-dev node-llhttp pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Which commit it is, for --version: docker build --build-arg SEVK_COMMIT=$(git rev-parse --short HEAD)
ARG SEVK_COMMIT
ENV SEVK_COMMIT=$SEVK_COMMIT
COPY Package.swift ./
COPY Sources Sources
# The manifest names the test targets, so their folders have to be there.
COPY Tests Tests
RUN mkdir /out \
 && for program in dispatcher worker scheduler gateway; do \
      swift build -c release --static-swift-stdlib --product "$program" \
      && strip --strip-unneeded -o "/out/$program" ".build/release/$program" || exit 1; \
    done

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libcurl4 libhiredis0.14 libpq5 libssl3 \
      libstdc++6 libuv1 libwslay1 libexpat1 libyaml-0-2 libqrencode4 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --uid 990 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin sevk
COPY --from=build /out/ /usr/bin/
USER sevk
# Addresses inside the container; what is published is decided outside.
ENV SEVK_HTTP_ADDRESS=0.0.0.0:8080 SEVK_GATEWAY_ADDRESS=0.0.0.0:8081 SEVK_METRICS_ADDRESS=0.0.0.0:9090 SEVK_LOG_FORMAT=json
EXPOSE 8080 8081 9090
# Alive, not ready: a process that waits for its database must not be restarted for that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200 '"]
CMD ["dispatcher", "run"]
