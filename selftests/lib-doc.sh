# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests share that do what a guide in doc/ says, with its own files and commands.
DOC=$(cd "$(dirname "${BASH_SOURCE[0]}")/../doc" && pwd)

# text GUIDE PATTERN: the first block of code behind a line that matches
text()
{
	awk -v pattern="$2" '
		!found { found = $0 ~ pattern; next }
		/^    / { print substr($0, 5); block = 1; next }
		block { exit }' "$DOC/$1.md" | grep . ||
		bail "doc/$1.md has no code behind \"$2\""
}

# block_of GUIDE PATTERN: the number of the line in which that block begins, none = no block
block_of()
{
	awk -v pattern="$2" '
		!found { found = $0 ~ pattern; next }
		/^    / { print NR; exit }' "$DOC/$1.md"
}
