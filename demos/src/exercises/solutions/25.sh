answer &
