unshare --user sleep 1000 &
here=$(readlink /proc/self/ns/user)
while [ "$(readlink /proc/$!/ns/user)" = "$here" ]; do :; done
# Who writes the map of groups has CAP_SETGID out here, and so need not deny.
echo 0 0 1 > /proc/$!/uid_map
echo 0 0 1 > /proc/$!/gid_map
