#!/usr/bin/env bash
# Names what this machine lacks for building Gantry, and how to get it. Installs nothing.
set -u
missing=0

lacks() { # what, how to get it
  printf 'missing: %s\n  get it: %s\n' "$1" "$2" >&2
  missing=1
}

at_least() { # wanted version, found version
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

need() { # program, wanted version, found version, how to get it
  if ! command -v "$1" >/dev/null 2>&1; then
    lacks "$1 $2 or newer" "$4"
  elif ! at_least "$2" "$3"; then
    lacks "$1 $2 or newer (found ${3:-no version})" "$4"
  fi
}

number() { grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1; }

[ "$(uname -s)" = Linux ] || lacks 'Linux' 'run it on Linux, in a virtual machine or a container'
need cargo 1.92.0 "$(cargo --version 2>/dev/null | number)" 'https://rustup.rs, then: rustup update stable'
need node 20.3.0 "$(node --version 2>/dev/null | number)" 'https://nodejs.org, version 20 or newer'
need npm 9.0.0 "$(npm --version 2>/dev/null | number)" 'comes with Node.js: https://nodejs.org'
need git 2.38.0 "$(git --version 2>/dev/null | number)" 'your distribution, for example: apt install git'
need python3 3.8.0 "$(python3 --version 2>/dev/null | number)" 'your distribution, for example: apt install python3 python3-pip'
if command -v python3 >/dev/null 2>&1 && ! python3 -m pip --version >/dev/null 2>&1; then
  lacks 'pip for python3' 'your distribution, for example: apt install python3-pip'
fi
command -v cc >/dev/null 2>&1 || lacks 'a C compiler (cc)' 'your distribution, for example: apt install build-essential'
exit "$missing"
