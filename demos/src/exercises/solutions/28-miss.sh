unshare --uts sh -c 'hostname mounted; exec sleep 1000' &
unshare --uts sh -c 'hostname opened; exec sleep 1000' &
unshare --uts sh -c 'hostname posted; exec sleep 1000' &
