# git: a repository with history, hooks that speak and one that refuses, clones over file:// and git://, worktrees,
# a merge, a rebase, packing and checking.
set -eu
say() { printf '%s: %s\n' "$1" "$2"; }
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@localhost
export HOME=/tmp/home
mkdir -p "$HOME" /tmp/git
cd /tmp/git
git config --global init.defaultBranch main
git config --global advice.detachedHead false
git init -q one
cd one
printf '#!/bin/sh\necho "pre-commit by $(id -un)" >>../hooks\n' >.git/hooks/pre-commit
printf '#!/bin/sh\ngrep -q allowed "$1"\n' >.git/hooks/commit-msg
chmod 755 .git/hooks/*-commit .git/hooks/commit-msg
for n in $(seq 40); do
	echo "line $n" >>file
	mkdir -p "folder$n" && seq 1000 >"folder$n/numbers"
	git add . && git commit -qm "allowed $n"
done
git commit -q --allow-empty -m refused && status=0 || status=$?
say refused "$status"
say hooks "$(sort -u ../hooks) $(wc -l <../hooks)"
say commits "$(git rev-list --count HEAD)"
git switch -qc side HEAD~3 && echo other >other && git add other && git commit -qm 'allowed on the side'
git rebase -q main && git switch -q main && git merge -q --no-ff -m 'allowed merge' side
say merged "$(git log --merges --oneline | wc -l) $(cat other)"
git repack -qad --threads=2 && git gc -q --prune=now
say packs "$(ls .git/objects/pack/*.pack | wc -l)"
git fsck --strict >/dev/null 2>&1
say fsck $?
cd ..
git clone -q file:///tmp/git/one two
say clone "$(git -C two rev-parse HEAD | grep -c "$(git -C one rev-parse HEAD)")"
git clone -q --depth 1 file:///tmp/git/one shallow
say shallow "$(git -C shallow rev-list --count HEAD)"
git daemon --reuseaddr --listen=127.0.0.1 --port=9418 --export-all --enable=receive-pack --base-path=/tmp/git /tmp/git 2>/tmp/daemon &
daemon=$!
for _ in $(seq 300); do git ls-remote -q git://127.0.0.1/one >/dev/null 2>&1 && break; sleep 0.1; done
git clone -q git://127.0.0.1/one three
printf '#!/bin/sh\necho "received $(wc -l)" >/tmp/git/received\n' >one/.git/hooks/post-receive
chmod 755 one/.git/hooks/post-receive
git -C three switch -qc pushed && git -C three commit -q --allow-empty -m 'allowed from far' && git -C three push -q origin pushed
say pushed "$(git -C one log -1 --format=%s pushed), $(cat received)"
kill $daemon
git -C two worktree add -q ../tree HEAD~1
say worktree "$(ls tree | wc -l)"
git -C one archive HEAD | tar -tf - >/tmp/git/listing
say archive "$(grep -c numbers listing)"
git -C one grep -c 'line 4' HEAD -- file | sed 's/.*:/grep: /'
