kill $(cat member)
# The lowest free number is the next one. Whoever takes a lower one keeps it.
for attempt in {1..100}; do
  coproc unshare --uts sh -c 'hostname guest; stat -Lc %i /proc/self/ns/uts
    exec sleep 1000'
  read number <&${COPROC[0]}
  [ $number = $(cat number) ] && break
done 2> /dev/null
