#!/bin/sh
# Spectral on the API's description; what it looks for is in .spectral.yaml. Fails if it finds anything.
# It comes from the npm registry, at one version, into var/: nothing of it is part of the site.
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=.venv/bin/python}"
version=6.16.3
folder=var/spectral
mkdir -p "$folder"
[ -x "$folder/node_modules/.bin/spectral" ] || npm install --silent --no-audit --no-fund --no-save --prefix "$folder" "@stoplight/spectral-cli@$version"
DJANGO_SETTINGS_MODULE=tests.settings "$PYTHON" - "$folder/openapi.json" <<'PYTHON'
import json
import sys

import django

django.setup()

from eligibility.api.schema import description

with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(description(), file)
PYTHON
"$folder/node_modules/.bin/spectral" lint "$folder/openapi.json" --ruleset .spectral.yaml --fail-severity hint
