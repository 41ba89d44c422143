unshare --mount --pid --fork bash -c '
mount --bind crater crater
cd crater
mkdir old
mount -t proc none proc
pivot_root . old
umount --lazy old
exec sleep 1000' &
