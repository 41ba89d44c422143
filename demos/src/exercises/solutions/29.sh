kill $(cat member)
wanted=$(cat number)
# The lowest free number is the next one. Whoever has a lower one keeps it.
until [ "$number" = $wanted ]; do
  exec 9< <(exec unshare --uts sh -c '
    hostname guest; stat -Lc %i /proc/self/ns/uts; exec sleep 1000')
  read number <&9
  [ $number -le $wanted ] || kill $!
done
