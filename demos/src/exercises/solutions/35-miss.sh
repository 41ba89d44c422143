# The old root is still there.
unshare --mount --pid --fork bash -c '
mount --bind crater crater
cd crater
mkdir old
mount -t proc none proc
pivot_root . old
exec sleep 1000' &
