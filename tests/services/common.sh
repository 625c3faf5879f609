# shellcheck shell=bash
# What the scripts in this folder share. Sourced, never run.

# Debian keeps servers and their tools here, outside an ordinary user's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

die() {
    echo "${0#"$PWD"/}: $*" >&2
    exit 1
}

# Prints the comment at the head of the script that sources this.
usage() {
    sed --quiet '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

is_root() { [[ $(id -u) == 0 ]]; }

# Runs a command as root: directly, or through sudo where that asks for no password.
as_root() {
    if is_root; then "$@"; else sudo -n "$@"; fi
}

may_be_root() {
    is_root || { command -v sudo && sudo -n true; } >/dev/null 2>&1
}

# Prints N different ports of 127.0.0.1 that nobody listens on. They lie below the range that the kernel gives to
# `bind(0)`, so that a test cannot be given one of them in the meantime.
free_ports() {
    local wanted=$1 port
    local -A taken=()
    while ((${#taken[@]} < wanted)); do
        port=$((20000 + RANDOM % 12000))
        if [[ -z ${taken[$port]:-} ]] && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            taken[$port]=1
            echo "$port"
        fi
    done
}

# Waits until something listens on a port of 127.0.0.1, at most so many seconds.
wait_for_port() {
    local port=$1 deadline=$((SECONDS + $2))
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        ((SECONDS < deadline)) || return 1
        sleep 0.05
    done
}

# 24 letters and digits from the kernel's random source.
new_password() {
    head --bytes=64 /dev/urandom | base64 --wrap=0 | tr --delete '+/=' | cut --characters=1-24
}
