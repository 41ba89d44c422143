for name in first second third; do ip netns add $name; done
ip -n first link add to-second type veth peer name to-first netns second
ip -n third link add to-second type veth peer name to-third netns second
ip -n first address add 10.0.1.1/24 dev to-second
ip -n second address add 10.0.1.2/24 dev to-first
ip -n second address add 10.0.3.2/24 dev to-third
ip -n third address add 10.0.3.1/24 dev to-second
ip -n first link set to-second up
ip -n second link set to-first up
ip -n second link set to-third up
ip -n third link set to-second up
ip -n first route add default via 10.0.1.2
ip -n third route add default via 10.0.3.2
ip netns exec second sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
