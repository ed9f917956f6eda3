# What the commands in tests/show share. Sourced, never run:
#
#   #!/usr/bin/env bash
#   # What is shown, and what counts as shown.
#   . "$(dirname "$0")/lib.sh"
#   ...
#   finish '[ "$failed" -eq 0 ]' "0 of 1000 exchanges failed"
#
# After this, the shell is in the repository's root, $assayd is the release binary, and $scratch is a directory of this
# command's own. Children started with `start` are stopped, and $scratch removed, when the command ends, however it ends.
# shellcheck shell=bash disable=SC2034 # its variables are for the command that sources it

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

show=$(basename "$0")
scratch=$(mktemp -d)
declare -A children=()

say() { printf '%s: %s\n' "$show" "$*" >&2; }

# Ends the command without a figure: something that the figure rests on did not work. (Told on standard error, so that it
# is seen also out of a command substitution.)
give_up() {
  printf 'FAIL %s: %s\n' "$show" "$*" >&2
  exit 1
}

# finish CONDITION FIGURE: the last line. CONDITION is a test that the shell evaluates; FIGURE says what was measured.
finish() {
  if eval "$1"; then
    printf 'PASS %s: %s\n' "$show" "$2"
    exit 0
  fi
  printf 'FAIL %s: %s (wanted: %s)\n' "$show" "$2" "$1"
  exit 1
}

# start NAME COMMAND...: runs it in the background with its output in $scratch/NAME.out and .err; sets $pid.
start() {
  local name=$1
  shift
  "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" </dev/null &
  pid=$!
  children[$pid]=$name
}

# stop PID [SIGNAL]: sends it (default TERM) and waits for the end; sets $status to the child's exit status.
stop() {
  kill -s "${2:-TERM}" "$1" 2>/dev/null || true
  await "$1"
}

# await PID: waits for a child's own end; sets $status to its exit status.
await() {
  status=0
  wait "$1" || status=$?
  unset "children[$1]"
}

# until_true SECONDS COMMAND...: repeats it until it succeeds.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

port_open() { (: <"/dev/tcp/127.0.0.1/$1"); }

# wait_port PORT [SECONDS]: until something listens there.
wait_port() { until_true "${2:-60}" port_open "$1" || give_up "nothing listens on port $1"; }

# wait_line FILE PATTERN [SECONDS]: until a line of a child's output matches; prints the first that does.
wait_line() {
  until_true "${3:-60}" grep -q -e "$2" "$1" || give_up "no '$2' in $1: $(tail -n 5 "$1")"
  grep -m 1 -e "$2" "$1"
}

# free_port: a port that is free just now, below those that outgoing connections take.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    port_open "$port" 2>/dev/null || {
      echo "$port"
      return
    }
  done
  give_up "no free port"
}

# server NAME: the path of a real server, installed first when it is missing.
server() {
  local path
  path=$(tests/setup --print | sed -n "s/^$1 //p")
  if [ "$path" = - ]; then
    if [ "$1" = promtool ]; then tests/setup prometheus; else tests/setup "$1"; fi
    path=$(tests/setup --print | sed -n "s/^$1 //p")
  fi
  [ "$path" != - ] || give_up "no $1"
  echo "$path"
}

clean_up() {
  local code=$?
  trap - EXIT
  for child in "${!children[@]}"; do kill -s KILL "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$scratch"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cargo build --release --quiet
# Where cargo puts it, wherever that is set.
target=$(cargo metadata --format-version 1 --no-deps --offline | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
assayd=$target/release/assayd
