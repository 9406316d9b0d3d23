#!/bin/sh
# Installs the servers that the tests talk to into ./.tools. Needs Go and npm; takes about two minutes, once.
set -eu
cd "$(dirname "$0")/.."

# Versity S3 Gateway: a real S3 over a folder (Apache-2.0).
versitygw=v1.8.0

GOBIN="$PWD/.tools/bin" go install "github.com/versity/versitygw/cmd/versitygw@$versitygw"
echo "versitygw $versitygw is in .tools/bin"

# fake-gcs-server: Google Cloud Storage's protocol with its preconditions, in memory (BSD-2-Clause).
gcs=v1.56.1

GOBIN="$PWD/.tools/bin" go install "github.com/fsouza/fake-gcs-server@$gcs"
echo "fake-gcs-server $gcs is in .tools/bin"

# Azurite: Microsoft's own emulator of Blob Storage (MIT). Its telemetry, which the tests switch off, asks for
# releases that not every registry has; these are the newest that fit together.
azurite=3.37.0

PATH="$PWD/node_modules/.bin:$PATH"
mkdir -p .tools/azurite
cat >.tools/azurite/package.json <<'END'
{
  "private": true,
  "overrides": {
    "applicationinsights": "3.16.0",
    "@azure/monitor-opentelemetry": "1.19.0",
    "@azure/monitor-opentelemetry-exporter": "1.0.0-beta.44"
  }
}
END
npm install --prefix .tools/azurite "azurite@$azurite" --no-save --no-audit --no-fund
echo "azurite $azurite is in .tools/azurite"
