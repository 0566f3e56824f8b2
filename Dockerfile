# syntax=docker/dockerfile:1
# One image a service, and one for the migration: docker build --build-arg SERVICE=chat -t forerun/chat:0.1.0 .
# SERVICE is a name of scripts/build/bundled.ts. The image holds Node and that bundle: no npm, no shell, no sources.

FROM node:24-slim AS build
WORKDIR /src
# What the lock file names is fetched again only when it changes. Install scripts stay off but for those that are allowed by name.
COPY package.json package-lock.json ./
COPY packages packages
COPY services services
COPY cli cli
COPY web web
COPY evals/package.json evals/package.json
COPY gateway/package.json gateway/package.json
RUN npm ci --ignore-scripts --no-audit --no-fund && npm rebuild esbuild
COPY scripts scripts
COPY tsconfig.json LICENSE ./
ARG SERVICE
RUN test -n "$SERVICE" && npm run --silent build -- "$SERVICE" && mv "dist/$SERVICE" /app

# Debian's libc and Node, and a user without a name: 65532.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
ARG SERVICE
LABEL org.opencontainers.image.title="forerun-$SERVICE" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=0:0 --chmod=a=rX /app /app
USER 65532:65532
# http, grpc, metrics
EXPOSE 8080 8081 9464
# Node is the entry point; SIGTERM reaches it as process 1 and begins the drain.
CMD ["main.js"]
