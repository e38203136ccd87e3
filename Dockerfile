# Three images from one file: `server` (the default, Dragoman), `node` (a call node whose engines are all workers,
# without their libraries) and `turn` (coturn with our configuration).
#   docker build -t dragoman .
#   docker build -t dragoman-node --target node .
#   docker build -t dragoman-turn --target turn .

FROM python:3.11-slim-bookworm AS source
WORKDIR /src
RUN python -m venv /opt/dragoman
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY pyproject.toml README.md LICENSE ./
COPY clients clients
COPY media media
COPY models models
COPY nodes nodes
COPY pipeline pipeline
COPY remote remote
COPY server server
COPY accounts accounts
COPY signaling signaling
COPY voice_programs voice_programs
COPY starter starter
COPY storage storage
COPY turn turn
COPY web web
COPY wire wire

FROM source AS build
# Not editable, so the source stays behind in this stage; every dependency is a wheel, so no compiler is needed.
# With what settings alone switch on (PostgreSQL, workers by way of Redis, traces, noise suppression), and with the
# reading of Japanese, without which espeak-ng speaks no line with kanji.
RUN /opt/dragoman/bin/pip install '.[postgres,redis,trace,denoise,ja]'


FROM source AS node-build
COPY deploy/node-requirements.txt deploy/node-requirements.txt
RUN /opt/dragoman/bin/pip install -r deploy/node-requirements.txt \
    && /opt/dragoman/bin/pip install --no-deps . 'faster-whisper>=1.2,<2'


# Debian's coturn, 4.6.1: the one that the tests run.
FROM python:3.11-slim-bookworm AS turn
RUN apt-get update \
    && apt-get install -y --no-install-recommends coturn \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 1000 --no-create-home --shell /usr/sbin/nologin coturn-relay
COPY turn /opt/dragoman/turn
ENV PYTHONPATH=/opt/dragoman PYTHONDONTWRITEBYTECODE=1
USER 1000
EXPOSE 3478/udp 3478/tcp
HEALTHCHECK --interval=30s --timeout=10s --retries=3 CMD ["turnutils_stunclient", "-p", "3478", "127.0.0.1"]
# The configuration holds the secret, so it is written at the start, into memory (see docker-compose.yml).
CMD ["sh", "-c", "python -m turn /run/coturn/turnserver.conf && exec turnserver -c /run/coturn/turnserver.conf"]


FROM python:3.11-slim-bookworm AS node
RUN useradd --system --uid 1000 --no-create-home --shell /usr/sbin/nologin dragoman \
    && install -d -o 1000 -g 1000 -m 0750 /var/lib/dragoman
COPY --from=node-build /opt/dragoman /opt/dragoman
ENV PATH=/opt/dragoman/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DRAGOMAN_MODE=production \
    DRAGOMAN_HOST=0.0.0.0 \
    DRAGOMAN_PORT=8080 \
    DRAGOMAN_DATA=/var/lib/dragoman
USER 1000
VOLUME /var/lib/dragoman
EXPOSE 8080/tcp
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, ssl, urllib.request as r; e = os.environ; s = \"s\" * bool(e.get(\"DRAGOMAN_TLS_CERTIFICATE\")); r.urlopen(f'http{s}://127.0.0.1:{e[\"DRAGOMAN_PORT\"]}/health', timeout=5, context=ssl._create_unverified_context())"]
# Dragoman finishes the sentence that is being spoken when it is told to stop.
STOPSIGNAL SIGTERM
CMD ["dragoman", "serve"]


FROM python:3.11-slim-bookworm AS server
RUN apt-get update \
    && apt-get install -y --no-install-recommends espeak-ng \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 1000 --no-create-home --shell /usr/sbin/nologin dragoman \
    && install -d -o 1000 -g 1000 -m 0750 /var/lib/dragoman
COPY --from=build /opt/dragoman /opt/dragoman
ENV PATH=/opt/dragoman/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DRAGOMAN_MODE=production \
    DRAGOMAN_HOST=0.0.0.0 \
    DRAGOMAN_PORT=8080 \
    DRAGOMAN_DATA=/var/lib/dragoman
USER 1000
VOLUME /var/lib/dragoman
EXPOSE 8080/tcp
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, ssl, urllib.request as r; e = os.environ; s = \"s\" * bool(e.get(\"DRAGOMAN_TLS_CERTIFICATE\")); r.urlopen(f'http{s}://127.0.0.1:{e[\"DRAGOMAN_PORT\"]}/health', timeout=5, context=ssl._create_unverified_context())"]
# Dragoman finishes the sentence that is being spoken when it is told to stop.
STOPSIGNAL SIGTERM
CMD ["dragoman", "serve"]
