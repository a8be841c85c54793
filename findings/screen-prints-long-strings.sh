#!/usr/bin/env bash
# GNU screen 4.9.0: a string for the terminal around it is handed on up to 767 bytes; of a longer one the rest is printed.
#
# ESC P … ESC \ is screen's way to let a program inside speak to the terminal outside, for the clipboard for
# instance. From 768 bytes on the first 768 are dropped and what follows them is drawn in the window as text: with
# a token in it, in the open. Pieces of less each arrive whole, one after the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq screen=4.9.0-4 >/dev/null 2>&1
dpkg -x screen_*.deb root
mkdir -m 700 sockets
cat >look.py <<'PYTHON'
import os, pty, re, select, sys, time

def bytes_outside(inside):
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", LC_ALL="C", SCREENDIR=os.path.abspath("sockets"), SYSSCREENRC="/dev/null")
        os.execv("root/usr/bin/screen", ["screen", "-c", "/dev/null", "sh", "-c", inside])
    seen, until = b"", time.time() + 8
    while time.time() < until:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    return seen

def string(body):
    return "printf '\\033P%s\\033\\\\' " + body + "; sleep 1"

def outcome(length):
    # An operating system command of that many bytes, which a terminal outside would take.
    head = "\x1b]0;"
    body = head + "A" * (length - len(head) - 1 - 4) + "BBBB" + "\x07"
    with open("body", "w") as file:
        file.write(body)
    seen = bytes_outside(string('"$(cat body)"'))
    whole = body.encode() in seen
    left = seen.replace(body.encode(), b"")
    return "handed on whole" if whole else ("not handed on" + (", its end is printed" if b"BBBB" in left else ""))

for length in (767, 900):
    print(f"{length} bytes: {outcome(length)}")
PYTHON
root/usr/bin/screen -v | cut -d' ' -f1-3
seen=$(python3 look.py)
printf '%s\n' "$seen"
[ "$seen" = "767 bytes: handed on whole
900 bytes: not handed on, its end is printed" ] || { echo "this has changed" >&2; exit 1; }
