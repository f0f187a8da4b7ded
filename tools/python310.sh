#!/usr/bin/env bash
# Prints a Python 3.10 of this machine, which LineaPy needs to trace: one on the PATH, pyenv's or uv's.
# Prints nothing, and fails, when there is none.
set -u
candidates=("$(command -v python3.10)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python)
if pyenv=$(command -v pyenv); then candidates+=("$("$pyenv" root)"/versions/3.10.*/bin/python); fi
if uv=$(command -v uv); then candidates+=("$("$uv" python find --offline 3.10 2>/dev/null)"); fi
for python in "${candidates[@]}"; do
    if [ -x "$python" ] && "$python" -c 'import sys; raise SystemExit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done
exit 1
