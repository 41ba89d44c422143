ip link set lo up
exec 3<>/dev/udp/127.0.0.1/9
unshare --net sleep 1000 &
