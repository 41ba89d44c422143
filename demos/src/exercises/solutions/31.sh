for name in ash birch cedar elm; do
  space=$(lsns --noheadings --output NS --type user --task $(pgrep -x $name))
  above=$(lsns --noheadings --output PNS --type user --task $(pgrep -x $name))
  echo $name $above $space
done > seen
while read name above _; do
  parent=$(awk -v above=$above '$3 == above { print $1 }' seen)
  echo $name ${parent:--}
done < seen > answer
