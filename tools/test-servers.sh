#!/bin/sh
# Installs the servers that the tests talk to into ./.tools/bin. Needs Go; takes about a minute, once.
set -eu
cd "$(dirname "$0")/.."

# Versity S3 Gateway: a real S3 over a folder (Apache-2.0).
versitygw=v1.8.0

GOBIN="$PWD/.tools/bin" go install "github.com/versity/versitygw/cmd/versitygw@$versitygw"
echo "versitygw $versitygw is in .tools/bin"
