unshare --user --map-root-user --pid --fork --mount-proc \
  bash -c 'sleep 1000 & sleep 1000 & sleep 1000 & wait' &
