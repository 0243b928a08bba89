# Sourced by ./curator, ./test and .ci/run: what the tool needs on a machine with only the .NET 10 SDK and Node 20.
# Every step looks first whether it is done, works under a lock, keeps quiet, and shows its log when it fails.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
stamps="$root/artifacts/stamps"

say() { printf '%s\n' "curator: $*" >&2; }

need() { # command, what to install
  command -v "$1" >/dev/null || { say "'$1' is missing. Next: install $2, then run the same command again."; exit 2; }
}

# step NAME MESSAGE COMMAND...: runs once, under a lock, with its output in artifacts/stamps/NAME.log
step() {
  local name=$1 message=$2; shift 2
  say "$message"
  # The compiler server and build nodes that a build leaves behind must not hold the lock.
  if ! "$@" >"$stamps/$name.log" 2>&1 9>&-; then
    say "set-up step '$name' failed; the end of its log ($stamps/$name.log):"
    tail -n 25 "$stamps/$name.log" >&2
    exit 2
  fi
  touch "$stamps/$name"
}

# fresh NAME PATH...: whether step NAME was done after the last change of any of the paths
fresh() {
  local name=$1; shift
  [ -e "$stamps/$name" ] && [ -z "$(find "$@" -newer "$stamps/$name" -print -quit 2>/dev/null)" ]
}

locked() {
  mkdir -p "$stamps"
  if command -v flock >/dev/null; then exec 9>"$stamps/lock"; flock 9; fi
}
unlocked() { exec 9>&-; }

web_inputs=("$root/web/src" "$root/web/public" "$root/web/index.html" "$root/web/package-lock.json" "$root/web/vite.config.ts"
  "$root/extension/src" "$root/extension/public" "$root/extension/panel.html" "$root/extension/vite.config.mts")

setup_web() {
  fresh web "${web_inputs[@]}" && [ -e "$root/web/dist/index.html" ] && [ -e "$root/extension/dist/manifest.json" ] && return
  need npm "Node.js 20 or newer"
  fresh web-packages "$root/web/package-lock.json" && [ -d "$root/web/node_modules" ] ||
    step web-packages "fetching the web app's packages" npm --prefix "$root/web" ci --no-audit --no-fund
  # The Worldview extension is built with the web app's tools.
  ln -sfn ../web/node_modules "$root/extension/node_modules"
  step extension "building the Worldview extension" npm --prefix "$root/web" run extension
  step web "building the web app" npm --prefix "$root/web" run build
}

tool_path() {
  local candidate
  for candidate in "$root"/artifacts/bin/Curator.Cli/release*/curator.dll; do
    [ -e "$candidate" ] && { printf '%s' "$candidate"; return; }
  done
}

tool_inputs=("$root/src" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json")

setup_tool() {
  if fresh tool "${tool_inputs[@]}" && fresh web "${web_inputs[@]}" && [ -n "$(tool_path)" ]; then return; fi
  need dotnet "the .NET 10 SDK"
  locked
  setup_web
  fresh tool "${tool_inputs[@]}" "$stamps/web" && [ -n "$(tool_path)" ] ||
    step tool "building (the first time fetches packages and takes a few minutes)" \
      dotnet build "$root/src/Curator.Cli" -c Release -v quiet
  unlocked
}

setup_demo() {
  locked
  demo_packages
  unlocked
}

demo_packages() {
  fresh demo-packages "$root/demo/package-lock.json" && [ -d "$root/demo/node_modules" ] && return
  need npm "Node.js 20 or newer"
  step demo-packages "fetching the demo's imagery (NASA Blue Marble) and land polygons (Natural Earth)" \
    npm --prefix "$root/demo" ci --ignore-scripts --no-audit --no-fund
}

apt_install() { # packages: as root with apt-get; elsewhere says what to do
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    step "apt-update" "updating the package list" apt-get update -q
    step "apt-$1" "installing $*" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
  else
    say "$* is missing. Next: install it with your system's package manager; the tests that need it are skipped until then."
  fi
}

setup_tests() {
  need dotnet "the .NET 10 SDK"
  locked
  command -v chromium >/dev/null || apt_install chromium
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || apt_install postgresql
  command -v ffmpeg >/dev/null || apt_install ffmpeg
  command -v cc >/dev/null || apt_install gcc libc6-dev
  command -v ogrinfo >/dev/null || apt_install gdal-bin
  /usr/bin/python3 -c "import PIL" 2>/dev/null || apt_install python3-pil
  setup_web
  demo_packages
  step tests "building tool and tests" dotnet build "$root/Curator.slnx" -c Release -v quiet
  touch "$stamps/tool"
  unlocked
}
