cd /sys/fs/cgroup
mkdir -p one two

# An old mount in sight: `/sys/fs/cgroup` begins above.
bash -c 'echo 0 > one/cgroup.procs
exec unshare --cgroup bash -c "echo 0 > cgroup.procs; exec sleep 1000"' &

# Nothing of it in sight: covered, and the cover locked by another owner.
bash -c 'echo 0 > two/cgroup.procs
exec unshare --cgroup --mount bash -c "
cd /
mount -t tmpfs none /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
exec unshare --user --map-root-user --mount sleep 1000"' &
