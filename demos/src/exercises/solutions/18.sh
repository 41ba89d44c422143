mount -t tmpfs none /mnt
mount --make-shared /mnt
unshare --mount --propagation slave sleep 1000 &
