for name in first second third; do ip netns add $name; done
ip -n first link add to-third type veth peer name to-first netns third
ip -n first address add 10.0.2.1/24 dev to-third
ip -n third address add 10.0.2.2/24 dev to-first
ip -n first link set to-third up
ip -n third link set to-first up
