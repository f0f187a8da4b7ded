#!/usr/bin/env bash
# Prints a Python of a version (3.10, say) of this machine: one on the PATH, pyenv's or uv's.
# Prints nothing, and fails, when there is none.
set -u
version=$1
candidates=("$(command -v "python$version")" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python)
if pyenv=$(command -v pyenv); then candidates+=("$("$pyenv" root)"/versions/"$version".*/bin/python); fi
if uv=$(command -v uv); then candidates+=("$("$uv" python find --offline "$version" 2>/dev/null)"); fi
for python in "${candidates[@]}"; do
    if [ -x "$python" ] && [ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$version" ]; then
        echo "$python"
        exit 0
    fi
done
exit 1
