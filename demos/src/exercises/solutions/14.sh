count="lsns --type pid --noheadings --output NPROCS"
echo $($count --task $(cat container)) \
    $(nsenter --target $(cat container) --pid --mount $count) > answer
