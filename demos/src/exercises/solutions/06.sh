unshare --user --map-user=1000 sleep 1000 &
