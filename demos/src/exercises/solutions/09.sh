cat > dive <<'END'
#!/bin/bash
# A level further down each time; the last one tells.
unshare --user --map-root-user ./dive $(($1 + 1)) 2> why || echo "$1 $(cat why)"
END
chmod +x dive
./dive 0
echo $(./dive 0 | cut -d' ' -f1) ENOSPC > answer
