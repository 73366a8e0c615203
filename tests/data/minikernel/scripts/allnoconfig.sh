# SPDX-License-Identifier: GPL-2.0
# allnoconfig in miniature: every symbol is off unless $1 asks for it and its dependencies,
# plain ones joined by &&, are on.
cat Kconfig mm/Kconfig drivers/virtio/Kconfig | awk -v allconfig="$1" '
BEGIN {
	while ((getline line < allconfig) > 0)
		if (match(line, /^CONFIG_[A-Z0-9_]+=/)) {
			name = substr(line, 8, RLENGTH - 8)
			want[name] = substr(line, RLENGTH + 1)
		}
}
/^config / { name = $2; order[++count] = name; prompt[name] = 0; need[name] = "" }
/^\t(bool|int) "/ { prompt[name] = 1 }
/^\tdepends on / && name { sub(/^\tdepends on /, ""); need[name] = $0 }
/^\tBROKEN/ { print "mm/Kconfig:1: syntax error" > "/dev/stderr"; exit 1 }
END {
	for (round = 0; round < 5; round++)
		for (i = 1; i <= count; i++) {
			name = order[i]; good = prompt[name]
			terms = split(need[name], term, / && /)
			for (t = 1; t <= terms; t++)
				if (value[term[t]] != "y") good = 0
			value[name] = (good && name in want) ? want[name] : "n"
		}
	for (i = 1; i <= count; i++) {
		name = order[i]
		if (value[name] == "n") print "# CONFIG_" name " is not set"
		else print "CONFIG_" name "=" value[name]
	}
}'
