#!/bin/sh
# Idle memory of `serve`: its resident set after ten quiet seconds, on SQLite. Reported, not a gate; the aim is below 40 MiB.
#
#   cargo build --release && benches/memory.sh [PROGRAM]
set -eu
program=$(realpath "${1:-target/release/countersign}")
folder=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
export COUNTERSIGN_LISTEN=127.0.0.1:0 COUNTERSIGN_ADMIN_LISTEN=127.0.0.1:0
"$program" init --mail-domain bench.example --public-url http://127.0.0.1:8080 --smtp-url "file://$folder/mails" >/dev/null
"$program" serve 2>serve.log &
server=$!
sleep 10
kill -0 "$server" || { cat serve.log; exit 1; }
awk '/^(VmRSS|RssAnon|VmHWM|Threads):/ { printf "%s %s %s\n", $1, $2, $3 }' "/proc/$server/status"
