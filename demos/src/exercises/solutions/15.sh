# With the file that says which number was the last.
unshare --pid --fork --mount-proc sh -c '
  echo 4241 > /proc/sys/kernel/ns_last_pid
  sleep 1000 & wait' &
# With clone3(2), which takes a wish.
answer &
