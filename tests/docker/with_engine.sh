#!/bin/bash
# Runs a command beside a Docker engine, on a machine that has none and reaches no registry of images:
#
#   PYTHON=.venv/bin/python tests/docker/with_engine.sh .venv/bin/python -m pytest tests/docker
#
# Needs Linux, root, Debian's packages, and in PYTHON this package with its extra "local". Nothing is installed: the
# packages are unpacked in a cache folder, and the engine runs in namespaces that end with the command and in which
# there is no network but loopback and the containers'.
# The image is a stand-in: the managed server's Java and jars under an entry point that takes NEO4J_AUTH and the
# NEO4J_* settings as the official one does. It proves the compose file and the tests' containers, not Neo4j's image.
set -euo pipefail

version=${LINEAGE_GRAPH_NEO4J_VERSION:-2026.08.1}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lineage-graph-docker
root=$cache/root
image=$cache/neo4j-$version.tar
export DOCKER_HOST=unix://$cache/docker.sock DOCKER_CONFIG=$cache/config
export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CONNECTION_MODE=docker_host

unpack_packages() {
  local debs=$cache/debs compose=() mirror
  mkdir -p "$debs/partial" "$cache/lists/partial" "$DOCKER_CONFIG/cli-plugins"
  apt-get update -qq
  apt-get install -qq --yes --download-only --no-install-recommends -o Dir::Cache::archives="$debs" \
    docker.io iptables tini
  if ! apt-cache policy docker-compose | grep -q 'Candidate: 2'; then
    # Debian 12 has version 1, which is another program; version 2 is one binary that runs there too.
    mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* | head -n 1)
    echo "deb $mirror trixie main" >"$cache/trixie.list"
    compose=(-o "Dir::Etc::SourceList=$cache/trixie.list" -o Dir::Etc::SourceParts=/dev/null
      -o "Dir::State::Lists=$cache/lists" -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=")
    apt-get update -qq "${compose[@]}"
  fi
  (cd "$debs" && apt-get download -qq "${compose[@]}" docker-compose)
  for package in "$debs"/*.deb; do dpkg -x "$package" "$root"; done
  cp "$root"/usr/libexec/docker/cli-plugins/docker-compose "$DOCKER_CONFIG/cli-plugins/"
  # What Debian's alternatives would link.
  ln -sf xtables-nft-multi "$root/usr/sbin/iptables"
  ln -sf xtables-nft-multi "$root/usr/sbin/ip6tables"
}

make_image() {
  local files=$cache/image lib java program
  lib=$("${PYTHON:-python}" -c "from lineage_graph.server import jars; print(jars.fetch('$version'))")
  java=$("${PYTHON:-python}" -c "from lineage_graph.server import java; print(java.find_java('$version').program)")
  rm -rf "$files"
  mkdir -p "$files"/{usr/bin,lib64,lib/x86_64-linux-gnu,opt,etc,tmp,data,logs,var/lib/neo4j/conf}
  cp -r "$lib" "$files/var/lib/neo4j/lib"
  cp -rL "$(dirname "$(dirname "$(readlink -f "$java")")")" "$files/opt/java"
  for program in bash env ln wget; do cp -L "$(command -v $program)" "$files/usr/bin/"; done
  ldd "$files"/usr/bin/* "$files"/opt/java/lib/server/libjvm.so "$files"/opt/java/lib/*.so | grep -oE '=> /[^ ]+' | sort -u |
    while read -r _ library; do cp -Ln "$library" "$files/lib/x86_64-linux-gnu/"; done
  cp "$root/usr/bin/tini-static" "$files/usr/bin/tini"
  cp -L /lib64/ld-linux-x86-64.so.2 "$files/lib64/"
  ln -s usr/bin "$files/bin"
  echo root:x:0:0:root:/root:/bin/bash >"$files/etc/passwd"
  cat >"$files/entrypoint.sh" <<'ENTRYPOINT'
#!/bin/bash
set -eu
cd /var/lib/neo4j
ln -sfn /data data
ln -sfn /logs logs
{
  echo server.default_listen_address=0.0.0.0
  for name in ${!NEO4J_*}; do
    [[ $name =~ ^NEO4J_[a-z] ]] || continue
    setting=${name#NEO4J_} setting=${setting//__/-} setting=${setting//_/.}
    echo "${setting//-/_}=${!name}"
  done
} >conf/neo4j.conf
export NEO4J_HOME=$PWD NEO4J_CONF=$PWD/conf
java=(/opt/java/bin/java -Xmx512m -cp "lib/*" --add-opens=java.base/java.nio=ALL-UNNAMED
  --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED)
# Refused when the data has a password already.
"${java[@]}" org.neo4j.cli.AdminTool dbms set-initial-password "${NEO4J_AUTH#neo4j/}" || true
entry=(lib/neo4j-server-5*) && [ -e "${entry[0]}" ] && main=CommunityEntryPoint || main=Neo4jCommunity
exec "${java[@]}" "org.neo4j.server.$main" --console-mode --home-dir="$PWD" --config-dir="$PWD/conf"
ENTRYPOINT
  chmod +x "$files/entrypoint.sh"
  tar --create --file "$image.part" --directory "$files" .
  mv "$image.part" "$image"
  rm -r "$files"
}

run() {
  local status=0
  ip link set lo up
  PATH=$root/usr/bin:$root/usr/sbin:$PATH LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu \
    XTABLES_LIBDIR=$root/usr/lib/x86_64-linux-gnu/xtables \
    dockerd --host "$DOCKER_HOST" --ip 127.0.0.1 --data-root "$cache/data" --exec-root "$cache/exec" \
    --pidfile "$cache/docker.pid" >"$cache/docker.log" 2>&1 &
  engine=$!
  trap 'kill $engine; wait $engine || true' EXIT
  export PATH=$PATH:$root/usr/bin
  timeout 60 bash -c 'until docker version; do sleep 0.5; done' >/dev/null 2>&1 || { tail "$cache/docker.log" >&2; return 1; }
  docker image inspect "neo4j:$version-community" >/dev/null 2>&1 ||
    docker import --change 'ENTRYPOINT ["tini", "-g", "--", "/entrypoint.sh"]' --change 'ENV PATH=/usr/bin' \
      --change 'VOLUME ["/data", "/logs"]' --change 'EXPOSE 7474 7687' "$image" "neo4j:$version-community" >/dev/null
  "$@" || status=$?
  return $status
}

if [ "${1:-}" = --in-namespace ]; then
  shift
  run "$@"
else
  [ -e "$DOCKER_CONFIG/cli-plugins/docker-compose" ] || unpack_packages
  [ -e "$image" ] || make_image
  exec unshare --net --pid --mount --fork --mount-proc --kill-child "$0" --in-namespace "$@"
fi
