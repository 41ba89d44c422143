# What a less privileged mount namespace begins with is locked there.
unshare --mount sh -c '
  mount --bind /dev/null plan
  exec unshare --user --map-root-user --mount sleep 1000' &
