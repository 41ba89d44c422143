cd /sys/fs/cgroup
mkdir -p one two
bash -c 'echo 0 > one/cgroup.procs
exec unshare --cgroup bash -c "echo 0 > cgroup.procs; exec sleep 1000"' &

# Covered, but whoever is inside may take the cover away.
bash -c 'echo 0 > two/cgroup.procs
exec unshare --cgroup --mount bash -c "
cd /
mount -t tmpfs none /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
exec sleep 1000"' &
