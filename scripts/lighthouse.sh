#!/bin/sh
# Lighthouse (mobile) on the first page and on an answer page, as a phone gets them. Reports lie in var/lighthouse.
# It comes from the npm registry, at one version, into var/: nothing of it is part of the site.
set -eu
cd "$(dirname "$0")/.."
version=12.8.2
port=8199
folder=var/lighthouse
mkdir -p "$folder"
[ -x "$folder/node_modules/.bin/lighthouse" ] || npm install --silent --no-audit --no-fund --no-save --prefix "$folder" "lighthouse@$version"
: "${CHROMIUM:=$(command -v chromium)}"
export CHROME_PATH="$CHROMIUM"

# Plain HTTP on this machine alone; all else as in production.
ALLOWED_HOSTS=127.0.0.1 DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/gunicorn portability.wsgi --bind "127.0.0.1:$port" --workers 2 --log-level error &
server=$!
trap 'kill $server' EXIT
sleep 3

site="http://127.0.0.1:$port"
jar=$(mktemp)
token=$(curl -s -c "$jar" "$site/" | sed -n 's/.*name="csrfmiddlewaretoken" value="\([^"]*\)".*/\1/p' | head -n 1)
curl -s -o /dev/null -b "$jar" -c "$jar" -e "$site/" "$site/" \
  -d "csrfmiddlewaretoken=$token" -d origin=ID -d destination=MY -d sector=domestic_work -d status=regular
cookies=$(awk 'NF == 7 { printf "%s=%s; ", $6, $7 }' "$jar")
rm -f "$jar"

measure() { # name, address
  "$folder/node_modules/.bin/lighthouse" "$2" --quiet --output=json --output=html --output-path="$folder/$1" \
    --extra-headers="{\"Cookie\": \"$cookies\"}" --chrome-flags="--headless=new --no-sandbox --disable-gpu" \
    --only-categories=performance,accessibility,best-practices,seo
  .venv/bin/python - "$1" "$folder/$1.report.json" <<'PYTHON'
import json
import sys

name, file = sys.argv[1:]
with open(file, encoding="utf-8") as report:
    scores = json.load(report)["categories"]
print(f"{name:8}" + "".join(f"{key}: {round(100 * one['score']):3}   " for key, one in scores.items()))
PYTHON
}
measure first "$site/"
measure answer "$site/answer/"
