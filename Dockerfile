# Relais as an image: built with the locked versions, run without root, tools or a shell's worth of anything else.
FROM python:3.11-slim AS build
WORKDIR /src
RUN pip install --no-cache-dir --root-user-action=ignore "uv>=0.13,<0.14"
RUN python -m venv --without-pip /opt/relais
COPY pyproject.toml requirements.lock README.md ./
# The versions and hashes of the lock, for what runs and nothing that only tests.
RUN uv pip compile --quiet --universal --generate-hashes --constraint requirements.lock pyproject.toml -o runtime.lock \
 && uv pip sync --no-cache --python /opt/relais/bin/python --require-hashes runtime.lock
COPY domain domain
COPY projections projections
COPY service service
COPY verifier verifier
RUN uv pip install --no-cache --python /opt/relais/bin/python --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/relais --create-home relais \
 && install -d -m 700 -o relais /var/lib/relais/proof
COPY --from=build /opt/relais /opt/relais
ENV PATH=/opt/relais/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER relais
WORKDIR /var/lib/relais
EXPOSE 8000
ENTRYPOINT ["relais"]
CMD ["serve", "--host", "0.0.0.0"]
