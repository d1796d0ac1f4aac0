# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Helpers of the project's own scripts; sourced, not run.

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

need_root()
{
	[[ $(id -u) -eq 0 ]] || die "must run as root: $1"
}

# debian_mirror [LABEL]: base address of the archive of that label (Debian,
# Debian-Security) in this machine's apt sources
debian_mirror()
{
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
		"Identifier: Packages" "Component: main" "Label: ${1:-Debian}" |
		awk '{ sub("/$", "", $2); print $2; exit }'
}

# apt_of_root DIRECTORY COMMAND...: apt-get or apt-cache with the sources of the test VM's
# root, which is in $vm_dir. DIRECTORY has what they keep: `apt-get update` comes first.
apt_of_root()
{
	local dir=$1 command=$2

	shift 2
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	"$command" -o "Dir::Etc::SourceList=${vm_dir:?}/sources.list" -o Dir::Etc::SourceParts=- \
		-o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache" \
		-o APT::Sandbox::User=root "$@"
}

# mount_propagation: the one for `unshare --mount` by which what is mounted then vanishes with
# the namespace, however that ends. In a chroot whose / is no mount point nothing can be
# made private: it has to be undone.
mount_propagation()
{
	if unshare --mount --propagation private true 2>/dev/null; then
		echo private
	else
		echo unchanged
	fi
}

# drop_root DIR: a root file system, and before that what whoever was killed while he made
# it has left mounted there
drop_root()
{
	local dir

	dir=$(realpath -m "$1")
	awk -v below="$dir/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac |
		xargs -r umount
	rm -rf --one-file-system "$dir"
}

# kill_tree PID: it and all that came of it, as one that dies alone leaves the others
kill_tree()
{
	local child

	for child in $(pgrep -P "$1"); do
		kill_tree "$child"
	done
	kill "$1" 2>/dev/null || true
}

# hook FILE LINE BEFORE [blank]: puts LINE there once, ahead of the line that BEFORE
# matches; with a blank line behind it, if so
hook()
{
	local line=$2${4:+\\$'\n'}

	grep -qxF "$2" "$1" || sed -i -e "0,/$3/{/$3/i\\" -e "$line" -e '}' "$1"
	grep -qxF "$2" "$1" || die "$1 has no line like $3"
}

# with_progress WHAT CMD...: runs CMD with its output in a log, shows the time
# and the log's last line while it runs, and the log's end if it fails.
with_progress()
{
	local what=$1 log pid start=$SECONDS status=0 every=15 next=0
	shift

	log=$(mktemp)
	[[ -t 2 ]] && every=1
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		if ((SECONDS - start >= next)); then
			((next)) && progress_line "$what" $((SECONDS - start)) "$log"
			next=$((SECONDS - start + every))
		fi
		sleep 0.2
	done
	wait "$pid" || status=$?
	[[ -t 2 ]] && printf '\r\033[K' >&2
	if ((status)); then
		tail -n 40 "$log" >&2
		echo "$what: failed after $((SECONDS - start)) s (end of its output above)" >&2
	else
		echo "$what: done in $((SECONDS - start)) s" >&2
	fi
	rm -f "$log"
	return "$status"
}

progress_line()
{
	local last

	last=$(tail -n 1 "$3" | tr '\r' '\n' | tail -n 1 | tr -dc '[:print:]')
	if [[ -t 2 ]]; then
		printf '\r\033[K%s: %d s: %.60s' "$1" "$2" "$last" >&2
	else
		printf '%s: %d s: %.80s\n' "$1" "$2" "$last" >&2
	fi
}
