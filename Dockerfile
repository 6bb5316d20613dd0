# One image, both modes: `run` (everything in one process tree, SQLite) is the default; compose.yaml starts
# `web`, `worker` and `scheduler` from the same image on PostgreSQL and Redis.

FROM node:22-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
 # of the fonts only WOFF2, of the serif only bold, of the icons only the outlines: the rest is never used
 && find node_modules/@fontsource -name '*.woff' -delete \
 && find node_modules/@fontsource/noto-serif-sc/files -name '*.woff2' ! -name '*-700-normal.woff2' -delete \
 && rm -rf node_modules/@tabler/icons/icons/filled node_modules/@tabler/icons/*.json node_modules/@tabler/icons/categories \
           node_modules/@tabler/core/scss node_modules/@tabler/core/js node_modules/@tabler/core/dist/libs

FROM python:3.13-slim AS built
WORKDIR /app
RUN python -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY --from=front-end /app/node_modules node_modules
COPY . .
# styles and scripts under hashed names, beside their brotli and gzip forms
RUN .venv/bin/python -m ops.build_assets

FROM python:3.13-slim
# posters: a system font for the rarer characters of people's names; backup and restore: PostgreSQL's own tools
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin onetap \
 && install -d -o onetap -g onetap /data
WORKDIR /app
COPY --from=built /app /app
# the program is root's and read-only to whoever runs it; only `demo` writes below /app, and only here
RUN install -d -o onetap -g onetap var/demo
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ONETAP_DATA_DIR=/data
USER onetap
VOLUME /data
EXPOSE 8000
# web and run answer here; worker and scheduler have no port and switch the check off in compose.yaml
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "server.py"]
CMD ["run", "--host", "0.0.0.0", "--port", "8000"]
