# The project with Airflow, for docker-compose.yml. Nothing is downloaded when it runs.
FROM python:3.11-slim

ENV AIRFLOW_HOME=/opt/airflow \
    WIREWATCH_SEEDS_DIR=/opt/wirewatch/seeds \
    WIREWATCH_DATA_DIR=/var/lib/wirewatch \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --uid 50000 --create-home --home-dir /opt/airflow wirewatch \
    && install -d -o wirewatch /opt/airflow/logs /var/lib/wirewatch

WORKDIR /opt/wirewatch

# The lock first: this layer is built again only when a dependency changes.
COPY requirements.lock ./
RUN pip install --require-hashes --no-deps -r requirements.lock

COPY pyproject.toml README.md ./
COPY pipeline ./pipeline
COPY seeds ./seeds
# The build backend comes with the lock, so that nothing unhashed is fetched.
RUN pip install --no-deps --no-build-isolation .
COPY dags ./dags
COPY plugins ./plugins

USER wirewatch
CMD ["airflow", "version"]
