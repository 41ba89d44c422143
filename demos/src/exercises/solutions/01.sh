for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  link=$(readlink $process/ns/user)
  [ "$link" = "$(readlink /proc/self/ns/user)" ] || break
done
ps -o comm= -p $(ps -o ppid= -p $pid) > answer
