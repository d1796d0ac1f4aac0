# shellcheck shell=bash
# shellcheck disable=SC2154 # $tmp is of lib.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who has a secret, on top of lib-sstpd.sh.

# locked NAME PROCESS: KiB of its memory that never get into the swap space
locked()
{
	awk '/^VmLck:/ { print $2 }' "/proc/$(process_of "$1" "$2")/status"
}

# all_locked NAME PROCESS: all that could, which is what is of no file
all_locked()
{
	grep -E '^(VmLck|RssAnon):' "/proc/$(process_of "$1" "$2")/status" | tee "$tmp/locked"
	awk '{ kib[$1] = $2 } END { exit !(kib["VmLck:"] && kib["VmLck:"] >= kib["RssAnon:"]) }' \
		"$tmp/locked"
}

process_of() # NAME PROCESS
{
	if [[ $2 == parent ]]; then
		cat "$tmp/$1.pid"
	else
		pgrep -P "$(<"$tmp/$1.pid")" "^sstpd-$2\$"
	fi
}

# holders NAME SECRET: processes of that sstpd whose memory has it, hex if 0x...
holders()
{
	local pid parent

	parent=$(<"$tmp/$1.pid")
	for pid in "$parent" $(pgrep -P "$parent"); do
		python3 - "$pid" "$2" <<-'END' || continue
		import re, sys
		pid, text = sys.argv[1:]
		secret = bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()
		found = seen = 0
		with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
		    for line in maps:
		        low, high, mode, name = re.match(
		            r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", line).groups()
		        if mode[0] != "r" or name in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
		            continue
		        mem.seek(int(low, 16))
		        data = mem.read(int(high, 16) - int(low, 16))
		        seen += len(data)
		        found += data.count(secret)
		assert seen > 1 << 20, "no memory to be read"
		sys.exit(found == 0)
		END
		sed 's/^sstpd$/parent/; s/^sstpd-//' "/proc/$pid/comm"
	done | sort | xargs
}
