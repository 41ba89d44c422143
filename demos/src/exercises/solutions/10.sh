unshare -pf unshare -pf unshare -pf unshare -pf sleep 1000 &
