# The dashboard as an image: docker build -t compute-forecast . ; docker run -p 8501:8501 compute-forecast
# tests/packaging/test_deployment.py runs these commands in a clean environment, without a daemon.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/compute-forecast
RUN /opt/compute-forecast/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml hatch_build.py requirements.txt requirements-postgresql.txt README.md LICENSE app.py ./
COPY .streamlit ./.streamlit
COPY datasets ./datasets
COPY forecasting ./forecasting
COPY dashboard ./dashboard
COPY compute_forecast ./compute_forecast
RUN /opt/compute-forecast/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim-bookworm
# HAProxy, for serve --workers.
RUN apt-get update && apt-get install --yes --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home forecast && install -d -o forecast /var/lib/compute-forecast
COPY --from=build /opt/compute-forecast /opt/compute-forecast
# The root file system may be read-only: what is written goes to the volume and to /tmp.
ENV PATH=/opt/compute-forecast/bin:/usr/local/bin:/usr/bin:/bin
ENV PYTHONDONTWRITEBYTECODE=1
ENV HOME=/tmp
# One heap for all threads: what sessions leave behind is used again.
ENV MALLOC_ARENA_MAX=1
ENV COMPUTE_FORECAST_STORE=/var/lib/compute-forecast/shared.sqlite3
USER 10001
VOLUME /var/lib/compute-forecast
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8501)}/_stcore/health', timeout=2)"]
ENTRYPOINT ["compute-forecast"]
CMD ["serve", "--address", "0.0.0.0", "--port", "8501"]
