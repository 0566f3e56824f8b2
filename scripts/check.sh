#!/usr/bin/env bash
# Everything that can be said about the code without running it. Each check fails when it sees nothing.
# Usage: npm run check
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

failed=()

# check NAME COMMAND…: runs one check, and goes on to the next whatever it finds.
check() {
  local name=$1 begun=$SECONDS
  shift
  if "$@"; then
    echo "ok      $name  ($((SECONDS - begun)) s)"
  else
    echo "FAILED  $name" >&2
    failed+=("$name")
  fi
}

promises() {
  local report
  report=$(oxlint --type-aware --deny-warnings 2>&1) && [[ $report =~ on\ ([0-9]+)\ files ]] && ((BASH_REMATCH[1] >= 30)) && return
  echo "$report" >&2
  return 1
}

types() {
  local seen
  seen=$(tsc --noEmit --listFilesOnly | grep -vc node_modules)
  ((seen >= 30)) || { echo "tsc sees only $seen files" >&2; return 1; }
  tsc --noEmit
}

# The contracts that callers rely on: a breaking change needs a new baseline, and a reason in the commit that brings it.
breaking() {
  [[ -s proto/baseline.binpb ]] || { echo "proto/baseline.binpb is missing or empty" >&2; return 1; }
  local now
  now=$(mktemp --suffix=.binpb) || return
  buf build -o "$now" --path proto/forerun && buf breaking "$now" --against proto/baseline.binpb
  local outcome=$?
  rm -f "$now"
  return "$outcome"
}

generated() {
  local fresh
  fresh=$(mktemp -d) || return
  buf generate -o "$fresh" &&
    [[ -n $(find "$fresh/packages/contracts/gen" -name '*_pb.ts' -print -quit) ]] &&
    diff -r "$fresh/packages/contracts/gen" packages/contracts/gen
  local outcome=$?
  rm -rf "$fresh"
  return "$outcome"
}

check "format and lint" biome check --error-on-warnings
check "types" types
check "promises" promises
check "who imports whom" node --import tsx scripts/checks/check-dependencies.ts
check "contracts: lint" buf lint
check "contracts: breaking" breaking
check "contracts: generated code is fresh" generated
check "docs and code agree" node --import tsx scripts/checks/docs-agree.ts

if ((${#failed[@]} > 0)); then
  printf '✖ %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "all checks passed"
