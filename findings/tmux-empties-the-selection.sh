#!/usr/bin/env bash
# tmux 3.3a: a text for the clipboard goes out to no clipboard in particular, or not at all.
#
# A program inside asks for the selection `c` (OSC 52;c;…), the clipboard proper. With `set-clipboard on` tmux hands the text
# to the terminal around it with an empty selection, which terminals read differently: xterm's answer is the primary
# selection, kitty's the clipboard. With `set-clipboard external`, its default, nothing goes out at all, and the
# program inside is told nothing in either case.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq tmux=3.3a-3 >/dev/null 2>&1
dpkg -x tmux_*.deb root
cat >look.py <<'PYTHON'
import os, pty, re, select, subprocess, sys, time

tmux, setting = os.path.abspath("root/usr/bin/tmux"), sys.argv[1]
socket = os.path.abspath(f"socket-{setting}")
inside = "printf '\\033]52;c;aGVsbG8=\\007'; sleep 1"
pid, master = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
    os.execv(tmux, [tmux, "-S", socket, "-f", "/dev/null", "set", "-s", "set-clipboard", setting, ";", "new-session", inside])
seen, until = b"", time.time() + 8
while time.time() < until:
    ready, _, _ = select.select([master], [], [], 0.2)
    if not ready:
        continue
    try:
        data = os.read(master, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
found = re.search(rb"\x1b\]52;([^;]*);([^\x07\x1b]*)", seen)
print(f"{setting}: " + (f"selection {found[1].decode()!r}, text {found[2].decode()}" if found else "nothing goes out"))
PYTHON
root/usr/bin/tmux -V
seen=$(for setting in on external; do python3 look.py $setting; done)
printf '%s\n' "$seen"
[ "$seen" = "on: selection '', text aGVsbG8=
external: nothing goes out" ] || { echo "this has changed" >&2; exit 1; }
