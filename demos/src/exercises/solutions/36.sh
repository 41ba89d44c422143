printf '%s\n' /proc/cpuinfo /proc/meminfo /proc/filesystems > answer
