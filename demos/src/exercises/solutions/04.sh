mkfifo ready
answer > ready &
read < ready
