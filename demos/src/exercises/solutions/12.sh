nsenter --target $(cat container) --pid sleep 1000 &
