# The daily run as a container, for a Cloud Run job. All settings come from the environment: see docs/scheduling.md.
FROM python:3.11-slim AS build
WORKDIR /kpis
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock

FROM python:3.11-slim
WORKDIR /kpis
COPY --from=build /kpis/.venv .venv
COPY dbt_project.yml profiles.yml.example ./
COPY extract extract
COPY review review
COPY daily daily
COPY macros macros
COPY models models
COPY seeds seeds
COPY snapshots snapshots
COPY reports reports
COPY tests/dbt tests/dbt
RUN cp profiles.yml.example profiles.yml && useradd --create-home kpis && chown kpis /kpis
USER kpis
ENV KPI_TARGET=prod PYTHONUNBUFFERED=1
ENTRYPOINT [".venv/bin/python", "-m", "daily"]
