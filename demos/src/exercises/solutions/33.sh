ip link add here type veth peer name there netns $(cat container)
ip address add 10.0.0.1/24 dev here
ip link set here up
nsenter --target $(cat container) --net sh -c '
  ip address add 10.0.0.2/24 dev there
  ip link set there up'
