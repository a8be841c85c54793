#!/usr/bin/env bash
# arvados-python-client 3.2.1: settings that Arvados' other tools read are lost, or stop it.
#
# settings.conf has one format in name only. Blanks round the `=`, which the Go and Ruby clients take off, become part of the
# setting's name, so there is no host; `export NAME=…`, as Workbench shows the settings for a shell, likewise; quotes
# become part of the value; a value that holds a `=` is an error that stops whatever uses the package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check arvados-python-client==3.2.1
mkdir -p config/arvados
cat >look.py <<'PYTHON'
import arvados.config

lines = [
    "ARVADOS_API_HOST=cluster.example",
    "ARVADOS_API_HOST = cluster.example",
    "export ARVADOS_API_HOST=cluster.example",
    'ARVADOS_API_HOST="cluster.example"',
    "ARVADOS_API_HOST=cluster.example\nNOTE=a=b",
]
for text in lines:
    with open("config/arvados/settings.conf", "w") as file:
        file.write(text + "\n")
    arvados.config._settings = None
    try:
        settings = arvados.config.settings()
        outcome = repr(settings.get("ARVADOS_API_HOST"))
    except ValueError as error:
        outcome = f"ValueError: {error}"
    print(f"{text!r}: {outcome}")
PYTHON
seen=$(env -u ARVADOS_API_HOST -u ARVADOS_API_TOKEN XDG_CONFIG_HOME="$folder/config" python/bin/python -W ignore look.py)
printf '%s\n' "$seen"
[ "$seen" = "'ARVADOS_API_HOST=cluster.example': 'cluster.example'
'ARVADOS_API_HOST = cluster.example': None
'export ARVADOS_API_HOST=cluster.example': None
'ARVADOS_API_HOST=\"cluster.example\"': '\"cluster.example\"'
'ARVADOS_API_HOST=cluster.example\\nNOTE=a=b': ValueError: too many values to unpack (expected 2)" ] || { echo "this has changed" >&2; exit 1; }
